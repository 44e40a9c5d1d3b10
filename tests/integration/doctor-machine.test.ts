// Machine, access and sources, broken one way at a time with the real thing: the doctor names that, and nothing else.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { createDoctorBench, type BenchOptions, type DoctorBench } from '../helpers/doctor-bench.ts';
import { media, type MediaName } from '../helpers/media.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { sourceOf, streamOf } from '../helpers/streams.ts';

let bench: DoctorBench | undefined;
const servers: Server[] = [];

async function open(options: BenchOptions = {}): Promise<DoctorBench> {
  bench = await createDoctorBench(options);
  return bench;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  await bench?.close();
  bench = undefined;
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe.skipIf(!hasNginxRtmp)('disk', () => {
  async function onTmpfs(options: string, fill: (hls: string) => void, skip: (why: string) => void): Promise<readonly string[]> {
    const stream = streamOf(sourceOf('test', 'test:'));
    const { hls, causes } = await open({ streams: [stream] });
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', hls]).status !== 0) skip('needs the right to mount a tmpfs');
    try {
      fill(hls);
      return await causes('disk');
    } finally {
      spawnSync('umount', ['-l', hls]);
    }
  }
  const zeros = (hls: string, kilobytes: number): void =>
    void spawnSync('dd', ['if=/dev/zero', `of=${join(hls, 'filler')}`, 'bs=1k', `count=${kilobytes}`]);

  it('is enough', async ({ skip }) => {
    expect(await onTmpfs('size=200m,mode=777', () => undefined, skip)).toEqual([]);
  });

  it.for<[string, string, (hls: string) => void]>([
    ['disk-full', 'size=100m,mode=777', (hls) => zeros(hls, 200_000)],
    ['disk-too-small', 'size=8m,mode=777', () => undefined],
    ['inodes-exhausted', 'size=100m,mode=777,nr_inodes=12', () => undefined],
  ])('%s', async ([code, options, fill], { skip }) => {
    expect(await onTmpfs(options, fill, skip)).toEqual([`disk/${code}`]);
  });
});

describe.skipIf(!hasNginxRtmp)('security and the way through RTMP', () => {
  const denied = (text: string): string => text.replace(/allow publish 127\.0\.0\.1; deny publish all;/, 'deny publish all;');
  const open0 = (text: string): string => text.replace(/allow publish 127\.0\.0\.1; deny publish all;/, 'allow publish all;');
  const everywhere = (text: string): string => text.replace(/listen 127\.0\.0\.1:(\d+);/, 'listen $1;');

  it('is well, and the test stream comes through and leaves nothing', async () => {
    const { causes, report, hls } = await open();
    chmodSync(hls, 0o2775);
    if (process.getuid?.() === 0) spawnSync('chown', ['nobody:nogroup', hls]);
    expect(await causes('security')).toEqual([]);
    expect((await report('e2e')).checks.at(-1)).toMatchObject({ id: 'e2e', status: 'pass' });
    expect(spawnSync('ls', [hls], { encoding: 'utf8' }).stdout).toBe('');
  });

  it('tells that the jobs may not publish, also when the test stream fails for it', async () => {
    const { causes, hls } = await open({ conf: denied });
    chmodSync(hls, 0o775);
    expect(await causes('security', 'e2e')).toEqual(['security/publish-denied']);
  });

  it('tells that the test stream is refused, and that what comes over HTTP cannot be played', async () => {
    const { causes } = await open({ conf: denied });
    expect(await causes('e2e')).toEqual(['e2e/publish-refused']);
    await bench?.close();
    const media = 'location ~ \\.ts$ { return 200 "no media"; }';
    const spoilt = await open({ conf: (text) => text.replace('location /hls/ {', `$&\n${media}`) });
    expect(await spoilt.causes('e2e')).toEqual(['e2e/hls-not-playable']);
  });

  it('tells that anybody may publish', async () => {
    const { causes, report, hls } = await open({ conf: (text) => everywhere(open0(text)) });
    chmodSync(hls, 0o775);
    expect(await causes('security')).toEqual(['security/publish-open']);
    expect((await report('security')).status).toBe('fail');
  });

  it('tells that nginx writes no HLS', async () => {
    const { causes } = await open({ conf: (text) => text.replace('hls on;', 'hls off;') });
    expect(await causes('e2e')).toEqual(['e2e/hls-not-written']);
  });

  it('tells that nginx serves another folder than it writes into', async () => {
    const { causes, directory } = await open({
      conf: (text) => text.replace(/root "([^"]+)"/, 'root "$1/elsewhere"').replace(/disable_symlinks [^;]+;/, ''),
    });
    mkdirSync(join(directory, 'elsewhere'), { recursive: true });
    expect(await causes('e2e')).toEqual(['e2e/hls-not-served']);
  });

  /** The mode of a new file is cut by the umask, and an old one keeps its own. */
  const writePublic = (path: string, text: string): void => {
    writeFileSync(path, text);
    chmodSync(path, 0o644);
  };

  it.each<[string, (bench: DoctorBench) => void]>([
    ['world-writable', ({ hls }) => chmodSync(hls, 0o777)],
    ['socket-open', ({ directory }) => writePublic(join(directory, 'state/control.sock'), '')],
    ['state-open', ({ directory }) => chmodSync(join(directory, 'state/jobs'), 0o755)],
    ['config-readable', ({ config }) => writePublic(config.path, 'http://me:hunter22@tv.example/x.ts')],
    ['env-readable', ({ directory }) => writePublic(join(directory, '.env'), 'TV_KEY=canary-of-tests')],
  ])('%s', async (code, breakIt) => {
    const source = sourceOf('http-ts', 'http://me:hunter22@tv.example/x.ts', { display: 'http://***@tv.example/x.ts' });
    const opened = await open({ streams: [streamOf(source)], secrets: ['canary-of-tests'] });
    writeFileSync(opened.config.path, 'nothing', { mode: 0o600 });
    chmodSync(opened.hls, 0o775);
    breakIt(opened);
    expect(await opened.causes('security')).toEqual([`security/${code}`]);
  });
});

