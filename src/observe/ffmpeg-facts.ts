// Learns what one ffmpeg binary can do from what it prints about itself.

import type { FfmpegFacts } from '../core/facts.ts';

export type FfmpegQueryName = 'version' | 'protocols' | 'formats' | 'encoders' | 'filters' | 'options' | 'text';

export interface FfmpegQuery {
  readonly name: FfmpegQueryName;
  readonly argv: readonly string[];
}

/** Seven short runs (0.1 to 0.2 s each, all at once if you like) instead of one per protocol and demuxer: `-h full` holds every option. */
export const ffmpegQueries: readonly FfmpegQuery[] = [
  { name: 'version', argv: ['-hide_banner', '-version'] },
  { name: 'protocols', argv: ['-hide_banner', '-protocols'] },
  { name: 'formats', argv: ['-hide_banner', '-formats'] },
  { name: 'encoders', argv: ['-hide_banner', '-encoders'] },
  { name: 'filters', argv: ['-hide_banner', '-filters'] },
  { name: 'options', argv: ['-hide_banner', '-h', 'full'] },
  // The drawtext filter may be there and fail for want of a font; only trying tells.
  {
    name: 'text',
    argv: [
      ...[
        '-hide_banner',
        '-nostdin',
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        "color=size=64x64:duration=0.04,drawtext=text='%{localtime}'",
      ],
      ...['-frames:v', '1', '-f', 'null', '-'],
    ],
  },
];

export interface FfmpegAnswer {
  readonly stdout: string;
  readonly succeeded: boolean;
}

/** A missing answer leaves its set empty: not known, rather than not there. */
export function parseFfmpegFacts(path: string, answers: Readonly<Partial<Record<FfmpegQueryName, FfmpegAnswer>>>): FfmpegFacts {
  const text = (name: FfmpegQueryName): string => answers[name]?.stdout ?? '';
  const formats = parseFormats(text('formats'));
  const filters = new Set(namesAfterFlags(text('filters'), /^ [T.][S.][C.]? (\S+)\s+\S+->\S+/));
  if (answers.text?.succeeded !== true) filters.delete('drawtext');
  return {
    path,
    version: /^ffmpeg version (\S+)/m.exec(text('version'))?.[1] ?? 'unknown',
    protocols: parseInputProtocols(text('protocols')),
    muxers: formats.muxers,
    demuxers: formats.demuxers,
    encoders: new Set(namesAfterFlags(text('encoders'), /^ [VAS][F.][S.][X.][B.][D.] (\S+)/)),
    filters,
    options: parseOptions(text('options')),
  };
}

function namesAfterFlags(text: string, line: RegExp): readonly string[] {
  return text
    .split('\n')
    .flatMap((each) => line.exec(each)?.[1] ?? [])
    .filter((name) => name !== '=');
}

/** Two lists under one roof; only what can be read matters here (RTMP output is checked by its muxer). */
function parseInputProtocols(text: string): ReadonlySet<string> {
  const [, input = ''] = /^Input:\n([\s\S]*?)(?:^Output:|$(?![\s\S]))/m.exec(text) ?? [];
  return new Set(
    input
      .split('\n')
      .map((line) => line.trim())
      .filter((name) => name !== ''),
  );
}

/** ` DE  hls   Apple HTTP Live Streaming`; 7.x has a third flag column for devices; several names may share a line. */
function parseFormats(text: string): { readonly muxers: ReadonlySet<string>; readonly demuxers: ReadonlySet<string> } {
  const muxers = new Set<string>();
  const demuxers = new Set<string>();
  for (const line of text.split('\n')) {
    const match = /^ ([D ])([E ])[d ]? ([a-z0-9]\S*)/i.exec(line);
    if (match === null) continue;
    for (const name of (match[3] ?? '').split(',')) {
      if (match[1] === 'D') demuxers.add(name);
      if (match[2] === 'E') muxers.add(name);
    }
  }
  return { muxers, demuxers };
}

/** Class names that `-h full` writes unlike the name one uses. */
const aliases: Readonly<Record<string, string>> = { libsrt: 'srt', avformatcontext: 'format', libzvbi_teletextdec: 'teletext' };

/**
 * Sections such as `http AVOptions:` and `hls demuxer AVOptions:`. Protocols and demuxers share the plain name (rtp is both);
 * muxers become `muxer:hls`; the program's own options are under `ffmpeg`. Codecs and filters are skipped.
 */
function parseOptions(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const scopes = new Map<string, Set<string>>();
  let current: string | undefined = text === '' ? undefined : 'ffmpeg';
  for (const line of text.split('\n')) {
    const heading = /^(\S.*) AVOptions:$/.exec(line)?.[1];
    if (heading !== undefined) current = scopeOf(heading);
    if (heading !== undefined || current === undefined) continue;
    // Own options stand at the margin and may name a stream: `-b[:<stream_spec>]`; the values of an option are indented deeper.
    const name = (current === 'ffmpeg' ? /^-([\w]+)/ : /^ {2}-([\w-]+) +</).exec(line)?.[1];
    if (name === undefined) continue;
    const names = scopes.get(current) ?? new Set();
    scopes.set(current, names.add(name));
  }
  return scopes;
}

function scopeOf(heading: string): string | undefined {
  const name = heading.toLowerCase();
  const [, format, role] = /^(.+) (demuxer|muxer)$/.exec(name) ?? [];
  if (format !== undefined) return role === 'muxer' ? `muxer:${format}` : format;
  return aliases[name] ?? (/^[a-z0-9]+$/.test(name) ? name : undefined);
}
