// The edge as a service of its own, in front of a real origin: one request per object, what stays out, and what it hides.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { createEdgeRoom } from '../../src/run/edge-room.ts';
import { cacheLimits } from '../../src/plan/edge-conf.ts';
import { createFilesPort } from '../../src/platform/files.ts';
import { ask } from '../docker/http-behaviour.ts';
import { createTestOrigin, startTestEdge, type TestEdge, type TestOrigin } from '../helpers/edge.ts';
import { runCrowd } from '../helpers/hls-crowd.ts';
import { createMovingChannel, type MovingChannel } from '../helpers/moving-channel.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { eventually } from '../helpers/wait.ts';

const segmentSeconds = 2;
const viewers = 200;

const filesIn = (folder: string): number =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length : 0;

const contentsOf = (folder: string): readonly Buffer[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));

describe.skipIf(!hasNginxRtmp)('the edge', () => {
  let directory = '';
  let origin: TestOrigin;
  let edge: TestEdge;
  const channels: MovingChannel[] = [];

  const channel = (id: string): MovingChannel => {
    const made = createMovingChannel({ id, hlsDirectory: origin.hlsDirectory, segmentSeconds, segmentBytes: 20_000, window: 40 });
    channels.push(made);
    return made;
  };
  const requestsOf = async (pattern: RegExp): Promise<readonly [string, number][]> =>
    [...(await origin.requests())].filter(([path]) => pattern.test(path));

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'iptv-edge-'));
    chmodSync(directory, 0o755);
    mkdirSync(join(directory, 'origin'));
    origin = await createTestOrigin(join(directory, 'origin'), segmentSeconds);
    await origin.start();
    edge = await startTestEdge({ directory: join(directory, 'edge'), origins: [`127.0.0.1:${origin.httpPort}`], segmentSeconds });
  });

  afterAll(async () => {
    for (const one of channels) one.stop();
    await edge.stop();
    await origin.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it(`asks the origin once per object for ${viewers} viewers who behave like players`, async () => {
    const crowded = channel('crowded');
    const url = `${edge.url}/live/crowded/index.m3u8`;
    const begun = Date.now();
    // From here on the channel counts as popular, so that no object is fetched for both parts of the cache.
    await Promise.all(Array.from({ length: 20 }, () => ask(url)));
    crowded.start();
    const report = await runCrowd({ url, viewers, seconds: 9, arriveSeconds: 1, segment: crowded.segment, outdatedMs: crowded.outdatedMs });
    const seconds = (Date.now() - begun) / 1000;
    expect([...report.failures]).toEqual([]);
    expect(report.leastSegments).toBeGreaterThan(3);
    const segments = await requestsOf(/^\/live\/crowded\/.*\.ts$/);
    const asked = segments.reduce((sum, [, count]) => sum + count, 0);
    expect(report.segments).toBeGreaterThan(viewers * 3);
    expect(asked / segments.length).toBeLessThanOrEqual(1.05);
    // A playlist holds to the end of a second.
    const [[, playlists] = ['', 0]] = await requestsOf(/^\/live\/crowded\/index\.m3u8$/);
    expect(playlists).toBeLessThanOrEqual(seconds + 4);
    expect(report.playlists).toBeGreaterThan(viewers * 3);
    // Reloading by RFC 8216 6.3.4 still finds each segment in time: one segment late at most, with much room for a busy machine,
    // and what the slowest answer took, which was as fresh as could be when it was asked for.
    expect(report.outdatedMs).toBeLessThan(3 * segmentSeconds * 1000 + Math.max(...report.latencies));
    expect(filesIn(join(edge.memoryDirectory, 'popular'))).toBeGreaterThan(3);
  });

  it('brings together who asks in one moment, whatever it has', async () => {
    channel('burst');
    const url = `${edge.url}/live/burst/index.m3u8`;
    for (const pauseMs of [0, 4000]) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const before = (await requestsOf(/burst\/index/))[0]?.[1] ?? 0;
      const begun = Date.now();
      const answers = await Promise.all(Array.from({ length: 100 }, () => ask(url)));
      const seconds = Math.floor((Date.now() - begun) / 1000);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      // One for each second of the clock that it touches.
      expect(((await requestsOf(/burst\/index/))[0]?.[1] ?? 0) - before).toBeLessThanOrEqual(2 + seconds);
    }
  });

  it('keeps segments of a channel with one viewer out of memory', async () => {
    const quiet = channel('quiet');
    const before = filesIn(join(edge.memoryDirectory, 'popular'));
    for (const name of ['quiet-1001.ts', 'quiet-1002.ts']) {
      const answer = await ask(`${edge.url}/live/quiet/${name}`);
      expect([answer.status, answer.header('x-cache'), quiet.segment(name)?.equals(answer.bytes)]).toEqual([200, 'MISS', true]);
    }
    await eventually(
      () => filesIn(join(edge.diskDirectory, 'others')),
      (count) => count >= 2,
    );
    expect(filesIn(join(edge.memoryDirectory, 'popular'))).toBe(before);
    // In the file the body begins at a page, whatever nginx puts before it: from elsewhere it costs almost half as much again to send.
    const kept = contentsOf(join(edge.diskDirectory, 'others'));
    for (const name of ['quiet-1001.ts', 'quiet-1002.ts'])
      expect(kept.map((content) => content.indexOf(quiet.segment(name) ?? '')).filter((offset) => offset > 0)).toEqual([4096]);
  });

  it('answers as the origin does: type, CORS once, parts, HEAD, gzip, and says from where', async () => {
    const one = channel('head');
    const segment = `${edge.url}/live/head/head-1001.ts`;
    const whole = one.segment('head-1001.ts') ?? Buffer.alloc(0);
    for (const cache of ['MISS', 'HIT']) {
      const part = await ask(segment, { headers: { range: 'bytes=100-199', origin: 'http://other.example' } });
      expect([part.status, part.header('content-range'), part.header('x-cache')]).toEqual([206, `bytes 100-199/${whole.length}`, cache]);
      expect(part.bytes.equals(whole.subarray(100, 200))).toBe(true);
      expect(part.all('access-control-allow-origin')).toEqual(['*']);
      expect(part.all('cache-control')).toEqual(['public, max-age=86400']);
      expect(part.header('content-type')).toBe('video/mp2t');
      await eventually(
        () => ask(segment),
        (answer) => answer.header('x-cache') === 'HIT',
      );
    }
    const head = await ask(segment, { method: 'HEAD' });
    expect([head.status, head.header('content-length'), head.bytes.length]).toEqual([200, String(whole.length), 0]);
    for (let count = 0; count < 30; count += 1) one.advance();
    const identity = await ask(`${edge.url}/live/head/index.m3u8`);
    const playlist = await ask(`${edge.url}/live/head/index.m3u8`, { headers: { 'accept-encoding': 'gzip' } });
    expect(playlist.all('cache-control')).toEqual(['no-cache']);
    expect([playlist.header('content-encoding'), playlist.all('vary')]).toEqual(['gzip', ['Accept-Encoding']]);
    expect(gunzipSync(playlist.bytes).toString()).toContain('head-1033.ts');
    expect([identity.header('content-encoding'), identity.text.includes('head-1033.ts')]).toEqual([undefined, true]);
    expect(playlist.header('content-type')).toBe('application/vnd.apple.mpegurl');
    const preflight = await ask(segment, { method: 'OPTIONS' });
    expect([preflight.status, preflight.header('access-control-allow-methods'), preflight.all('access-control-allow-origin')]).toEqual([
      204,
      'GET, HEAD, OPTIONS',
      ['*'],
    ]);
    expect((await ask(segment, { method: 'POST' })).status).toBe(405);
  });

  it('keeps away from the origin what is none of its business', async () => {
    channel('path');
    const before = [...(await origin.requests()).values()].reduce((sum, count) => sum + count, 0);
    for (const path of [
      '/stat',
      '/metrics',
      '/control/drop/publisher',
      '/hls/',
      '/hls/../stat',
      '/live/.x/index.m3u8',
      '/hls/.a.ts',
      '/live/path/x.txt',
    ])
      expect([path, (await ask(`${edge.url}${path}`)).status]).toEqual([path, 404]);
    expect((await ask(`${edge.url}/healthz`)).text).toBe('ok\n');
    expect([...(await origin.requests()).values()].reduce((sum, count) => sum + count, 0)).toBe(before);
    // What one viewer sends with his request is not what the next one gets.
    await ask(`${edge.url}/live/path/path-1001.ts?token=a`, { headers: { cookie: 'a=b', 'x-forwarded-for': '1.2.3.4' } });
    await eventually(
      () => ask(`${edge.url}/live/path/path-1001.ts?token=c`),
      (answer) => answer.header('x-cache') === 'HIT',
    );
    expect(await requestsOf(/path-1001/)).toEqual([['/live/path/path-1001.ts', 1]]);
  });

  it('does not remember for long that something is not there', async () => {
    const url = `${edge.url}/live/late/late-1000.ts`;
    expect((await ask(url)).status).toBe(404);
    expect((await ask(`${edge.url}/live/nobody/index.m3u8`)).status).toBe(404);
    channel('late');
    await eventually(
      () => ask(url),
      ({ status }) => status === 200,
    );
  });

  it('goes on without an origin with what it has, says what it has not, and comes back by itself', async () => {
    const dark = channel('dark');
    const url = `${edge.url}/live/dark`;
    const playlist = await ask(`${url}/index.m3u8`);
    const names = playlist.text.split('\n').filter((line) => line.endsWith('.ts'));
    for (const name of names) await ask(`${url}/${name}`);
    await origin.kill();
    try {
      const begun = Date.now();
      // Longer than a playlist holds: from here on it is an old one, and the same one.
      for (let round = 0; round < 5; round += 1) {
        const stale = await ask(`${url}/index.m3u8`);
        expect([stale.status, stale.text]).toEqual([200, playlist.text]);
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      expect((await ask(`${url}/index.m3u8`)).header('x-cache')).toMatch(/^(?:STALE|UPDATING)$/);
      for (const name of names) {
        const answer = await ask(`${url}/${name}`);
        expect([name, answer.status, dark.segment(name)?.equals(answer.bytes)]).toEqual([name, 200, true]);
      }
      for (const path of ['/live/other/index.m3u8', '/live/other/other-1.ts']) {
        const answer = await ask(`${edge.url}${path}`);
        expect([path, answer.status, answer.text]).toEqual([path, 502, expect.stringContaining('the origin does not answer')]);
        expect([answer.header('retry-after'), answer.all('access-control-allow-origin')]).toEqual(['2', ['*']]);
      }
      expect(Date.now() - begun).toBeLessThan(50_000);
    } finally {
      await origin.start();
    }
    dark.advance();
    await eventually(
      () => ask(`${url}/index.m3u8`),
      ({ text }) => text.includes('dark-1004.ts'),
    );
  });

  it('hides an origin that hangs', async () => {
    const hung = channel('hung');
    const url = `${edge.url}/live/hung/index.m3u8`;
    const before = await ask(url);
    expect(before.status).toBe(200);
    await origin.hang();
    try {
      const rounds = await Promise.all(
        [0, 2500].map(async (ms) => {
          await new Promise((resolve) => setTimeout(resolve, ms));
          return ask(url);
        }),
      );
      expect(rounds.map(({ status, text }) => [status, text])).toEqual(rounds.map(() => [200, before.text]));
    } finally {
      await origin.resume();
    }
    hung.advance();
    await eventually(
      () => ask(url),
      ({ text }) => text.includes('hung-1004.ts'),
    );
  });
});

