// Reads the HLS folder as a whole: names, channel playlists one below, and the text of every playlist.

import { isStreamId } from '../core/ids.ts';
import type { FilesPort } from '../core/ports.ts';
import { isChannelFile } from './leg-files.ts';

export interface HlsFolder {
  /** Those of channel playlists as `<id>/index.m3u8`. */
  readonly names: readonly string[];
  /** One that could not be read is left out. */
  readonly playlists: ReadonlyMap<string, string>;
}

/** Files read or removed at the same time: libuv works on four anyway. */
const parallel = 8;

export async function readHlsFolder(files: Pick<FilesPort, 'list' | 'readText'>, directory: string): Promise<HlsFolder> {
  const flat = await files.list(directory);
  const below: string[] = [];
  await eachOf(flat.filter(isStreamId), async (id) => {
    const inside = await files.list(`${directory}/${id}`).catch(() => []);
    below.push(...inside.filter(isChannelFile).map((name) => `${id}/${name}`));
  });
  const names = [...flat, ...below];
  const playlists = new Map<string, string>();
  await eachOf(
    names.filter((name) => name.endsWith('.m3u8')),
    async (name) => {
      try {
        playlists.set(name, (await files.readText(`${directory}/${name}`)) ?? '');
      } catch {
        // Left out: whoever decides then leaves its owner's files alone.
      }
    },
  );
  return { names, playlists };
}

export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, lane));
}