describe('sources', () => {
  let clips: Readonly<Partial<Record<MediaName, Buffer>>> = {};
  beforeAll(async () => {
    const names = ['h264-aac.ts', 'h264-ac3.ts', 'hevc-aac.ts'] as const;
    clips = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(await media(name))] as const)));
  });

  const send =
    (clip: MediaName, status = 200): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { 'content-type': 'video/mp2t' });
      response.end(status === 200 ? clips[clip] : 'no');
    };

  async function causesOf(
    url: string,
    output: Parameters<typeof streamOf>[1] = {},
    kind: 'http-ts' | 'hls' = 'http-ts',
  ): Promise<readonly string[]> {
    const reconnect = { enabled: false, maxDelaySeconds: 1, timeoutSeconds: 2 };
    const { causes } = await open({ streams: [streamOf(sourceOf(kind, url, { reconnect }), output)] });
    return causes('sources');
  }

  it('answers', async () => {
    expect(await causesOf(`${await serve(send('h264-aac.ts'))}/live.ts`)).toEqual([]);
  });

  it('denies the user agent of the list and lets a player in: the player is named', async () => {
    const url = await serve((request, response) =>
      send('h264-aac.ts', (request.headers['user-agent'] ?? '').startsWith('VLC/') ? 200 : 403)(request, response),
    );
    const { causes, report } = await open({ streams: [streamOf(sourceOf('http-ts', `${url}/live.ts`))] });
    expect(await causes('sources')).toEqual(['sources/source-user-agent news']);
    const [found] = (await report('sources')).checks.at(-1)?.findings ?? [];
    expect(found?.why).toContain('write userAgent: "VLC/3.0.20 LibVLC/3.0.20" under this source in streams.yaml');
    expect(found?.next).toBe('iptv apply   # after the edit');
  });

  it.each<[string, () => Promise<string>]>([
    ['source-forbidden', async () => `${await serve(send('h264-aac.ts', 403))}/live.ts`],
    ['source-not-found', async () => `${await serve(send('h264-aac.ts', 404))}/live.ts`],
    ['source-not-media', async () => `${await serve((_request, response) => response.end('<html>your account has ended</html>'))}/live.ts`],
    ['source-dns', async () => 'http://no-such-name.invalid/live.ts'],
    ['source-refused', async () => 'http://127.0.0.1:1/live.ts'],
    ['source-busy', async () => `${await serve(send('h264-aac.ts', 429))}/live.ts`],
    ['source-rejected', async () => `${await serve(send('h264-aac.ts', 451))}/live.ts`],
    ['source-error', async () => `${await serve(send('h264-aac.ts', 502))}/live.ts`],
    ['source-tls', async () => `${(await serve(send('h264-aac.ts'))).replace('http:', 'https:')}/live.ts`],
    ['source-silent', async () => `${await serve(() => undefined)}/live.ts`],
    ['source-unusable', async () => `${await serve((request) => request.socket.resetAndDestroy())}/live.ts`],
  ])('%s', async (code, address) => {
    expect(await causesOf(await address())).toEqual([`sources/${code} news`]);
  });

  it.each<[string, string]>([
    ['source-stale', 'gone_1.ts'],
    ['source-blocked', 'file:///etc/hostname'],
  ])('%s', async (code, listed) => {
    const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n${`#EXTINF:2,\n${listed}\n`.repeat(3)}`;
    const url = await serve((request, response) => {
      response.statusCode = request.url === '/live.m3u8' ? 200 : 404;
      response.end(request.url === '/live.m3u8' ? playlist : 'no');
    });
    expect(await causesOf(`${url}/live.m3u8`, {}, 'hls')).toEqual([`sources/${code} news`]);
  });

  it('sends AC-3, which is copied to the backup leg alone, or encoded anew and no problem', async () => {
    const url = `${await serve(send('h264-ac3.ts'))}/live.ts`;
    expect(await causesOf(url, { audio: 'copy' })).toEqual(['sources/source-codec news']);
    await bench?.close();
    expect(await causesOf(url)).toEqual([]);
  });

  it('has another time than this machine', async () => {
    const url = await serve((_request, response) => {
      response.setHeader('date', new Date(Date.now() + 600_000).toUTCString());
      response.end();
    });
    const { causes } = await open({ streams: [streamOf(sourceOf('http-ts', `${url}/live.ts`))] });
    expect(await causes('clock')).toEqual([`clock/clock-off-source ${new URL(url).host}`]);
  });
});
