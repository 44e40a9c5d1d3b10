// Decides which files of the HLS folder may go: by reference, never what a playlist lists, never what is not ours.

import { channelPlaylistName, legPlaylistName, type LegName } from '../core/ids.ts';
import { classifyLegFile, type LegFile } from './leg-files.ts';
import { parseMediaPlaylist, type MediaPlaylist } from './media-playlist.ts';

export interface SweepInput {
  /** Names in the HLS folder; those of channel playlists as `<id>/index.m3u8`. */
  readonly names: readonly string[];
  /** Text of each playlist in it. One that could not be read is left out: what it may list is then left alone. */
  readonly playlists: ReadonlyMap<string, string>;
  /** Ids in the list of streams, running or not. */
  readonly knownIds: ReadonlySet<string>;
  /** Ids ordered to run: their playlists stay however old, because the next job continues them. */
  readonly runningIds: ReadonlySet<string>;
  readonly nowMs: number;
  /** Length of a stream's playlist as configured; unknown ids are asked too. */
  readonly windowSeconds: (id: string) => number;
  /** Names that left a channel playlist and must stay for a while all the same. */
  readonly keptNames: ReadonlySet<string>;
  /** Last change of a file; asked only where the name does not tell. undefined: gone. */
  readonly mtimeMs: (name: string) => Promise<number | undefined>;
  /** At most so many deletions; the rest waits for the next sweep. */
  readonly limit: number;
}

export interface Deletion {
  readonly name: string;
  readonly id: string;
  readonly reason: 'unreferenced' | 'stopped' | 'temporary';
}

/** A stopped stream's playlist stays this long, so that a quick restart continues it. */
export const stoppedKeepMs = 10 * 60_000;
export const temporaryKeepMs = 60_000;
/** A time stamp this far ahead was written under a clock that has been set back since. */
const clockErrorMs = 60 * 60_000;
const shortestMarginMs = 10_000;
/** ffmpeg deletes its own segments, some later than 6.2.2 asks (`hls_delete_threshold`), and complains when somebody was faster. */
const ffmpegSegments = 8;

interface Owned {
  readonly segments: { readonly name: string; readonly leg: LegName; readonly startedAtMs: number | undefined }[];
  readonly playlists: string[];
  readonly temporaries: string[];
}

/** Playlists come before the segments they list, so that a sweep cut short leaves no playlist with holes. */
export async function planSweep(input: SweepInput): Promise<readonly Deletion[]> {
  const parsed = new Map([...input.playlists].map(([name, text]) => [name, parseMediaPlaylist(text)]));
  const owners = groupByOwner(input.names, ownIds(input, parsed));
  const doomed = new Map<string, string>();
  const unreadable = new Set(input.names.filter((name) => name.endsWith('.m3u8') && !input.playlists.has(name)));
  for (const [id, owned] of owners) {
    if (!input.runningIds.has(id) && !owned.playlists.some((name) => unreadable.has(name)) && (await isLongStopped(input, owned))) {
      for (const name of owned.playlists) doomed.set(name, id);
    }
  }
  const listed = listedNames(parsed, doomed);

  const deletions: Deletion[] = [...doomed].map(([name, id]) => ({ name, id, reason: 'stopped' as const }));
  for (const [id, owned] of owners) {
    if (deletions.length >= input.limit) break;
    deletions.push(...(await oldTemporaries(input, id, owned)));
    if (owned.playlists.some((name) => unreadable.has(name))) continue;
    const playlists = owned.playlists.map((name) => parsed.get(name));
    const keep = (leg: LegName): number => keepUnreferencedMs(input.windowSeconds(id), playlists, leg);
    const keepMsOf = { primary: keep('primary'), backup: keep('backup') };
    for (const segment of owned.segments) {
      if (deletions.length >= input.limit) break;
      if (listed.has(segment.name) || input.keptNames.has(segment.name)) continue;
      const keepMs = keepMsOf[segment.leg];
      const age = await ageMs(input, segment.name, segment.startedAtMs, keepMs);
      if (age > keepMs) deletions.push({ name: segment.name, id, reason: 'unreferenced' });
    }
  }
  return deletions.slice(0, input.limit);
}

/**
 * 6.2.2: a segment stays available after it left the playlist, for its own duration plus that of the longest playlist.
 * Counted from the segment's start it is twice the window and two segments.
 */
