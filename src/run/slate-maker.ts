// Keeps a slate ready for every stream that is ordered to run: made once in the background, remembered, laid beside the playlist.

import type { StreamConfig } from '../core/config.ts';
import type { EventSink } from '../core/events.ts';
import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import type { Ports } from '../core/ports.ts';
import type { SlateClip } from '../core/slate.ts';
import { slateHash, slateShape, type SlateFile, type SlateShape } from '../plan/slate/slate-shape.ts';
import { slateName } from '../playlist/slate-files.ts';
import { buildSlate, type SlateFailure } from './slate-build.ts';
import { createSlateShelf } from './slate-shelf.ts';

export interface SlateMaker {
  /** What the stream's channel may show now; undefined while none is laid out, and where it is switched off. */
  readonly slate: (id: string) => SlateClip | undefined;
  readonly notes: () => readonly string[];
  /** One round: lays out what is ready and starts at most one build, which it does not wait for. */
  tick(): Promise<void>;
}

export interface SlateMakerOptions {
  readonly ports: Pick<Ports, 'files' | 'process' | 'clock'>;
  /** Where finished slates are remembered. */
  readonly directory: string;
  readonly hlsDirectory: string;
  readonly streams: () => readonly StreamConfig[];
  readonly isOrdered: (id: string) => boolean;
  /** What is known of any of the stream's sources, the best one first. */
  readonly facts: (stream: StreamConfig) => SourceFacts | undefined;
  readonly ffmpeg: () => FfmpegFacts | undefined;
  readonly ffprobe: () => Promise<string | undefined>;
  readonly windowSeconds: (id: string) => number;
  readonly events: EventSink;
  readonly note: (level: 'info' | 'warning', text: string) => void;
}

/** A stream that was never seen plays soon, as a rule, and then its size is known. */
const unknownWaitMs = 10_000;
const lookAgainMs = 5000;
const retryMs = 60_000;
/** nginx's cleaner takes segments that nobody touched for twenty minutes, and so does the tidying below. */
const touchEveryMs = 5 * 60_000;
/** Files laid out in one round: a lost HLS folder with 200 channels is filled again within seconds, not in one stroke. */
const mostPerRound = 20;

interface Place {
  since: number;
  /** Identity of what the shape was made from. */
  stream: StreamConfig | undefined;
  facts: SourceFacts | undefined;
  file: SlateFile | undefined;
  shape: SlateShape | undefined;
  hash: string;
  laid: { readonly hash: string; readonly clip: SlateClip } | undefined;
  lookedAt: number;
}

interface Wanted {
  readonly stream: StreamConfig;
  readonly place: Place;
}

