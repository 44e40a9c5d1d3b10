// Judges reading after reading of one live playlist, with the little memory that needs: what was listed, and when it last grew.

import type { PlaylistFinding, Producer } from './finding.ts';
import { compareReadings, pathOf } from './reload.ts';
import { finding, type Rule } from './rules.ts';
import { takeSnapshot } from './snapshot.ts';
import type { ReadPlaylist } from './strict-reader.ts';

export interface WatchOptions {
  readonly producer: Producer;
  /** Shortest standstill that counts as stale, in milliseconds; three target durations count as well. Default 10 000. */
  readonly staleMs?: number;
  /** How much later than 1.5 target durations an update may be seen, because readings are apart. Default 0. */
  readonly graceMs?: number;
}

/** Plain data; begin with `newWatch`. */
export interface PlaylistWatch {
  readonly options: WatchOptions;
  readonly last: ReadPlaylist | undefined;
  /** When the newest segment was first seen. */
  readonly grewAtMs: number | undefined;
  /** Every name so far and the number under which it was listed; the newest `rememberedNames` of them. */
  readonly names: ReadonlyMap<string, number>;
}

export interface Reading {
  /** undefined: it could not be fetched. */
  readonly content: string | Uint8Array | undefined;
  /** Of a clock that never jumps. */
  readonly atMs: number;
  /** Wall clock, to compare dates with. */
  readonly nowMs?: number;
}

const rememberedNames = 10_000;

export function newWatch(options: WatchOptions): PlaylistWatch {
  return { options, last: undefined, grewAtMs: undefined, names: new Map() };
}

export function watchReading(
  watch: PlaylistWatch,
  reading: Reading,
): { readonly watch: PlaylistWatch; readonly findings: readonly PlaylistFinding[] } {
  const { producer } = watch.options;
  if (reading.content === undefined) {
    return { watch, findings: [finding('unreachable', producer, 'it cannot be fetched'), ...standstill(watch, watch.last, reading.atMs)] };
  }
  const { playlist, findings } = takeSnapshot(reading.content, {
    producer,
    ...(reading.nowMs === undefined ? {} : { nowMs: reading.nowMs }),
  });
  const { last } = watch;
  if (playlist === undefined) return { watch, findings: [...findings, ...standstill(watch, last, reading.atMs)] };
  const grew = last === undefined || newestOf(playlist) !== newestOf(last);
  return {
    watch: {
      ...watch,
      last: playlist,
      grewAtMs: grew ? reading.atMs : watch.grewAtMs,
      names: remember(watch.names, playlist),
    },
    findings: [
      ...findings,
      ...(last === undefined ? [] : compareReadings(last, playlist, producer)),
      ...reusedNames(watch, playlist),
      ...(grew ? [] : standstill(watch, playlist, reading.atMs)),
    ],
  };
}

/** The number behind the newest segment. */
function newestOf({ mediaSequence = 0, segments }: ReadPlaylist): number {
  return mediaSequence + segments.length;
}

function standstill(watch: PlaylistWatch, playlist: ReadPlaylist | undefined, atMs: number): readonly PlaylistFinding[] {
  const { producer, staleMs = 10_000, graceMs = 0 } = watch.options;
  const target = 1000 * (playlist?.targetDurationSeconds ?? 0);
  if (watch.grewAtMs === undefined || target === 0 || playlist?.ended === true) return [];
  const quietMs = atMs - watch.grewAtMs;
  const say = (rule: Rule): readonly PlaylistFinding[] => [
    finding(rule, producer, `no new segment for ${Math.round(quietMs / 100) / 10} s; the target duration is ${target / 1000} s`),
  ];
  if (quietMs > Math.max(3 * target, staleMs) + graceMs) return say('stale');
  return quietMs > 1.5 * target + graceMs ? say('update-late') : [];
}

/** A name that comes back under another number holds other bytes than caches and players remember. */
function reusedNames(watch: PlaylistWatch, playlist: ReadPlaylist): readonly PlaylistFinding[] {
  const listed = new Set(watch.last?.segments.map(({ uri }) => pathOf(uri)));
  return playlist.segments.flatMap(({ uri }, index) => {
    const number = (playlist.mediaSequence ?? 0) + index;
    const earlier = watch.names.get(pathOf(uri));
    return earlier === undefined || earlier === number || listed.has(pathOf(uri))
      ? []
      : [finding('name-reused', watch.options.producer, `${uri} was segment ${earlier} before and is now segment ${number}`)];
  });
}

function remember(names: ReadonlyMap<string, number>, playlist: ReadPlaylist): ReadonlyMap<string, number> {
  const all = new Map(names);
  playlist.segments.forEach(({ uri }, index) => all.set(pathOf(uri), (playlist.mediaSequence ?? 0) + index));
  for (const name of all.keys()) {
    if (all.size <= rememberedNames) break;
    all.delete(name);
  }
  return all;
}
