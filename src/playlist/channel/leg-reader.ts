// Turns a leg's playlist into the segments that a channel may take: ours by name, with a file that can be played, and when it ended.

import type { LegName } from '../../core/ids.ts';
import { parseMediaPlaylist } from '../media-playlist.ts';
import type { LegSegment } from './channel-state.ts';
import { legOf } from './channel-text.ts';

export interface LegReaderOptions {
  readonly id: string;
  readonly leg: LegName;
  readonly stat: (name: string) => Promise<{ readonly size: number; readonly mtimeMs: number } | undefined>;
}

export interface LegReader {
  /** `text` is the leg's playlist; undefined while there is none. Times: monotonic, and the wall clock at the same moment. */
  read(text: string | undefined, now: number, wallMs: number): Promise<readonly LegSegment[]>;
}

/** Longer than any group of pictures; a longer EXTINF is garbage. */
const longestSeconds = 600;
/** Names remembered after they left the leg's playlist: an old playlist that comes back brings nothing new. */
const mostRemembered = 60;
const packetBytes = 188;

export function createLegReader({ id, leg, stat }: LegReaderOptions): LegReader {
  /** Each segment by its URI, and when it ended, monotonic. */
  const known = new Map<string, { readonly uri: string; readonly endedAt: number }>();
  let lookedAt: number | undefined;
  let last: { readonly text: string; readonly segments: readonly LegSegment[]; readonly whole: boolean } | undefined;

  async function read(text: string | undefined, now: number, wallMs: number): Promise<readonly LegSegment[]> {
    const since = lookedAt;
    lookedAt = now;
    if (text === undefined) return [];
    if (last?.text === text && last.whole) return last.segments;
    const segments: LegSegment[] = [];
    let broken = false;
    let whole = true;
    const listed = parseMediaPlaylist(text)?.segments ?? [];
    const lastOf = new Map(listed.map(({ uri }, index) => [uri, index]));
    for (const [index, { uri, durationSeconds, discontinuity }] of listed.entries()) {
      // nginx names a segment by the millisecond at which its loop woke up: after a standstill two can have one name, and the
      // file holds the later one (seen at load 30 on 2 cores).
      if (lastOf.get(uri) !== index) {
        broken = true;
        continue;
      }
      const isSane = durationSeconds > 0 && durationSeconds <= longestSeconds;
      const before = known.get(uri);
      const isOurs = isSane && (before !== undefined || legOf(uri, id) === leg);
      const found = isOurs ? (before ?? (await firstSeen(uri, since, now, wallMs))) : undefined;
      if (found === undefined) {
        broken = true;
        whole &&= !isOurs;
        continue;
      }
      if (before === undefined) known.set(found.uri, found);
      segments.push({ ...found, durationSeconds, discontinuity: discontinuity || broken });
      broken = false;
    }
    last = { text, segments, whole };
    for (const name of known.keys()) {
      if (known.size <= mostRemembered) break;
      known.delete(name);
    }
    return segments;
  }

  async function firstSeen(name: string, since: number | undefined, now: number, wallMs: number) {
    const endedAt = await ended(name, since, now, wallMs);
    return endedAt === undefined ? undefined : { uri: ownCopy(name), endedAt };
  }

  /**
   * The file's time is exact, but from a clock that may be set: what appears between two looks ended between them. undefined:
   * nothing to play (on a full disk both writers list empty files).
   */
  async function ended(name: string, since: number | undefined, now: number, wallMs: number): Promise<number | undefined> {
    const file = await stat(name);
    if (file === undefined || file.size === 0 || file.size % packetBytes !== 0) return undefined;
    const at = now - Math.max(0, wallMs - file.mtimeMs);
    return since === undefined ? at : Math.max(since, at);
  }

  return { read };
}

/**
 * A piece of a text keeps the whole text alive in V8, and names outlive their playlists by minutes: with 50 channels these
 * were 4800 texts, 3.7 MB.
 */
function ownCopy(text: string): string {
  return Buffer.from(text).toString();
}