export function createSlateMaker(options: SlateMakerOptions): SlateMaker {
  const { ports, hlsDirectory } = options;
  const { clock, files } = ports;
  const shelf = createSlateShelf({ files, clock, directory: options.directory, hlsDirectory });
  const places = new Map<string, Place>();
  /** Monotonic time of the next try, by hash. */
  const failed = new Map<string, number>();
  /** Own clips that cannot be used as they are on disk, by path; and what people are told about it. */
  const unusable = new Map<string, { readonly file: string; readonly why: string }>();
  const ownFiles = new Map<string, { readonly at: number; readonly file: SlateFile | undefined }>();
  let building: string | undefined;
  let textFails: string | undefined;
  let tidiedAt = -Infinity;

  async function ownFile(path: string | undefined): Promise<SlateFile | undefined> {
    if (path === undefined) return undefined;
    const known = ownFiles.get(path);
    const now = clock.monotonic();
    if (known !== undefined && now - known.at < lookAgainMs) return known.file;
    const stat = await files.stat(path).catch(() => undefined);
    const file = stat === undefined || stat.isDirectory ? undefined : { path, size: stat.size, mtimeMs: stat.mtimeMs };
    if (file === undefined) refuse(path, 'missing', 'there is no such file');
    else if (unusable.get(path)?.file !== keyOf(file)) unusable.delete(path);
    ownFiles.set(path, { at: now, file });
    return file;
  }

  function refuse(path: string, file: string, why: string): void {
    if (unusable.get(path)?.file === file) return;
    unusable.set(path, { file, why });
    options.events.record({
      stream: null,
      kind: 'list',
      cause: 'slate-clip-unusable',
      message: refusal(path, why),
      action: 'the built-in slate is used',
    });
  }

  async function placeOf(stream: StreamConfig): Promise<Place> {
    const known = places.get(stream.id);
    const place: Place = known ?? {
      ...{ since: clock.monotonic(), lookedAt: -Infinity, hash: '' },
      ...{ stream: undefined, facts: undefined, file: undefined, shape: undefined, laid: undefined },
    };
    if (known === undefined) places.set(stream.id, place);
    const facts = options.facts(stream);
    const found = await ownFile(stream.slate.clip);
    const file = found !== undefined && unusable.has(found.path) ? undefined : found;
    const isSame = place.stream === stream && place.facts === facts && keyOf(place.file) === keyOf(file);
    if (isSame && place.shape !== undefined && !(hidesText() && place.shape.lines.length > 0)) return place;
    const shape = slateShape(stream, facts, file);
    const shown = hidesText() ? { ...shape, lines: [] } : shape;
    return Object.assign(place, { stream, facts, file, shape: shown, hash: slateHash(shown) });
  }

  function hidesText(): boolean {
    return textFails !== undefined || options.ffmpeg()?.filters.has('drawtext') === false;
  }

  /** False: it is not made yet. */
  async function layOut(id: string, place: Place): Promise<boolean> {
    const segments = await shelf.find(place.hash);
    if (segments === undefined) return false;
    // After a restart it lies there still: a name never stands for other content.
    if (!(await shelf.keep(id, place.hash, segments.length, touchEveryMs))) await shelf.lay(id, place.hash, segments.length);
    place.laid = {
      hash: place.hash,
      clip: { segments: segments.map((durationSeconds, index) => ({ uri: slateName(place.hash, index), durationSeconds })) },
    };
    place.lookedAt = clock.monotonic();
    return true;
  }

  async function tick(): Promise<void> {
    if (options.ffmpeg() === undefined) return;
    const streams = options.streams().filter(({ id, slate }) => slate.enabled && options.isOrdered(id));
    const ids = new Set(streams.map(({ id }) => id));
    for (const id of places.keys()) if (!ids.has(id)) places.delete(id);
    const missing: Wanted[] = [];
    const problems: unknown[] = [];
    let laid = 0;
    for (const stream of streams) {
      // One folder that cannot be written must not keep the others waiting.
      try {
        const place = await placeOf(stream);
        const isLaid = place.laid?.hash === place.hash;
        if (isLaid && (clock.monotonic() - place.lookedAt < lookAgainMs || (await isKept(stream.id, place)))) continue;
        if (laid >= mostPerRound) continue;
        laid += 1;
        if (!(await layOut(stream.id, place))) missing.push({ stream, place });
      } catch (error) {
        problems.push(error);
      }
    }
    startNext(missing);
    await tidy();
    if (problems.length > 0) throw problems[0];
  }

  /** Still there, and young enough for nginx's cleaner. */
  async function isKept(id: string, place: Place): Promise<boolean> {
    place.lookedAt = clock.monotonic();
    return shelf.keep(id, place.hash, place.laid?.clip.segments.length ?? 0, touchEveryMs);
  }

  function startNext(missing: readonly Wanted[]): void {
    if (building !== undefined) return;
    const now = clock.monotonic();
    const next = missing.find(
      ({ place }) =>
        (failed.get(place.hash) ?? 0) <= now && (place.facts !== undefined || now - place.since >= unknownWaitMs || isKnown(place)),
    );
    const { shape, hash } = next?.place ?? {};
    if (next === undefined || shape === undefined || hash === undefined) return;
    building = hash;
    void build(next.stream.id, shape, hash).finally(() => (building = undefined));
  }

  /** The test source needs no look at it. */
  const isKnown = ({ stream }: Place): boolean => stream?.sources[0]?.kind === 'test';

  async function build(id: string, shape: SlateShape, hash: string): Promise<void> {
    try {
      const ffmpeg = options.ffmpeg();
      if (ffmpeg === undefined) return;
      const startedAt = clock.monotonic();
      const made = await buildSlate(
        { ports, directory: options.directory, ffmpeg: ffmpeg.path, ffprobe: await options.ffprobe() },
        shape,
        hash,
      );
      if (made.kind === 'failed') return complain(id, shape, hash, made);
      failed.delete(hash);
      await shelf.remember(hash, made.durations);
      const took = ((clock.monotonic() - startedAt) / 1000).toFixed(1);
      options.note('info', `made the slate of ${id}: ${made.durations.length} segments of ${shape.segmentSeconds} s, in ${took} s`);
    } catch (error) {
      complain(id, shape, hash, { kind: 'failed', reason: 'other', why: error instanceof Error ? error.message : String(error) });
    }
  }

  function complain(id: string, shape: SlateShape, hash: string, { reason, why }: SlateFailure): void {
    failed.set(hash, clock.monotonic() + retryMs);
    if (shape.file !== undefined && reason === 'file') refuse(shape.file.path, keyOf(shape.file), why);
    else if (reason === 'text') {
      textFails = why;
      options.note('warning', `slates are made without text: ${why}`);
    } else options.note('warning', `cannot make the slate of ${id}, trying again in a minute: ${why}`);
  }

  async function tidy(): Promise<void> {
    if (clock.monotonic() - tidiedAt < touchEveryMs) return;
    tidiedAt = clock.monotonic();
    const current = new Map([...places].map(([id, place]) => [id, place.laid?.hash ?? place.hash]));
    await shelf.tidy(current, (id) => Math.max(2 * touchEveryMs, 2000 * options.windowSeconds(id) + touchEveryMs));
  }

  return {
    slate: (id) => places.get(id)?.laid?.clip,
    notes: () => {
      const used = new Set([...places.values()].flatMap(({ stream }) => stream?.slate.clip ?? []));
      const files = [...unusable].filter(([path]) => used.has(path)).map(([path, { why }]) => refusal(path, why));
      const text = hidesText() && places.size > 0 ? [`slates have no text: ${textFails ?? 'this ffmpeg has no drawtext filter'}`] : [];
      return [...files, ...text];
    },
    tick,
  };
}

function refusal(path: string, why: string): string {
  return `slate clip ${path} cannot be used (${why}): the built-in slate is shown`;
}

function keyOf(file: SlateFile | undefined): string {
  return file === undefined ? '' : `${file.path} ${file.size} ${file.mtimeMs}`;
}
