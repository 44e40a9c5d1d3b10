import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { classifyLegFile } from './leg-files.ts';
import { planSweep, type SweepInput } from './sweep-plan.ts';

const nowMs = Date.UTC(2026, 10, 22, 13, 0, 0);
const minute = 60_000;

function list(...uris: readonly string[]): string {
  return `#EXTM3U\n#EXT-X-TARGETDURATION:2\n${uris.map((uri) => `#EXTINF:2,\n${uri}\n`).join('')}`;
}

interface World {
  /** Age in milliseconds by name. */
  readonly files: Readonly<Record<string, number>>;
  readonly playlists?: Readonly<Record<string, string>>;
  readonly known?: readonly string[];
  readonly running?: readonly string[];
  readonly limit?: number;
  readonly kept?: readonly string[];
}

async function sweep(world: World): Promise<readonly string[]> {
  const input: SweepInput = {
    names: [...Object.keys(world.playlists ?? {}).filter((name) => !(name in world.files)), ...Object.keys(world.files)],
    playlists: new Map(Object.entries(world.playlists ?? {})),
    knownIds: new Set(world.known ?? world.running ?? []),
    runningIds: new Set(world.running ?? []),
    nowMs,
    windowSeconds: () => 20,
    mtimeMs: async (name) => nowMs - (world.files[name] ?? 0),
    keptNames: new Set(world.kept ?? []),
    limit: world.limit ?? 1000,
  };
  return (await planSweep(input)).map((deletion) => deletion.name).sort();
}

const timed = (id: string, ageMs: number): string => `${id}-${nowMs - ageMs}.ts`;

