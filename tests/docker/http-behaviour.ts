// What viewers and browsers get from the origin over HTTP; the same cases for the local nginx and for the container.

import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';

export interface Origin {
  /** Such as `http://127.0.0.1:8088`. */
  readonly url: string;
  /** Makes a file in the HLS folder; `name` may hold a folder, which is made. */
  put(name: string, text: string): Promise<void>;
  /** Makes a symbolic link in the HLS folder. */
  link(name: string, target: string): Promise<void>;
}

export interface Answer {
  readonly status: number;
  /** As sent, so that a doubled header is seen. */
  all(name: string): readonly string[];
  header(name: string): string | undefined;
  readonly bytes: Buffer;
  readonly text: string;
}

export function ask(url: string, options: { method?: string; headers?: Readonly<Record<string, string>> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false, timeout: 10_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => {
          const bytes = Buffer.concat(chunks);
          const all = (name: string): readonly string[] =>
            response.rawHeaders.flatMap((text, index) =>
              index % 2 === 0 && text.toLowerCase() === name ? [response.rawHeaders[index + 1] ?? ''] : [],
            );
          resolve({ status: response.statusCode ?? 0, all, header: (name) => all(name)[0], bytes, text: bytes.toString() });
        });
        response.once('error', reject);
      },
    );
    asked.once('timeout', () => asked.destroy(new Error(`${url} did not answer`)));
    asked.once('error', reject);
    asked.end();
  });
}

