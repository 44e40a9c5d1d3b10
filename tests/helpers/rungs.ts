// A stream with renditions as players see it: its master playlist, the rungs it names, and where their segments really begin.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { parseMediaPlaylist, type MediaPlaylist } from '../../src/playlist/media-playlist.ts';
import { readMasterPlaylist, type MasterEntry, type ReadMaster } from '../../src/playlist/validate/master.ts';

const run = promisify(execFile);

/** Its variants; throws where RFC 8216 says MUST. */
export function readMaster(text: string): readonly MasterEntry[] {
  return wholeMaster(text).variants;
}

/** With its EXT-X-MEDIA. */
export function wholeMaster(text: string): ReadMaster {
  const master = readMasterPlaylist(text);
  if (master.mistakes.length > 0) throw new Error(`${master.mistakes.join('; ')} in ${text}`);
  return master;
}

export async function getText(url: string): Promise<string | undefined> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
  return answer?.status === 200 ? answer.text() : undefined;
}

export async function getRung(url: string): Promise<MediaPlaylist | undefined> {
  const text = await getText(url);
  return text === undefined ? undefined : parseMediaPlaylist(text);
}

/** First time stamp of a segment's picture, or of its sound, in seconds. */
export async function beginsAt(hls: string, name: string, stream: 'v' | 'a' = 'v'): Promise<number> {
  const ask = [
    '-v',
    'error',
    '-select_streams',
    `${stream}:0`,
    '-show_entries',
    'packet=pts_time',
    '-read_intervals',
    '%+#1',
    '-of',
    'csv=p=0',
  ];
  const { stdout } = await run('ffprobe', [...ask, join(hls, name)], { timeout: 90_000 });
  return Number(stdout.split('\n')[0]?.replace(/,.*$/, ''));
}

export async function sizeOf(hls: string, name: string): Promise<string> {
  const ask = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'stream=width,height', '-of', 'csv=p=0:s=x'];
  const { stdout } = await run('ffprobe', [...ask, join(hls, name)], { timeout: 90_000 });
  return stdout.trim().split('\n')[0] ?? '';
}