describe.skipIf(!hasNginxRtmp)('an edge', () => {
  let directory = '';
  let edge: TestEdge | undefined;
  const servers: Server[] = [];
  let mounted: string[] = [];

  const serve = async (answer: Parameters<typeof createServer>[1]): Promise<string> => {
    const server = createServer({}, answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const scratch = (): string => {
    directory = mkdtempSync(join(tmpdir(), 'iptv-edge-'));
    chmodSync(directory, 0o755);
    return directory;
  };

  afterEach(async () => {
    await edge?.stop();
    edge = undefined;
    for (const path of mounted) spawnSync('umount', ['-l', path]);
    mounted = [];
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(directory, { recursive: true, force: true });
  });

  it('waits for a channel that starts on demand, and asks for it once', async () => {
    let asked = 0;
    let readyAt = 0;
    const slow = await serve((request, response) => {
      if (request.url?.endsWith('.m3u8') !== true) {
        response.end();
        return;
      }
      asked += 1;
      // Whoever asks while the channel starts is answered in the same moment, and later ones at once.
      if (asked === 1) readyAt = performance.now() + 4000;
      setTimeout(() => response.end('#EXTM3U\n'), Math.max(0, readyAt - performance.now()));
    });
    edge = await startTestEdge({ directory: scratch(), origins: [slow], segmentSeconds });
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(`${edge?.url}/live/cold/index.m3u8`)));
    const secondsMore = Math.floor((performance.now() - begun) / 1000) - 4;
    expect(answers.map(({ status, text }) => `${status} ${text}`).filter((one) => one !== '200 #EXTM3U\n')).toEqual([]);
    // Those who waited find it as old as its request, and may ask for a new one, together: one in each second that a crowded machine
    // takes longer for it.
    expect(asked).toBeLessThanOrEqual(3 + secondsMore);
  });

  it('asks the next origin when the first is down, refuses, or fails', async () => {
    const broken = await serve((_request, response) => response.writeHead(503).end());
    const good = await serve((_request, response) => response.end('good'));
    edge = await startTestEdge({ directory: scratch(), origins: ['127.0.0.1:9', broken, good], segmentSeconds });
    for (const path of ['/live/news/index.m3u8', '/live/news/news-1.ts'])
      expect(await ask(`${edge.url}${path}`).then(({ status, text }) => [status, text])).toEqual([200, 'good']);
  });

  it('starts without any origin, and says so to viewers', async () => {
    edge = await startTestEdge({ directory: scratch(), origins: [], segmentSeconds });
    const answer = await ask(`${edge.url}/live/news/index.m3u8`);
    expect([answer.status, answer.text]).toEqual([502, 'the origin does not answer, and this edge has nothing of its own to show\n']);
  });

  it('passes everything on when its disks are full, whole, and keeps it again afterwards', async ({ skip }) => {
    const body = Buffer.alloc(400_000, 'iptv');
    const source = await serve((_request, response) => response.setHeader('content-length', body.length).end(body));
    const place = scratch();
    const folders = ['memory', 'disk'].map((name) => join(place, name));
    for (const folder of folders) {
      mkdirSync(folder);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=755', 'tmpfs', folder]).status !== 0)
        skip('needs the right to mount a tmpfs');
      mounted.push(folder);
    }
    const [memoryDirectory = '', diskDirectory = ''] = folders;
    edge = await startTestEdge({ directory, origins: [source], segmentSeconds, memoryDirectory, diskDirectory });
    const causes: string[] = [];
    const rooms = folders.map((folder) =>
      createEdgeRoom({
        files: createFilesPort(),
        directory: folder,
        reserveBytes: cacheLimits(64e6, 8 * 1024 ** 2).reserveBytes,
        events: { record: ({ cause }) => void causes.push(cause) },
      }),
    );
    const look = async (): Promise<void> => {
      for (const room of rooms) await room.tick();
    };
    let number = 0;
    const fetchNew = async (): Promise<string | undefined> => {
      number += 1;
      const answer = await ask(`${edge?.url}/live/news/news-${number}.ts`);
      expect([answer.status, answer.bytes.equals(body)]).toEqual([200, true]);
      return answer.header('x-cache');
    };
    await look();
    expect(await fetchNew()).toBe('MISS');
    // Ten times what there is room for: nginx removes the old in time, or the watch stops it before the disk is full.
    // Each is asked for once more: what nginx has open keeps its place when it is removed.
    for (let count = 0; count < 60; count += 1) {
      await fetchNew();
      expect((await ask(`${edge.url}/live/news/news-${number}.ts`)).bytes.equals(body)).toBe(true);
      await look();
    }
    for (const folder of folders) spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=64k'], { stdio: 'ignore' });
    await look();
    expect(folders.map((folder) => existsSync(join(folder, 'room')))).toEqual([false, false]);
    expect(causes).toContain('edge-full');
    for (let count = 0; count < 10; count += 1) expect(await fetchNew()).toBe('PASS');
    expect((await ask(`${edge.url}/live/news/index.m3u8`)).status).toBe(200);
    for (const folder of folders) rmSync(join(folder, 'filler'));
    await eventually(
      async () => {
        await look();
        return fetchNew();
      },
      (cache) => cache === 'MISS',
    );
  });
});
