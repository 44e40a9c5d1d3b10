// How full the HLS folder's file system is, and which segments go first when it fills up: pure.

import type { DiskConfig } from '../core/config.ts';
import type { DiskSpace } from '../core/ports.ts';
import { channelPlaylistName, legPlaylistName, type LegName } from '../core/ids.ts';
import { classifyLegFile } from './leg-files.ts';
import { parseMediaPlaylist, type MediaPlaylist } from './media-playlist.ts';

/** `shed`: the backup legs are cut short. `scarce`: so is what lingers of the primary legs. */
export type DiskLevel = 'ok' | 'warn' | 'shed' | 'scarce';

export interface DiskUse {
  /** Percent of the blocks; those kept for root count as used, for most writers cannot have them. */
  readonly bytesPercent: number;
  /** Percent; 0 on file systems that make inodes as needed (btrfs says 0 of 0). */
  readonly inodesPercent: number;
}

/** A big disk is not full at 90 %: with so much left, nothing of ours is in danger. */
const plentyBytes = { warn: 10 * 1024 ** 3, shed: 2 * 1024 ** 3 };
const plentyInodes = { warn: 100_000, shed: 20_000 };
/** Points below a threshold at which it counts as left again. */
const hysteresis = 5;

export function diskUse({ freeBytes, totalBytes, freeInodes, totalInodes }: DiskSpace): DiskUse {
  return { bytesPercent: percent(freeBytes, totalBytes), inodesPercent: percent(freeInodes, totalInodes) };
}

function percent(free: number, total: number): number {
  return total > 0 ? Math.min(100, Math.max(0, 100 * (1 - free / total))) : 0;
}

const order: readonly DiskLevel[] = ['ok', 'warn', 'shed', 'scarce'];

export function judgeDisk(before: DiskLevel, space: DiskSpace, limits: DiskConfig): DiskLevel {
  const { bytesPercent, inodesPercent } = diskUse(space);
  const scarcePercent = limits.shedPercent + (100 - limits.shedPercent) / 2;
  const levels = [
    { level: 'scarce', threshold: scarcePercent, plenty: 'shed' },
    { level: 'shed', threshold: limits.shedPercent, plenty: 'shed' },
    { level: 'warn', threshold: limits.warnPercent, plenty: 'warn' },
  ] as const;
  for (const { level, threshold, plenty } of levels) {
    const held = order.indexOf(before) >= order.indexOf(level);
    const least = threshold - (held ? hysteresis : 0);
    const isFull = (used: number, free: number, much: number): boolean => used >= least && free < (held ? 1.25 : 1) * much;
    if (isFull(bytesPercent, space.freeBytes, plentyBytes[plenty])) return level;
    if (isFull(inodesPercent, space.freeInodes, plentyInodes[plenty])) return level;
  }
  return 'ok';
}

/** What should be freed to be in the middle between warning and shedding. */
export function shedGoal(space: DiskSpace, limits: DiskConfig): { readonly bytes: number; readonly inodes: number } {
  const aim = (limits.warnPercent + limits.shedPercent) / 200;
  const over = (free: number, total: number): number => Math.max(0, Math.ceil(total - free - aim * total));
  return { bytes: over(space.freeBytes, space.totalBytes), inodes: over(space.freeInodes, space.totalInodes) };
}

export interface ShedInput {
  readonly level: 'shed' | 'scarce';
  /** Names in the HLS folder; those of channel playlists as `<id>/index.m3u8`. */
  readonly names: readonly string[];
  readonly playlists: ReadonlyMap<string, string>;
  readonly knownIds: ReadonlySet<string>;
  /** Names that left a channel playlist and must stay for a while all the same. */
  readonly keptNames: ReadonlySet<string>;
  readonly goal: { readonly bytes: number; readonly inodes: number };
  readonly stat: (name: string) => Promise<{ readonly size: number; readonly mtimeMs: number } | undefined>;
}

export interface Shed {
  readonly name: string;
  readonly bytes: number;
}

