// Playlists and segments, broken one way at a time: the check of streams names the stream and what is broken, and nothing else.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createDoctorBench, legStatus, playing, writeLegs, type DoctorBench } from '../helpers/doctor-bench.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { sourceOf, streamOf } from '../helpers/streams.ts';

describe.skipIf(!hasNginxRtmp)('the check of streams', () => {
  let bench: DoctorBench;
  const path = (name: string): string => join(bench.hls, name);
  const edit = (name: string, change: (text: string) => string): void =>
    writeFileSync(path(name), change(readFileSync(path(name), 'utf8')));
  const newest = (name: string): string => readFileSync(path(name), 'utf8').trim().split('\n').at(-1) ?? '';

  beforeAll(async () => {
    const streams = ['news', 'sport'].map((id) => streamOf(sourceOf('http-ts', `http://tv.example/${id}.ts`), {}, id));
    bench = await createDoctorBench({ streams });
    await writeLegs(bench.hls, 'news');
    // The copies are what each test starts from.
    for (const name of readdirSync(bench.hls)) {
      copyFileSync(path(name), path(`${name}.whole`));
    }
  });

  beforeEach(() => {
    bench.beforeGet = () => undefined;
    for (const name of readdirSync(bench.hls)) {
      if (!name.endsWith('.whole')) continue;
      for (const id of ['news', 'sport']) {
        const text = readFileSync(path(name));
        const copy = name.replace('news', id).replace('.whole', '');
        writeFileSync(path(copy), copy.endsWith('.m3u8') ? text.toString().replaceAll('news', id) : text);
      }
    }
    bench.streams.splice(0, bench.streams.length, playing('news'), playing('sport'));
  });

  afterAll(() => bench.close());

  it('finds nothing where all is well', async () => {
    expect(await bench.causes('streams')).toEqual([]);
    expect(await bench.causesInPassing('streams')).toEqual([]);
  });

  it.each<[string, () => void]>([
    ['segment-broken', () => truncateSync(path(newest('stream_news.m3u8')), 0)],
    ['segment-broken', () => writeFileSync(path(newest('news.m3u8')), '<html>not found</html>'.repeat(200))],
    ['segment-broken', () => truncateSync(path(newest('news.m3u8')), 188 * 100 + 7)],
    ['segment-broken', () => rmSync(path(newest('stream_news.m3u8')))],
    ['segment-undecodable', () => garbleMedia(path(newest('news.m3u8')))],
    ['playlist-broken', () => edit('stream_news.m3u8', (text) => `${text}#EXT-X-ENDLIST\n`)],
    ['playlist-broken', () => edit('news.m3u8', (text) => text.replace(/TARGETDURATION:\d+/, 'TARGETDURATION:0'))],
    ['playlist-broken', () => truncateSync(path('news.m3u8'), 0)],
    ['playlist-not-served', () => rmSync(path('stream_news.m3u8'))],
    ['playlist-went-back', () => edit('news.m3u8', (text) => text.replace(/MEDIA-SEQUENCE:\d+/, 'MEDIA-SEQUENCE:1'))],
  ])('%s', async (code, breakIt) => {
    breakIt();
    expect(await bench.causesInPassing('streams')).toEqual([`streams/${code} news`]);
  });

  it('sees a playlist that goes back between two readings', async () => {
    let readings = 0;
    bench.beforeGet = (url) => {
      if (!url.endsWith('/stream_news.m3u8')) return;
      readings += 1;
      if (readings === 3) edit('stream_news.m3u8', (text) => text.replace(/MEDIA-SEQUENCE:\d+/, 'MEDIA-SEQUENCE:100'));
    };
    expect(await bench.causes('streams')).toEqual(['streams/playlist-went-back news']);
  });

  it('looks at what is listed when its turn comes, which with many streams is late', async () => {
    let readings = 0;
    bench.beforeGet = (url) => {
      if (!url.endsWith('/stream_news.m3u8')) return;
      readings += 1;
      if (readings !== 2) return;
      edit('stream_news.m3u8', (text) => {
        const left = text.match(/#EXTINF[^\n]*\n[^\n]*\n/g)?.slice(0, 3) ?? [];
        for (const entry of left) rmSync(path(entry.trim().split('\n').at(-1) ?? ''));
        const first = Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]);
        return left.reduce((rest, entry) => rest.replace(entry, ''), text).replace(/MEDIA-SEQUENCE:\d+/, `MEDIA-SEQUENCE:${first + 3}`);
      });
    };
    expect(await bench.causes('streams')).toEqual([]);
    expect(readings).toBeGreaterThan(2);
  });

  it('finds what is broken in the middle of the window when it is named', async () => {
    writeFileSync(path('news-106.ts'), '<html>not found</html>'.repeat(200));
    expect(await bench.causes('streams')).toEqual(['streams/segment-broken news']);
  });

  it('finds an empty segment anywhere in the window, also in passing', async () => {
    truncateSync(path('stream_news_106.ts'), 0);
    expect(await bench.causesInPassing('streams')).toEqual(['streams/segment-broken news']);
  });

  it('says what a leg that is silent has, and that the other plays', async () => {
    bench.streams[0] = playing('news', { legs: { primary: legStatus({ state: 'stale', ageSeconds: 40 }), backup: legStatus() } });
    const { checks } = await bench.report('streams');
    expect(checks.at(-1)?.findings).toMatchObject([
      { status: 'warn', code: 'leg-silent', subject: 'news', what: 'the primary leg of news stands still for 40 s' },
    ]);
  });

  it('names the source alone when a channel without a slate has nothing to list', async () => {
    const url = 'http://localhost:8088/live/news/index.m3u8';
    const numbers = { ageSeconds: null, mediaSequence: 7, discontinuitySequence: 0, url };
    mkdirSync(path('news'), { recursive: true });
    const write = (text: string): void =>
      writeFileSync(path('news/index.m3u8'), `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n${text}`);
    write('#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-INDEPENDENT-SEGMENTS\n');
    const none = legStatus({ state: 'missing', segments: 0 });
    const channel = { state: 'holding', leg: null, ...numbers } as const;
    const lastFailure = { at: '2026-01-01T00:00:00Z', cause: 'refused', message: 'nobody listens at tv.example', evidence: [] };
    const failing = { state: 'backing-off', legs: { primary: none, backup: none }, channel, lastFailure } as const;
    bench.streams[0] = playing('news', failing);
    expect(await bench.causesInPassing('streams')).toEqual(['streams/stream-failing news']);
    // An empty list of a stream that plays is a fault of its own.
    bench.streams[0] = playing('news', { channel });
    expect(await bench.causesInPassing('streams')).toEqual(['streams/playlist-broken news']);
  });
});

/** Packets, tables and headers stay; what is in them is noise. */
function garbleMedia(file: string): void {
  const bytes = readFileSync(file);
  let seed = 1;
  for (let at = 0; at < bytes.length; at += 188) {
    const pid = ((bytes[at + 1] ?? 0) & 0x1f) * 256 + (bytes[at + 2] ?? 0);
    if (pid < 0x100 || pid >= 0x1000) continue;
    for (let index = at + 60; index < at + 188; index += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      bytes[index] = seed % 256;
    }
  }
  writeFileSync(file, bytes);
}
