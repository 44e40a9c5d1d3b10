import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idCollisions, streamId } from './ids.ts';

const lineOf = (index: number): number => index + 1;

describe('idCollisions', () => {
  it.each([
    [['news', 'sport', 'news-hd', 'newsroom', 'stream-1', 'a-b'], []],
    [['news', 'news'], ['the id news is already used on line 1']],
    [['stream_news', 'news'], ['the id stream_news collides with news on line 2: the backup playlist of news is named stream_news.m3u8']],
    [
      ['news', 'stream_news_7'],
      ['the id stream_news_7 collides with news on line 1: the backup segments of news are named stream_news_<number>.ts'],
    ],
    [
      ['news', 'stream_news_hd'],
      ['the id stream_news_hd collides with news on line 1: the backup segments of news are named stream_news_<number>.ts'],
    ],
    [['news', 'news-7'], ['the id news-7 collides with news on line 1: nginx names the segments of news news-<number>.ts']],
    [['news', 'news_7'], ['the id news_7 collides with news on line 1: segments of news may be named news_<number>.ts']],
    [['news', 'news_hd'], ['the id news_hd collides with news on line 1: renditions of news are named news_<rendition>']],
    [['a', 'a_b_c'], ['the id a_b_c collides with a on line 1: renditions of a are named a_<rendition>']],
    [['news-1', 'news-2'], []],
    [['stream_news', 'stream_sport'], []],
    [['stream_1', 'stream_2'], []],
    [
      ['stream_x', 'x_hd'],
      ['the id x_hd collides with stream_x on line 1: its backup playlist stream_x_hd.m3u8 reads as a file of stream_x'],
    ],
  ])('%j', (ids, messages) => {
    expect(idCollisions(ids, lineOf).map(({ message }) => message)).toEqual(messages);
  });

  it('offers an id that is free', () => {
    expect(idCollisions(['news', 'news_hd'], lineOf)[0]?.suggestion).toBe('news-hd');
    expect(idCollisions(['news', 'news-hd', 'news_hd'], lineOf)[0]?.suggestion).toBeUndefined();
    expect(idCollisions(['news', 'news-2'], lineOf)[0]?.suggestion).toBe('news2');
  });

  it('skips entries without a valid id', () => {
    expect(idCollisions([undefined, 'news', undefined, 'news'], lineOf)).toMatchObject([{ index: 3 }]);
  });

  it('accepts only ids whose files cannot be mistaken for those of another', () => {
    const part = fc.constantFrom('a', 'b', 'stream', '1', '22', '_', '-', '_', 'hd');
    const id = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    const valid = id.filter((text) => streamId().check(text).ok);
    fc.assert(
      fc.property(fc.uniqueArray(valid, { minLength: 2, maxLength: 6 }), (ids) => {
        fc.pre(idCollisions(ids, lineOf).length === 0);
        for (const owner of ids) {
          for (const other of ids) {
            if (owner === other) continue;
            const files = new RegExp(`^(?:${owner}(?:-\\d+|_[a-z0-9]+)?|stream_${owner}(?:_[a-z0-9]+)?)$`);
            for (const name of [other, `stream_${other}`]) expect(files.test(name), `${name} reads as a file of ${owner}`).toBe(false);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('streamId', () => {
  it.each(['backend', 'nginx-rtmp', 'nginx-edge', 'supervisor', 'live', 'hls', 'stat', 'healthz', 'all', 'stream', 'iptv-doctor-x1'])(
    '%s is reserved',
    (id) => {
      expect(streamId().check(id)).toMatchObject({ ok: false, problem: { message: expect.stringContaining(`the id ${id} is reserved`) } });
    },
  );

  it.each(['a', '0', 'news', 'news-hd', 'a_b', 'x'.repeat(64)])('%s is fine', (id) => {
    expect(streamId().check(id)).toEqual({ ok: true, value: id });
  });

  it.each(['', '-a', '_a', 'a.b', 'a/b', '../a', 'A', 'ä', 'a b', 'x'.repeat(65), 'a\n', 5, null, undefined, ['a']])(
    '%j is refused',
    (id) => {
      expect(streamId().check(id).ok).toBe(false);
    },
  );
});