describe('planSweep', () => {
  it('deletes unlisted segments of both legs after twice the window and a margin', async () => {
    const [old, young, listed] = [timed('news', 51_000), timed('news', 49_000), timed('news', 55_000)];
    const gone = await sweep({
      running: ['news'],
      files: {
        [old]: 51_000,
        [young]: 49_000,
        [listed]: 55_000,
        // ffmpeg deletes its own a little later than that, and comes first.
        'stream_news_7.ts': 67_000,
        'stream_news_8.ts': 65_000,
        'stream_news_9.ts': 90_000,
        'news_3.ts': 51_000,
      },
      playlists: { 'news.m3u8': list(listed), 'stream_news.m3u8': list('stream_news_9.ts') },
    });
    expect(gone).toEqual([old, 'stream_news_7.ts', 'news_3.ts'].sort());
  });

  it('deletes subtitles that no list names, and what was left of a write', async () => {
    const gone = await sweep({
      running: ['news', 'news_sub1'],
      files: {
        'news_sub1_7.vtt': 51_000,
        'news_sub1_8.vtt': 49_000,
        'news_sub1_9.vtt': 90_000,
        '.news_sub1_6.vtt.tmp': 150_000,
        // Nobody's, or another program's.
        'holiday.vtt': 900_000,
        'news_sub9_1.vtt': 900_000,
      },
      playlists: { 'news_sub1/index.m3u8': list('news_sub1_9.vtt') },
    });
    expect(gone).toEqual(['.news_sub1_6.vtt.tmp', 'news_sub1_7.vtt']);
  });

  it('protects what a channel playlist lists, also with a query, and what left one a moment ago', async () => {
    const [shown, left, old] = [timed('news', 90_000), timed('news', 91_000), timed('news', 92_000)];
    const world = {
      running: ['news'],
      files: {
        [shown]: 90_000,
        [left]: 91_000,
        [old]: 92_000,
        'news/index.m3u8': 1000,
        'news/.index.m3u8.tmp': 200_000,
        'news/bridge.m3u8': 200_000,
        'news/bridge.m3u8.tmp': 1000,
      },
      playlists: { 'news.m3u8': list(timed('news', 1000)), 'news/index.m3u8': list(`${shown}?n=4`) },
      kept: [left],
    };
    expect(await sweep(world)).toEqual([old, 'news/.index.m3u8.tmp', 'news/bridge.m3u8'].sort());
    expect(await sweep({ ...world, kept: [] })).toContain(left);
  });

  it('lets a stopped channel’s playlist go with its legs, and leaves a foreign index.m3u8 alone', async () => {
    const ages = { 'news.m3u8': 700_000, 'news/index.m3u8': 700_000, 'films/index.m3u8': 700_000 };
    const playlists = { 'news.m3u8': list('news-1.ts'), 'news/index.m3u8': list('news-1.ts'), 'films/index.m3u8': list('part1.ts') };
    expect(await sweep({ known: ['news'], files: ages, playlists })).toEqual(['news.m3u8', 'news/index.m3u8']);
    expect(await sweep({ known: ['news'], files: { ...ages, 'news/index.m3u8': 1000 }, playlists })).toEqual([]);
    expect(await sweep({ running: ['news'], files: ages, playlists })).toEqual([]);
  });

  it('keeps longer what a longer playlist than configured may still need', async () => {
    const uris = Array.from({ length: 30 }, (_, index) => `stream_news_${index + 10}.ts`);
    const files = { 'stream_news_1.ts': 100_000, 'stream_news_2.ts': 200_000 };
    expect(await sweep({ running: ['news'], files, playlists: { 'stream_news.m3u8': list(...uris) } })).toEqual(['stream_news_2.ts']);
  });

  it('keeps a segment that is old by name and still grows', async () => {
    expect(await sweep({ running: ['news'], files: { [timed('news', 300_000)]: 500 } })).toEqual([]);
  });

  it('leaves foreign files alone', async () => {
    const foreign = [
      'test.txt',
      'test.m3u8',
      'index.html',
      'movie.ts',
      'part-1.ts',
      'part_1.ts',
      'News-1.ts',
      '.x.m3u8.tmp',
      'a.tmp',
      '-1795354002103.ts',
      'news',
      'news-x.ts',
      '..ts',
    ];
    expect(
      await sweep({
        known: ['news'],
        files: Object.fromEntries(foreign.map((name) => [name, 1e9])),
        playlists: { 'test.m3u8': '#EXTM3U\n' },
      }),
    ).toEqual([]);
  });

  it('clears a stopped stream ten minutes after its last change, playlists and segments together', async () => {
    const segment = timed('news', 12 * minute);
    const playlists = { 'news.m3u8': list(segment), 'stream_news.m3u8': list('stream_news_1.ts') };
    const files = { [segment]: 12 * minute, 'stream_news_1.ts': 12 * minute, 'news.m3u8': 11 * minute, 'stream_news.m3u8': 9 * minute };
    expect(await sweep({ known: ['news'], files, playlists })).toEqual([]);
    expect(await sweep({ known: ['news'], files: { ...files, 'stream_news.m3u8': 11 * minute }, playlists })).toEqual(
      [segment, 'news.m3u8', 'stream_news.m3u8', 'stream_news_1.ts'].sort(),
    );
    expect(await sweep({ running: ['news'], files: { ...files, 'stream_news.m3u8': 11 * minute }, playlists })).toEqual([]);
  });

  it('clears a removed stream, also when only its playlist is left', async () => {
    const segment = timed('gone', 20 * minute);
    const files = { [segment]: 20 * minute, 'gone.m3u8': 20 * minute, 'stream_old.m3u8': 20 * minute, 'stream_old.m3u8.tmp': 20 * minute };
    expect(
      await sweep({ known: [], files, playlists: { 'gone.m3u8': list(segment), 'stream_old.m3u8': list('stream_old_5.ts') } }),
    ).toEqual(Object.keys(files).sort());
  });

  it('puts playlists before their segments, so that a cut leaves no hole', async () => {
    const segment = timed('news', 20 * minute);
    const world = {
      known: ['news'],
      files: { [segment]: 20 * minute, 'news.m3u8': 20 * minute },
      playlists: { 'news.m3u8': list(segment) },
    };
    expect(await sweep({ ...world, limit: 1 })).toEqual(['news.m3u8']);
  });

  it('touches nothing of a stream whose playlist could not be read', async () => {
    const old = timed('news', 20 * minute);
    expect(await sweep({ known: ['news'], files: { [old]: 20 * minute, 'news.m3u8': 20 * minute } })).toEqual([]);
  });

  it('deletes temp files after a minute, later for a running stream', async () => {
    const files = { 'news.m3u8.bak': 61_000, 'stream_news.m3u8.tmp': 61_000, 'stream_news_4.ts.tmp': 61_000, 'news.m3u8.tmp': 30_000 };
    expect(await sweep({ known: ['news'], files })).toEqual(['news.m3u8.bak', 'stream_news.m3u8.tmp', 'stream_news_4.ts.tmp']);
    expect(await sweep({ running: ['news'], files })).toEqual([]);
    expect(await sweep({ running: ['news'], files: { 'stream_news_4.ts.tmp': 200_000 } })).toEqual(['stream_news_4.ts.tmp']);
  });

  it('deletes what a clock that ran ahead left behind', async () => {
    expect(await sweep({ running: ['news'], files: { [timed('news', -86_400_000)]: -86_400_000 } })).toHaveLength(1);
  });

  it('obeys its limit', async () => {
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`stream_news_${index}.ts`, 1e6]));
    expect(await sweep({ running: ['news'], files, limit: 7 })).toHaveLength(7);
  });
});

