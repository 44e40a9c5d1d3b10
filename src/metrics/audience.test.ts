import { describe, expect, it } from 'vitest';

import { createAudienceCounter } from './audience.ts';

function counter() {
  let now = 0;
  const made = createAudienceCounter({ now: () => now, salt: 'x', isKnown: (id) => id === 'news' || id === 'tv-1' });
  const get = (uri: string, more: { address?: string; agent?: string; status?: number; bytes?: number } = {}): void =>
    made.take(
      `<190>Nov 28 04:10:47 iptv: ${more.address ?? '10.0.0.1'}|${more.status ?? 200}|${more.bytes ?? 100}|${uri}|${more.agent ?? 'VLC'}`,
    );
  return { ...made, get, pass: (ms: number) => void (now += ms), news: () => made.audience().of('news') };
}

describe('viewers', () => {
  it.each([
    ['/live/news/index.m3u8', 1],
    ['/live/news/index.m3u8?token=a', 1],
    ['/hls/news.m3u8', 1],
    ['/hls/stream_news.m3u8', 1],
    ['/hls/news-7.ts', 0],
    ['/live/news/slate_1.ts', 0],
    ['/live/nobody/index.m3u8', 0],
    ['/hls/', 0],
    ['/live/news/../x', 0],
  ])('%s', (uri, viewers) => {
    const audience = counter();
    audience.get(uri);
    expect(audience.news().viewers).toBe(viewers);
  });

  it('are distinct by address and agent', () => {
    const audience = counter();
    audience.get('/live/news/index.m3u8');
    audience.get('/live/news/index.m3u8');
    audience.get('/hls/news.m3u8');
    audience.get('/live/news/index.m3u8', { agent: 'a|b: c' });
    audience.get('/live/news/index.m3u8', { address: '2001:db8::1' });
    audience.get('/live/news/index.m3u8', { agent: 'iptv' });
    expect(audience.news()).toMatchObject({ viewers: 3, requests: 6 });
  });

  it('leave after half a minute without a request', () => {
    const audience = counter();
    audience.get('/live/news/index.m3u8');
    audience.pass(20_000);
    audience.get('/live/news/index.m3u8', { address: '10.0.0.2' });
    audience.pass(15_000);
    expect(audience.news().viewers).toBe(1);
    audience.pass(20_000);
    expect(audience.news()).toMatchObject({ viewers: 0, requests: 2 });
  });

  it('are not those who got an error', () => {
    const audience = counter();
    audience.get('/live/news/index.m3u8', { status: 404 });
    audience.get('/live/news/index.m3u8', { status: 304, address: '10.0.0.3' });
    expect(audience.news().viewers).toBe(1);
    expect([...audience.audience().responses]).toEqual([
      ['4xx', 1],
      ['3xx', 1],
    ]);
  });
});

describe('an edge', () => {
  const line = (cache: string, uri: string, address = '10.0.0.9', agent = 'VLC'): string =>
    `<190>Nov 28 04:10:47 iptv: @${cache}|${address}|200|100|${uri}|${agent}`;

  it('counts its own viewers, and is none of the origin', () => {
    const audience = counter();
    // The edge asks before it has anything to tell.
    audience.get('/live/news/index.m3u8', { agent: 'iptv-edge', address: '127.0.0.1', bytes: 0 });
    expect(audience.news().viewers).toBe(1);
    audience.take(line('HIT', '/live/news/index.m3u8'));
    audience.take(line('STALE', '/live/news/index.m3u8', '10.0.0.8'));
    audience.take(line('MISS', '/live/news/news-7.ts'));
    audience.get('/live/news/index.m3u8', { agent: 'iptv-edge', address: '127.0.0.1' });
    expect(audience.news()).toEqual({ viewers: 2, requests: 4, sentBytes: 300 });
    const { edge, responses, sentBytes } = audience.audience();
    expect([...edge]).toEqual([
      ['hit', { requests: 1, sentBytes: 100 }],
      ['stale', { requests: 1, sentBytes: 100 }],
      ['miss', { requests: 1, sentBytes: 100 }],
    ]);
    expect([responses.get('2xx'), sentBytes]).toEqual([2, 100]);
  });

  it('on another host, which tells nothing here, is a viewer itself', () => {
    const audience = counter();
    audience.get('/live/news/index.m3u8', { agent: 'iptv-edge', address: '10.9.9.9' });
    expect(audience.news().viewers).toBe(1);
    audience.take(line('HIT', '/live/news/index.m3u8'));
    audience.pass(61_000);
    audience.get('/live/news/index.m3u8', { agent: 'iptv-edge', address: '10.9.9.9' });
    expect(audience.news().viewers).toBe(1);
  });

  it('with a word that nobody knows does not make labels', () => {
    const audience = counter();
    audience.take(line('XYZ', '/live/news/index.m3u8'));
    audience.take(line('', '/live/news/index.m3u8'));
    expect([...audience.audience().edge.keys()]).toEqual(['none']);
  });
});

describe('bytes', () => {
  it('are counted per channel, for ids with a number in them too', () => {
    const audience = counter();
    audience.get('/hls/news-7.ts', { bytes: 1000 });
    audience.get('/hls/news_7.ts', { bytes: 1 });
    audience.get('/live/news/stream_news_3.ts', { bytes: 10 });
    audience.get('/hls/tv-1-7.ts', { bytes: 5 });
    audience.get('/hls/other-7.ts', { bytes: 7 });
    expect(audience.news().sentBytes).toBe(1011);
    expect(audience.audience().of('tv-1').sentBytes).toBe(5);
    expect(audience.audience().sentBytes).toBe(1023);
  });

  it('of a stream that left the list are forgotten', () => {
    const audience = counter();
    audience.get('/hls/news-7.ts');
    audience.keep(new Set(['sport']));
    expect(audience.news().sentBytes).toBe(0);
  });

  it.each(['', 'nonsense', 'iptv: 10.0.0.1|abc|1|/hls/x|y', '|'.repeat(5000)])('of %j are none', (line) => {
    const audience = counter();
    audience.take(line);
    expect(audience.audience().sentBytes).toBe(0);
  });
});