/** RFC 8216 6.3.3: a player starts three target durations from the end; so much is left of a backup leg. */
export const newestKept = 3;

/**
 * In this order, the oldest first across all streams, until the goal is reached: what left a backup playlist already, then all
 * but the newest of what backup playlists list, and when space is scarce what left a primary playlist. Never what a channel
 * playlist or a primary playlist lists, nor what a channel's viewers may still ask for.
 */
export async function planShedding(input: ShedInput): Promise<readonly Shed[]> {
  const { candidates } = findCandidates(input);
  const dated: { name: string; stage: number; bytes: number; mtimeMs: number }[] = [];
  for (const { name, stage } of candidates) {
    const stat = await input.stat(name);
    if (stat !== undefined) dated.push({ name, stage, bytes: stat.size, mtimeMs: stat.mtimeMs });
  }
  dated.sort((left, right) => left.stage - right.stage || left.mtimeMs - right.mtimeMs);
  const chosen: Shed[] = [];
  let { bytes, inodes } = input.goal;
  for (const { name, bytes: size } of dated) {
    if (bytes <= 0 && inodes <= 0) break;
    chosen.push({ name, bytes: size });
    bytes -= size;
    inodes -= 1;
  }
  return chosen;
}

function findCandidates(input: ShedInput): { readonly candidates: readonly { readonly name: string; readonly stage: number }[] } {
  const lists = new Map([...input.playlists].map(([name, text]) => [name, plainNames(parseMediaPlaylist(text))]));
  const owned = input.names.flatMap((name) => {
    const file = classifyLegFile(name, input.knownIds);
    return file?.kind === 'segment' ? [{ name, id: file.id, leg: file.leg, list: legPlaylistName(file.id, file.leg) }] : [];
  });
  // On a full disk ffmpeg leaves an empty playlist: then the names tell the order.
  for (const [name, text] of input.playlists) {
    if (text !== '' || !name.startsWith('stream_')) continue;
    const own = owned.flatMap((segment) => (segment.leg === 'backup' && segment.list === name ? [segment.name] : []));
    lists.set(
      name,
      own.toSorted((left, right) => numberOf(left) - numberOf(right)),
    );
  }
  const backups = new Set(owned.flatMap(({ leg, list }) => (leg === 'backup' ? [list] : [])));
  const safe = new Set(input.keptNames);
  for (const [name, listed] of lists) for (const one of backups.has(name) ? listed.slice(-newestKept) : listed) safe.add(one);
  // A playlist that could not be read may list anything of its stream.
  const isUnread = (name: string): boolean => input.names.includes(name) && !input.playlists.has(name);
  const unread = new Set(owned.flatMap(({ id, list }) => [list, `${id}/${channelPlaylistName}`]).filter(isUnread));
  const candidates = owned.flatMap(({ name, id, leg, list }) => {
    if (safe.has(name) || unread.has(list) || unread.has(`${id}/${channelPlaylistName}`)) return [];
    if (leg === 'primary' && input.level !== 'scarce') return [];
    const listed = lists.get(list) ?? [];
    const isListed = listed.includes(name);
    // A segment appears before its playlist tells of it: only what is older than the list is past.
    return isListed || isBefore(name, listed[0]) ? [{ name, stage: stageOf(leg, isListed) }] : [];
  });
  return { candidates };
}

function stageOf(leg: LegName, isListed: boolean): number {
  if (leg === 'primary') return 2;
  return isListed ? 1 : 0;
}

function plainNames(playlist: MediaPlaylist | undefined): readonly string[] {
  return (playlist?.segments ?? []).map(({ uri }) => {
    const path = uri.split('?', 1)[0] ?? uri;
    return path.slice(path.lastIndexOf('/') + 1);
  });
}

/** Both writers count upwards: by one, or by the clock. */
function isBefore(name: string, first: string | undefined): boolean {
  return first !== undefined && numberOf(name) < numberOf(first);
}

function numberOf(name: string): number {
  return Number(/(\d+)\.ts$/.exec(name)?.[1] ?? Number.NaN);
}
