// Makes one slate with ffmpeg, at the lowest priority: asks ffprobe about the user's own clip, encodes, checks what came out.

import type { Ports } from '../core/ports.ts';
import { slateCommand, type SlateMedia } from '../plan/slate/slate-command.ts';
import type { SlateShape } from '../plan/slate/slate-shape.ts';
import { parseMediaPlaylist } from '../playlist/media-playlist.ts';
import { segmentPath } from './slate-shelf.ts';

export interface SlateTools {
  readonly ports: Pick<Ports, 'files' | 'process'>;
  /** Where finished slates are remembered. */
  readonly directory: string;
  readonly ffmpeg: string;
  readonly ffprobe: string | undefined;
}

export interface SlateFailure {
  readonly kind: 'failed';
  /** `file`: the user's own clip is no good. `text`: this ffmpeg cannot write text. `other`: worth another try. */
  readonly reason: 'file' | 'text' | 'other';
  readonly why: string;
}

export type SlateBuilt = { readonly kind: 'made'; readonly durations: readonly number[] } | SlateFailure;

/** A minute of picture on one busy core. */
const buildLimitMs = 10 * 60_000;
const probeLimitMs = 30_000;

export async function buildSlate(tools: SlateTools, shape: SlateShape, hash: string): Promise<SlateBuilt> {
  const { ports, directory } = tools;
  const { files } = ports;
  const media = shape.file === undefined ? undefined : await probe(tools, shape.file.path);
  if (typeof media === 'string') return { kind: 'failed', reason: 'file', why: media };
  // Not the final names: an earlier supervisor's ffmpeg may still be writing.
  const prefix = `build-${ports.process.pid}-`;
  const command = slateCommand(shape, media, prefix);
  await files.makeDirectory(directory, 0o700);
  for (const { name, text } of command.texts) await files.writeAtomic(`${directory}/${name}`, text, 0o600);
  try {
    const failure = await encode(tools, command.argv, shape);
    return failure ?? (await collect(tools, command.playlist, prefix, hash));
  } finally {
    for (const name of await files.list(directory)) if (name.startsWith(prefix)) await files.remove(`${directory}/${name}`);
  }
}

async function encode(
  { ports, directory, ffmpeg }: SlateTools,
  argv: readonly string[],
  shape: SlateShape,
): Promise<SlateFailure | undefined> {
  const options = { timeoutMs: buildLimitMs, cwd: directory };
  let result = await ports.process.run('nice', ['-n', '19', ffmpeg, ...argv], options);
  if (result.missing) result = await ports.process.run(ffmpeg, argv, options);
  if (result.exitCode === 0) return undefined;
  const last = result.stderr.trim().split('\n').slice(-3).join('; ') || (result.signal ?? `exit code ${result.exitCode}`);
  const why = result.timedOut ? `ffmpeg needed more than ${buildLimitMs / 60_000} minutes` : last;
  const isFull = /no space left|disk quota|cannot allocate/i.test(result.stderr);
  if (isFull || result.exitCode === undefined) return { kind: 'failed', reason: 'other', why };
  if (shape.lines.length > 0 && /drawtext|font/i.test(result.stderr)) return { kind: 'failed', reason: 'text', why };
  return { kind: 'failed', reason: shape.file === undefined ? 'other' : 'file', why };
}

/** On a full disk ffmpeg says nothing and leaves empty files, so what counts is what is there. */
async function collect({ ports, directory }: SlateTools, playlist: string, prefix: string, hash: string): Promise<SlateBuilt> {
  const { files } = ports;
  const parsed = parseMediaPlaylist((await files.readText(`${directory}/${playlist}`)) ?? '');
  const durations = parsed?.segments.map(({ durationSeconds }) => durationSeconds) ?? [];
  for (const index of durations.keys()) {
    const from = `${directory}/${prefix}${index}.ts`;
    if (((await files.stat(from))?.size ?? 0) === 0)
      return { kind: 'failed', reason: 'other', why: `${prefix}${index}.ts is empty: is the disk full?` };
    await files.copy(from, segmentPath(directory, hash, index));
  }
  return durations.length === 0 ? { kind: 'failed', reason: 'other', why: 'ffmpeg wrote no segments' } : { kind: 'made', durations };
}

/** What kind of file it is; a text says why it is no good. */
async function probe({ ports, ffprobe }: SlateTools, path: string): Promise<SlateMedia | string> {
  // Without it the clip is played without its sound, from the start, for as long as the built-in one.
  if (ffprobe === undefined) return { hasSound: false, isStill: false, durationSeconds: undefined };
  const entries = 'stream=codec_type:stream_disposition=attached_pic:format=duration,format_name';
  const argv = ['-v', 'error', '-protocol_whitelist', 'file', '-show_entries', entries, '-of', 'json', `file:${path}`];
  const result = await ports.process.run(ffprobe, argv, { timeoutMs: probeLimitMs });
  if (result.exitCode !== 0) return lastLine(result.stderr) ?? 'ffprobe cannot read it';
  const { streams = [], format = {} } = parseProbe(result.stdout);
  const hasPicture = streams.some(({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1);
  if (!hasPicture) return 'it has no picture';
  const duration = Number(format.duration);
  const isStill = /(?:^|,)(?:image2|\w+_pipe)(?:,|$)/.test(format.format_name ?? '');
  return {
    hasSound: streams.some(({ codec_type }) => codec_type === 'audio'),
    isStill,
    durationSeconds: isStill || !(duration > 0) ? undefined : duration,
  };
}

interface Probe {
  readonly streams?: readonly { readonly codec_type?: string; readonly disposition?: { readonly attached_pic?: number } }[];
  readonly format?: { readonly duration?: string; readonly format_name?: string };
}

function parseProbe(text: string): Probe {
  try {
    return JSON.parse(text) as Probe;
  } catch {
    return {};
  }
}

function lastLine(text: string): string | undefined {
  return (
    text
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^file:/, '') || undefined
  );
}
