// Which media files in the HLS folder nobody needs any more, in either spelling of names. Pure.

import type { Config } from '../../core/config.ts';
import { fileIdsOf } from '../../core/ladder.ts';
import { legPlaylistName } from '../../core/ids.ts';
import { parseMediaPlaylist } from '../../playlist/media-playlist.ts';
import type { PlaceEntry } from '../place.ts';

/** Longer than the supervisor keeps the playlist of a stopped stream (10 min), and any playlist a viewer still has. */
const leastAgeMs = 30 * 60_000;
/** A test file that a doctor left behind when it was killed. */
const ownTestFile = /^\.?iptv-doctor-\d+/;
const ownTestAgeMs = 10 * 60_000;
const mediaFile = /\.(?:m3u8|ts|m4s)(?:\.(?:tmp|bak))?$|\.(?:tmp|bak)$/;

export interface StaleInput {
  readonly entries: readonly PlaceEntry[];
  readonly playlists: ReadonlyMap<string, string>;
  readonly nowMs: number;
  readonly config: Config;
}

/** Never what a playlist lists that is itself young, and never a playlist of a stream in the list. */
export function staleFiles({ entries, playlists, nowMs, config }: StaleInput): readonly PlaceEntry[] {
  const windows = config.streams.map(({ output }) => output.segmentSeconds * output.windowSegments * 1000);
  const keepMs = Math.max(leastAgeMs, 3 * Math.max(0, ...windows));
  const ofStreams = new Set(
    config.streams.flatMap(fileIdsOf).flatMap((id) => [legPlaylistName(id, 'primary'), legPlaylistName(id, 'backup')]),
  );
  const ageMs = (entry: PlaceEntry): number => nowMs - entry.mtimeMs;
  const young = new Set(entries.filter((entry) => ageMs(entry) <= keepMs || ofStreams.has(entry.name)).map(({ name }) => name));
  const listed = new Set(
    [...playlists]
      .filter(([name]) => young.has(name))
      .flatMap(([, text]) => parseMediaPlaylist(text)?.segments ?? [])
      .map(({ uri }) => uri.slice(uri.lastIndexOf('/') + 1)),
  );
  return entries.filter((entry) => {
    if (entry.type !== 'f') return false;
    if (ownTestFile.test(entry.name)) return ageMs(entry) > ownTestAgeMs;
    return mediaFile.test(entry.name) && !young.has(entry.name) && !listed.has(entry.name);
  });
}