export function keepUnreferencedMs(windowSeconds: number, playlists: readonly (MediaPlaylist | undefined)[], leg: LegName): number {
  let window = windowSeconds;
  let target = 0;
  for (const playlist of playlists) {
    if (playlist === undefined) continue;
    window = Math.max(
      window,
      playlist.segments.reduce((sum, segment) => sum + segment.durationSeconds, 0),
    );
    target = Math.max(target, playlist.targetDurationSeconds);
  }
  const margin = Math.max(shortestMarginMs, 2000 * target);
  return 2000 * window + margin + (leg === 'backup' ? ffmpegSegments * Math.max(2000, 1000 * target) : 0);
}

/** Known ids, and those of removed streams: a foreign playlist such as `test.m3u8` has no segments of our spelling. */
function ownIds(input: SweepInput, parsed: ReadonlyMap<string, MediaPlaylist | undefined>): ReadonlySet<string> {
  const ids = new Set([...input.knownIds, ...input.runningIds]);
  const learn = (name: string): LegFile | undefined => {
    const file = classifyLegFile(name, input.knownIds);
    return file?.kind === 'segment' ? file : undefined;
  };
  for (const name of input.names) {
    const file = learn(name);
    if (file !== undefined) ids.add(file.id);
  }
  for (const [name, playlist] of parsed) {
    const file = learn(playlist?.segments.at(-1)?.uri ?? '');
    if (file?.kind === 'segment' && [legPlaylistName(file.id, file.leg), `${file.id}/${channelPlaylistName}`].includes(name))
      ids.add(file.id);
  }
  return ids;
}

function groupByOwner(names: readonly string[], ids: ReadonlySet<string>): ReadonlyMap<string, Owned> {
  const owners = new Map<string, Owned>();
  for (const name of names) {
    const file = classifyLegFile(name, ids);
    if (file === undefined) continue;
    const owned = owners.get(file.id) ?? { segments: [], playlists: [], temporaries: [] };
    owners.set(file.id, owned);
    if (file.kind === 'segment') owned.segments.push({ name, leg: file.leg, startedAtMs: file.startedAtMs });
    else (file.kind === 'playlist' ? owned.playlists : owned.temporaries).push(name);
  }
  return owners;
}

/** Both legs' playlists go together: viewers of either one are served as long as one of them moves. */
async function isLongStopped(input: SweepInput, owned: Owned): Promise<boolean> {
  for (const name of owned.playlists) {
    if ((await ageMs(input, name, undefined, stoppedKeepMs)) <= stoppedKeepMs) return false;
  }
  return owned.playlists.length > 0;
}

/** A running job renames its own temp file when its segment ends, which a slow source may delay. */
async function oldTemporaries(input: SweepInput, id: string, owned: Owned): Promise<readonly Deletion[]> {
  const keepMs = input.runningIds.has(id) ? 2 * temporaryKeepMs + 1000 * input.windowSeconds(id) : temporaryKeepMs;
  const deletions: Deletion[] = [];
  for (const name of owned.temporaries) {
    if ((await ageMs(input, name, undefined, keepMs)) > keepMs) deletions.push({ name, id, reason: 'temporary' });
  }
  return deletions;
}

/** Every playlist protects, whoever wrote it; a query or a folder before the name does not change the file. */
function listedNames(parsed: ReadonlyMap<string, MediaPlaylist | undefined>, doomed: ReadonlyMap<string, string>): ReadonlySet<string> {
  const listed = new Set<string>();
  for (const [name, playlist] of parsed) {
    if (playlist === undefined || doomed.has(name)) continue;
    for (const { uri } of playlist.segments) {
      const path = uri.split('?', 1)[0] ?? uri;
      listed.add(path.slice(path.lastIndexOf('/') + 1));
    }
  }
  return listed;
}

/** The name says when a segment began; only one that looks old enough by it is asked for its last change. */
async function ageMs(input: SweepInput, name: string, startedAtMs: number | undefined, keepMs: number): Promise<number> {
  if (startedAtMs !== undefined && age(input.nowMs, startedAtMs) <= keepMs) return 0;
  const mtimeMs = await input.mtimeMs(name);
  return mtimeMs === undefined ? 0 : age(input.nowMs, mtimeMs);
}

function age(nowMs: number, thenMs: number): number {
  return thenMs - nowMs > clockErrorMs ? Infinity : nowMs - thenMs;
}
