import { describe, expect, it } from 'vitest';

import type { DiskSpace } from '../core/ports.ts';
import { judgeDisk, newestKept, planShedding, shedGoal, type ShedInput } from './disk-budget.ts';

const limits = { warnPercent: 80, shedPercent: 90 };
const mib = 1024 ** 2;

/** A small file system with so much used. */
const space = (bytesPercent: number, inodesPercent = 1): DiskSpace => ({
  totalBytes: 1000 * mib,
  freeBytes: (1000 - 10 * bytesPercent) * mib,
  totalInodes: 10_000,
  freeInodes: 10_000 - 100 * inodesPercent,
});

describe('how full a disk is', () => {
  it.each([
    [50, 1, 'ok'],
    [80, 1, 'warn'],
    [90, 1, 'shed'],
    [95, 1, 'scarce'],
    [1, 80, 'warn'],
    [1, 90, 'shed'],
    [1, 99, 'scarce'],
  ] as const)('%i %% of the bytes and %i %% of the inodes: %s', (bytes, inodes, level) => {
    expect(judgeDisk('ok', space(bytes, inodes), limits)).toBe(level);
  });

  it('leaves a level only some points below where it began', () => {
    expect(judgeDisk('shed', space(86), limits)).toBe('shed');
    expect(judgeDisk('shed', space(84), limits)).toBe('warn');
    expect(judgeDisk('warn', space(76), limits)).toBe('warn');
    expect(judgeDisk('scarce', space(74), limits)).toBe('ok');
  });

  it('is not worried by a big disk, nor by one that has no count of inodes', () => {
    const big = { totalBytes: 10_000 * 1024 * mib, freeBytes: 800 * 1024 * mib, totalInodes: 0, freeInodes: 0 };
    expect(judgeDisk('ok', big, limits)).toBe('ok');
    expect(judgeDisk('ok', { ...big, freeBytes: 9 * 1024 * mib }, limits)).toBe('warn');
    expect(judgeDisk('ok', { ...big, freeBytes: mib }, limits)).toBe('scarce');
    expect(judgeDisk('ok', { totalBytes: 0, freeBytes: 0, totalInodes: 0, freeInodes: 0 }, limits)).toBe('ok');
  });

  it('wants to come back to the middle of the two thresholds', () => {
    expect(shedGoal(space(95, 1), limits)).toEqual({ bytes: 100 * mib, inodes: 0 });
    expect(shedGoal(space(1, 91), limits)).toEqual({ bytes: 0, inodes: 600 });
  });
});

const list = (...uris: readonly string[]): string =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:2\n${uris.map((uri) => `#EXTINF:2,\n${uri}\n`).join('')}`;
const backup = (id: string, ...numbers: readonly number[]): string[] => numbers.map((number) => `stream_${id}_${number}.ts`);
const primary = (id: string, ...numbers: readonly number[]): string[] => numbers.map((number) => `${id}-${1_700_000_000_000 + number}.ts`);

function folder(playlists: Readonly<Record<string, string>>, segments: readonly string[], more: Partial<ShedInput> = {}): ShedInput {
  return {
    level: 'shed',
    names: [...Object.keys(playlists), ...segments],
    playlists: new Map(Object.entries(playlists)),
    knownIds: new Set(['news', 'sport']),
    keptNames: new Set(),
    goal: { bytes: Infinity, inodes: 0 },
    // The number is the age.
    stat: async (name) => ({ size: 100, mtimeMs: Number(/(\d+)\.ts$/.exec(name)?.[1]) % 1_700_000_000_000 }),
    ...more,
  };
}

const names = async (input: ShedInput): Promise<readonly string[]> => (await planShedding(input)).map(({ name }) => name);

describe('what goes first', () => {
  const news = backup('news', 1, 2, 3, 4, 5, 6, 7);
  const sport = backup('sport', 2, 3, 4, 5, 6);
  const full = {
    'stream_news.m3u8': list(...news.slice(2, 6)),
    'stream_sport.m3u8': list(...sport.slice(1)),
    'news.m3u8': list(...primary('news', 3, 4)),
    'news/index.m3u8': list('../stream_news_3.ts?x=1', `../${primary('news', 3)[0]}`),
  };
  const all = [...news, ...sport, ...primary('news', 1, 2, 3, 4, 5), 'movie.ts', 'test.txt'];

  it('is what left a backup leg, then the older part of what it lists; the oldest across all streams', async () => {
    expect(await names(folder(full, all))).toEqual(['stream_news_1.ts', 'stream_news_2.ts', 'stream_sport_2.ts', 'stream_sport_3.ts']);
  });

  it('is never what a channel lists or still owes its viewers, never the newest, never what is not ours', async () => {
    const shed = await names(folder(full, all, { level: 'scarce', keptNames: new Set(['stream_news_1.ts', primary('news', 1)[0] ?? '']) }));
    expect(shed).toEqual(['stream_news_2.ts', 'stream_sport_2.ts', 'stream_sport_3.ts', primary('news', 2)[0]]);
    // Number 7 is not in the playlist yet: ffmpeg renames first and lists then.
    expect(shed).not.toContain('stream_news_7.ts');
  });

  it('takes from a primary leg only when space is scarce, and only what has left it', async () => {
    expect((await names(folder(full, all, { level: 'scarce' }))).slice(-2)).toEqual(primary('news', 1, 2));
  });

  it('is no more than the goal asks for', async () => {
    expect(await names(folder(full, all, { goal: { bytes: 150, inodes: 0 } }))).toHaveLength(2);
    expect(await names(folder(full, all, { goal: { bytes: 0, inodes: 3 } }))).toHaveLength(3);
    expect(await names(folder(full, all, { goal: { bytes: 0, inodes: 0 } }))).toEqual([]);
  });

  it('is nothing of a stream whose playlist cannot be read', async () => {
    const { 'news/index.m3u8': _, ...rest } = full;
    const input = folder(rest, [...all, 'news/index.m3u8']);
    expect(await names(input)).toEqual(['stream_sport_2.ts', 'stream_sport_3.ts']);
  });

  it('leaves the newest of a backup leg whose playlist a full disk has emptied', async () => {
    const shed = await names(folder({ 'stream_news.m3u8': '' }, news));
    expect(shed).toEqual(news.slice(0, -newestKept));
  });
});