const ids = ['a', 'a-b', 'a-1', 'a_b', 'b', 'stream_x', 'a-b-c'];

describe('ownership', () => {
  it.each([
    ['a-b-1795354002103.ts', 'a-b', 'primary'],
    ['a-1795354002103.ts', 'a', 'primary'],
    ['a-1-1795354002103.ts', 'a-1', 'primary'],
    ['a-1-5.ts', 'a-1', 'primary'],
    ['a_b_5.ts', 'a_b', 'primary'],
    ['stream_a_b_5.ts', 'a_b', 'backup'],
    ['stream_x_5.ts', 'stream_x', 'primary'],
    ['stream_x-1795354002103.ts', 'stream_x', 'primary'],
    ['stream_stream_x_5.ts', 'stream_x', 'backup'],
    ['stream_unknown_5.ts', 'unknown', 'backup'],
  ])('%s belongs to %s', (name, id, leg) => {
    expect(classifyLegFile(name, new Set(ids))).toMatchObject({ kind: 'segment', id, leg });
  });

  it.each([
    ['a.m3u8', 'a', 'primary'],
    ['stream_a-b.m3u8', 'a-b', 'backup'],
    ['stream_x.m3u8', 'stream_x', 'primary'],
  ])('%s is the playlist of %s', (name, id, leg) => {
    expect(classifyLegFile(name, new Set(ids))).toEqual({ kind: 'playlist', id, leg });
  });

  it('never touches what a stream with a longer or shorter id lists, nor any listed segment, nor a foreign name', async () => {
    const name = fc.oneof(
      fc.tuple(fc.constantFrom(...ids), fc.integer({ min: 0, max: 90 * minute })).map(([id, ageMs]) => timed(id, ageMs)),
      fc.tuple(fc.constantFrom(...ids), fc.nat(99)).map(([id, number]) => `stream_${id}_${number}.ts`),
      fc.tuple(fc.constantFrom(...ids), fc.nat(99)).map(([id, number]) => `${id}_${number}.ts`),
    );
    const foreign = fc.oneof(fc.constantFrom('test.txt', 'test.m3u8', 'x.ts', 'A-1.ts'), fc.string());
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { maxLength: 40 }),
        fc.array(foreign),
        fc.array(fc.nat(39)),
        fc.subarray(ids),
        fc.subarray(ids),
        fc.integer({ min: 0, max: 90 * minute }),
        async (names, foreigners, listedAt, running, known, ageMs) => {
          const listed = listedAt.flatMap((index) => names[index] ?? []);
          const playlists: Record<string, string> = {};
          for (const id of ids) {
            const own = (leg: string): string[] =>
              listed.filter((entry) => {
                const file = classifyLegFile(entry, new Set(ids));
                return file?.kind === 'segment' && file.id === id && file.leg === leg;
              });
            playlists[`${id}.m3u8`] = list(...own('primary'));
            playlists[`stream_${id}.m3u8`] ??= list(...own('backup'));
          }
          const files = Object.fromEntries(
            [...names, ...foreigners.filter((entry) => classifyLegFile(entry, new Set(ids)) === undefined), ...Object.keys(playlists)].map(
              (entry) => [entry, ageMs],
            ),
          );
          const gone = new Set(await sweep({ files, playlists, running, known: [...known, ...running] }));
          for (const [playlist, text] of Object.entries(playlists)) {
            if (gone.has(playlist)) continue;
            for (const uri of text.split('\n')) expect(gone.has(uri)).toBe(false);
          }
          for (const entry of gone) expect(foreigners.includes(entry) && !names.includes(entry) && !(entry in playlists)).toBe(false);
          for (const id of running) expect(gone.has(`${id}.m3u8`)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
