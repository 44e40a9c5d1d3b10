import { beforeEach, describe, expect, it } from 'vitest';

import { createLegReader, type LegReader } from './leg-reader.ts';

const wallMs = Date.UTC(2026, 0, 1);
let sizes: Record<string, number>;
let times: Record<string, number>;
let reader: LegReader;

beforeEach(() => {
  sizes = {};
  times = {};
  reader = createLegReader({
    id: 'news',
    leg: 'backup',
    stat: async (name) => (sizes[name] === undefined ? undefined : { size: sizes[name], mtimeMs: times[name] ?? wallMs }),
  });
});

function list(...names: readonly string[]): string {
  for (const name of names) sizes[name] ??= 188;
  return ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...names.flatMap((name) => ['#EXTINF:2.0,', name]), ''].join('\n');
}

const names = async (text: string | undefined): Promise<readonly string[]> =>
  (await reader.read(text, 1000, wallMs)).map(({ uri, discontinuity }) => `${discontinuity ? '|' : ''}${uri}`);

describe('what a leg offers', () => {
  it('is its own segments, whatever else the list names', async () => {
    const text = list(
      'stream_news_1.ts',
      'news-1.ts',
      'https://evil.example/x.ts',
      '../../etc/passwd',
      'stream_other_2.ts',
      'stream_news_2.ts',
    );
    expect(await names(text)).toEqual(['stream_news_1.ts', '|stream_news_2.ts']);
  });

  it.each([
    ['empty', 0],
    ['cut in the middle of a packet', 1000],
  ])('is not a file that is %s, and a hole is a discontinuity', async (_, size) => {
    sizes['stream_news_2.ts'] = size;
    const text = list('stream_news_1.ts', 'stream_news_2.ts', 'stream_news_3.ts');
    expect(await names(text)).toEqual(['stream_news_1.ts', '|stream_news_3.ts']);
    sizes['stream_news_2.ts'] = 376;
    expect(await names(text)).toEqual(['stream_news_1.ts', 'stream_news_2.ts', 'stream_news_3.ts']);
  });

  it('is a name that is listed twice only once, in the later place, which is what the file holds', async () => {
    const text = list('stream_news_1.ts', 'stream_news_2.ts', 'stream_news_2.ts', 'stream_news_3.ts');
    expect(await names(text)).toEqual(['stream_news_1.ts', '|stream_news_2.ts', 'stream_news_3.ts']);
  });

  it.each([undefined, '', 'garbage', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nx.m3u8\n'])('is nothing in %j', async (text) => {
    expect(await names(text)).toEqual([]);
  });

  it('is not a segment of no length, or of an absurd one', async () => {
    sizes['stream_news_1.ts'] = 188;
    for (const length of ['0', '-2', 'NaN', '99999']) expect(await names(`#EXTM3U\n#EXTINF:${length},\nstream_news_1.ts\n`)).toEqual([]);
  });
});

describe('when a segment ended', () => {
  it('comes from its file at the first look, and lies between two looks afterwards, however the clock is set', async () => {
    times['stream_news_1.ts'] = wallMs - 5000;
    const first = list('stream_news_1.ts');
    expect(await reader.read(first, 10_000, wallMs)).toMatchObject([{ endedAt: 5000 }]);
    times['stream_news_2.ts'] = wallMs - 3_600_000;
    expect((await reader.read(list('stream_news_1.ts', 'stream_news_2.ts'), 12_000, wallMs)).at(-1)).toMatchObject({ endedAt: 10_000 });
    times['stream_news_3.ts'] = wallMs + 3_600_000;
    expect((await reader.read(list('stream_news_2.ts', 'stream_news_3.ts'), 14_000, wallMs)).at(-1)).toMatchObject({ endedAt: 14_000 });
    // An old list that comes back brings nothing new.
    expect(await reader.read(first, 16_000, wallMs)).toMatchObject([{ endedAt: 5000 }]);
  });
});