const playlist = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n${Array.from({ length: 30 }, (_, n) => `#EXTINF:2.000,\nnews-${n}.ts\n`).join('')}`;
const segment = 'G'.padEnd(188, '.').repeat(20);
const segmentCaching = 'public, max-age=86400';

/** Registers the cases; `open` is called when the suite's own beforeAll has run. */
export function describeHttp(open: () => Origin): void {
  let origin: Origin;
  const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> =>
    ask(`${origin.url}${path}`, { method, headers });

  beforeAll(async () => {
    origin = open();
    await origin.put('news.m3u8', playlist);
    await origin.put('short.m3u8', '#EXTM3U\n');
    await origin.put('news-100.ts', segment);
    await origin.put('a_b-3-7.ts', segment);
    await origin.put('news/index.m3u8', playlist);
    await origin.put('news/slate-ab12-0.ts', segment);
    await origin.put('news/.index.m3u8.tmp', 'secret');
    await origin.put('news/.hidden.ts', 'secret');
    await origin.put('stream_news_5.ts', segment);
    for (const name of ['part.m4s', 'init.mp4', 'subtitles.vtt', 'note.txt', 'odd.xyz', 'noextension']) await origin.put(name, 'text');
    for (const name of ['news.m3u8.bak', 'stream_news.m3u8.tmp', '.hidden', '.hidden.m3u8']) await origin.put(name, 'secret');
    await origin.link('link.txt', '/etc/hostname');
  });

  it.each([
    ['/hls/news.m3u8', 'application/vnd.apple.mpegurl', 'no-cache'],
    ['/hls/news.m3u8?token=1', 'application/vnd.apple.mpegurl', 'no-cache'],
    ['/hls/news-100.ts', 'video/mp2t', segmentCaching],
    ['/hls/stream_news_5.ts', 'video/mp2t', segmentCaching],
    ['/live/news/index.m3u8', 'application/vnd.apple.mpegurl', 'no-cache'],
    ['/live/news/index.m3u8?token=1', 'application/vnd.apple.mpegurl', 'no-cache'],
    ['/live/news/news-100.ts', 'video/mp2t', segmentCaching],
    ['/live/news/stream_news_5.ts', 'video/mp2t', segmentCaching],
    ['/live/news/slate-ab12-0.ts?n=7', 'video/mp2t', segmentCaching],
    ['/hls/part.m4s', 'video/mp4', segmentCaching],
    ['/hls/init.mp4', 'video/mp4', segmentCaching],
    ['/hls/subtitles.vtt', 'text/vtt', segmentCaching],
    ['/hls/note.txt', 'text/plain', 'no-cache'],
    ['/hls/odd.xyz', 'application/octet-stream', 'no-cache'],
    ['/hls/noextension', 'application/octet-stream', 'no-cache'],
    ['/hls/', 'text/html', 'no-cache'],
    ['/healthz', 'text/plain', 'no-cache'],
    ['/', 'text/html', 'no-cache'],
    ['/stat.xsl', 'text/xml', 'no-cache'],
  ])('serves %s as %s, %s', async (path, type, caching) => {
    const answer = await get(path);
    expect([answer.status, answer.all('content-type'), answer.all('cache-control')]).toEqual([200, [type], [caching]]);
    expectCors(answer);
    expect(answer.header('server')).toBe('nginx');
  });

  it('serves a range of a segment, cacheable', async () => {
    const answer = await get('/hls/news-100.ts', { range: 'bytes=188-375' });
    expect([answer.status, answer.header('content-range'), answer.bytes.length]).toEqual([206, `bytes 188-375/${segment.length}`, 188]);
    expect([answer.header('content-type'), answer.all('cache-control')]).toEqual(['video/mp2t', [segmentCaching]]);
    expectCors(answer);
  });

  it('says that nothing has changed, with the same caching', async () => {
    const etag = (await get('/hls/news-100.ts')).header('etag') ?? '';
    const answer = await get('/hls/news-100.ts', { 'if-none-match': etag });
    expect([answer.status, answer.all('cache-control')]).toEqual([304, [segmentCaching]]);
    expectCors(answer);
  });

  it.each([
    '/hls/news-101.ts',
    '/hls/nobody.m3u8',
    '/hls/nobody_1.ts',
    '/nothing',
    '/note.txt',
    '/tmp/',
    '/live/nobody/index.m3u8',
    '/live/news/news-101.ts',
    '/live/news/',
    '/live/',
  ])('answers 404 for %s, never cached', async (path) => {
    const answer = await get(path);
    expect([answer.status, answer.all('cache-control')]).toEqual([404, ['no-store']]);
    expectCors(answer);
  });

  it.each([
    '/hls/news.m3u8.bak',
    '/hls/stream_news.m3u8.tmp',
    '/hls/.hidden',
    '/hls/.hidden.m3u8',
    '/hls/news/.index.m3u8.tmp',
    '/live/news/.index.m3u8.tmp',
    '/live/news/.hidden.ts',
  ])('hides %s', async (path) => {
    const answer = await get(path);
    expect([answer.status, answer.text.includes('secret')]).toEqual([404, false]);
  });

  it('follows no link out of the folder and lists no hidden file', async () => {
    expect((await get('/hls/link.txt')).status).toBe(403);
    const { text } = await get('/hls/');
    expect(text).toContain('news-100.ts');
    expect(text).not.toContain('.hidden');
  });

  it.each([
    '/live/news/../../etc/hostname',
    '/live/news/..%2f..%2fhostname',
    '/live/../hls/.hidden',
    '/hls/../note.txt',
    '/hls/%2e%2e/etc/hostname',
    '/hls//etc/hostname',
    '/hls/..%2f..%2fetc%2fhostname',
  ])('stays in its folder for %s', async (path) => {
    // A path is sent as it is by node:http when it comes as an option, so that nobody normalizes it on the way.
    const { port } = new URL(origin.url);
    const answer = await raw(Number(port), path);
    expect(answer).toMatch(/^HTTP\/1\.1 (?:400|403|404) /);
  });

  it('leads from where the listing shows a channel playlist to where its segments are', async () => {
    const answer = await get('/hls/news/index.m3u8');
    expect([answer.status, answer.all('location'), answer.all('cache-control')]).toEqual([301, ['/live/news/index.m3u8'], ['no-store']]);
    expectCors(answer);
  });

  it('redirects the folder without naming a host', async () => {
    const answer = await get('/hls');
    expect([answer.status, answer.all('location'), answer.all('cache-control')]).toEqual([301, ['/hls/'], ['no-store']]);
    expectCors(answer);
  });

  it.each([
    ['/hls/news_100.ts', '/hls/news-100.ts'],
    ['/hls/a_b-3_7.ts', '/hls/a_b-3-7.ts'],
  ])('serves %s, which is the file of %s', async (spelling, file) => {
    const [one, other] = await Promise.all([get(spelling), get(file)]);
    expect([one.status, one.header('content-type'), one.all('cache-control')]).toEqual([200, 'video/mp2t', [segmentCaching]]);
    expect(one.bytes.equals(other.bytes)).toBe(true);
    expect((await get(spelling, { range: 'bytes=0-9' })).status).toBe(206);
  });

  it.each(['/hls/news.m3u8', '/hls/news-100.ts', '/hls/nothing.ts', '/hls/', '/live/news/index.m3u8', '/live/news/news-100.ts'])(
    'answers the preflight of %s',
    async (path) => {
      const answer = await get(
        path,
        { origin: 'https://tv.example', 'access-control-request-method': 'GET', 'access-control-request-headers': 'range' },
        'OPTIONS',
      );
      expect([answer.status, answer.bytes.length]).toEqual([204, 0]);
      expect(answer.all('access-control-allow-methods')).toEqual(['GET, HEAD, OPTIONS']);
      expect(answer.all('access-control-allow-headers')[0]?.split(', ')).toContain('Range');
      expect(answer.all('access-control-max-age')).toEqual(['86400']);
      expectCors(answer, true);
    },
  );

  it('knows GET and HEAD only', async () => {
    expect((await get('/hls/news.m3u8', {}, 'HEAD')).status).toBe(200);
    expect((await get('/hls/news.m3u8', {}, 'DELETE')).status).toBe(405);
    expect((await get('/hls/news.m3u8', { 'content-length': '4000' }, 'PUT')).status).toBeGreaterThanOrEqual(400);
  });

  it('packs a long playlist and nothing else', async () => {
    const packed = { 'accept-encoding': 'gzip' };
    const long = await get('/hls/news.m3u8', packed);
    expect([long.header('content-encoding'), gunzipSync(long.bytes).toString()]).toEqual(['gzip', playlist]);
    expect(long.all('vary')).toEqual(['Accept-Encoding']);
    expect((await get('/hls/short.m3u8', packed)).header('content-encoding')).toBeUndefined();
    expect((await get('/hls/news-100.ts', packed)).header('content-encoding')).toBeUndefined();
  });

  describe('/stat', () => {
    it('is XML with a style sheet, for this network only, and not for other web pages', async () => {
      const answer = await get('/stat');
      expect([answer.status, answer.header('content-type'), answer.all('cache-control')]).toEqual([200, 'text/xml', ['no-store']]);
      expect(answer.text).toContain('<?xml-stylesheet type="text/xsl" href="/stat.xsl" ?>');
      expect(answer.text).toMatch(/<application>\s*<name>live<\/name>/);
      expect(answer.all('access-control-allow-origin')).toEqual([]);
    });

    it('has a style sheet that is whole XML', async () => {
      const { parseXml } = await import('@rgrove/parse-xml');
      expect(parseXml((await get('/stat.xsl')).text).root?.name).toBe('xsl:stylesheet');
    });
  });
}

function expectCors(answer: Answer, preflight = false): void {
  expect(answer.all('access-control-allow-origin')).toEqual(['*']);
  expect(answer.all('access-control-expose-headers')[0]).toContain('Content-Range');
  expect(answer.all('access-control-allow-methods')).toHaveLength(preflight ? 1 : 0);
}

/** The first line of the answer to a path that no client library has touched. */
async function raw(port: number, path: string): Promise<string> {
  const { connect } = await import('node:net');
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`));
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.once('end', () => resolve(text));
    socket.once('error', reject);
  });
}
