// A stream with renditions as players see it: its master playlist, the rungs it names, and where their segments really begin.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { parseMediaPlaylist, type MediaPlaylist } from '../../src/playlist/media-playlist.ts';

const run = promisify(execFile);

export interface MasterEntry {
  readonly uri: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Throws where RFC 8216 4.3.4.2 says MUST. */
export function readMaster(text: string): readonly MasterEntry[] {
  const lines = text.trimEnd().split('\n');
  if (lines[0] !== '#EXTM3U') throw new Error('a playlist begins with #EXTM3U (4.3.1.1)');
  const entries: MasterEntry[] = [];
  for (const [index, line] of lines.entries()) {
    if (/^#EXT(?:INF|-X-(?:TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY|ENDLIST))/.test(line))
      throw new Error(`${line} in a master playlist (4.1)`);
    if (!line.startsWith('#EXT-X-STREAM-INF:')) continue;
    const pairs = [...line.slice(18).matchAll(/([A-Z0-9-]+)=("[^"]*"|[^",]*)(?:,|$)/g)];
    if (pairs.map(([whole]) => whole).join('') !== line.slice(18)) throw new Error(`no attribute list (4.2): ${line}`);
    const attributes = Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value.replaceAll('"', '')]));
    const uri = lines[index + 1] ?? '';
    if (uri === '' || uri.startsWith('#')) throw new Error('the URI follows its EXT-X-STREAM-INF at once (4.3.4.2)');
    if (!/^[1-9]\d*$/.test(attributes['BANDWIDTH'] ?? '')) throw new Error(`BANDWIDTH is required (4.3.4.2): ${line}`);
    entries.push({ uri, attributes });
  }
  return entries;
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
  const { stdout } = await run('ffprobe', [...ask, join(hls, name)], { timeout: 30_000 });
  return Number(stdout.split('\n')[0]?.replace(/,.*$/, ''));
}

export async function sizeOf(hls: string, name: string): Promise<string> {
  const ask = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'stream=width,height', '-of', 'csv=p=0:s=x'];
  const { stdout } = await run('ffprobe', [...ask, join(hls, name)], { timeout: 30_000 });
  return stdout.trim().split('\n')[0] ?? '';
}
