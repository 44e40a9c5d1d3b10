// One fault at a time in real files, configurations and answers of a real nginx: the check in whose field it is names it, alone.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createDoctorBench, legStatus, playing, writeLegs, type DoctorBench } from '../helpers/doctor-bench.ts';
import { media } from '../helpers/media.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { sourceOf, streamOf } from '../helpers/streams.ts';
import { eventually } from '../helpers/wait.ts';

const streams = [streamOf(sourceOf('http-ts', 'http://tv.example/news.ts'))];

describe.skipIf(!hasNginxRtmp)('faults', { timeout: 360_000 }, () => {
  let bench: DoctorBench;
  let conf = '';
  let legs: readonly (readonly [string, Buffer])[] = [];
  const path = (name: string): string => join(bench.hls, name);
  const confPath = (): string => join(bench.directory, 'state/nginx/nginx.conf');
  const listed = (name: string): readonly string[] =>
    readFileSync(path(name), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
  const edit = (file: string, change: (text: string) => string): void => {
    const before = readFileSync(file, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`nothing changes in ${file}`);
    writeFileSync(file, after);
  };

  beforeAll(async () => {
    bench = await createDoctorBench({ streams });
    conf = readFileSync(confPath(), 'utf8');
    await writeLegs(bench.hls, 'news');
    legs = readdirSync(bench.hls).map((name) => [name, readFileSync(path(name))]);
  });

  beforeEach(() => {
    writeFileSync(confPath(), conf);
    rmSync(join(bench.directory, 'state/logs/news.log'), { force: true });
    for (const name of readdirSync(bench.hls)) rmSync(path(name));
    for (const [name, bytes] of legs) writeFileSync(path(name), bytes);
    chmodSync(bench.hls, 0o777);
    bench.streams.splice(0, bench.streams.length, playing('news', { uptimeSeconds: 30 }));
  });

  afterAll(() => bench.close());

  it('are not there at first', async () => {
    expect(await bench.causes('config', 'files', 'endpoint', 'mime', 'm3u8', 'cors', 'permissions', 'write', 'logs', 'clock')).toEqual([]);
  });

  it.each<[string, (text: string) => string]>([
    ['config-refused', (text) => text.replace('hls on;', 'hls on')],
    ['rtmp-port-differs', (text) => text.replace(/listen 127\.0\.0\.1:\d+;/, 'listen 127.0.0.1:1;')],
    ['http-port-differs', (text) => text.replace(/listen (\d+);/, 'listen 127.0.0.1:2;')],
    ['hls-off', (text) => text.replace('hls on;', 'hls off;')],
    ['segments-differ', (text) => text.replace(/hls_fragment \d+ms;/, 'hls_fragment 7s;')],
    ['names-reused', (text) => text.replace('hls_fragment_naming system;', '')],
    ['hls-nested', (text) => text.replace('hls_nested off;', 'hls_nested on;')],
    ['files-cached', (text) => text.replace('open_file_cache off;', 'open_file_cache max=100;')],
  ])('config: %s', async (code, change) => {
    edit(confPath(), change);
    expect(await bench.causes('config')).toEqual([`config/${code}`]);
  });

  it('security: a control page for everybody', async () => {
    edit(confPath(), (text) => text.replace(/location \/control \{\n.*/, 'location /control {'));
    expect(await bench.causesInPassing('security')).toEqual(['security/control-open']);
  });

  it.each<[string, () => void]>([
    ['leg-missing', () => rmSync(path('news.m3u8'))],
    ['leg-stale', () => utimesSync(path('stream_news.m3u8'), 1000, Date.now() / 1000 - 60)],
    ['playlist-empty', () => truncateSync(path('news.m3u8'))],
    ['segments-gone', () => rmSync(path(listed('stream_news.m3u8')[2] ?? ''))],
  ])('files: %s', async (code, breakIt) => {
    breakIt();
    expect(await bench.causes('files')).toEqual([`files/${code} news`]);
  });

  it.each<[string, () => void]>([
    ['playlist-refused', () => ['news.m3u8', 'stream_news.m3u8'].forEach((name) => rmSync(path(name)))],
    ['segment-refused', () => listed('news.m3u8').forEach((name) => rmSync(path(name)))],
    ['segment-refused', () => listed('news.m3u8').forEach((name) => writeFileSync(path(name), '<html>no</html>'))],
  ])('endpoint: %s', async (code, breakIt) => {
    breakIt();
    expect(await bench.causes('endpoint')).toEqual([`endpoint/${code} news`]);
  });

  it('permissions: a mode that is not the one of the list', async () => {
    chmodSync(bench.hls, 0o755);
    expect(await bench.causes('permissions')).toEqual(['permissions/folder-mode']);
  });

  it('logs: a job says now what keeps it from working, and does not work', async () => {
    const lines = (text: string): string => `${new Date().toISOString()} error ${text}\n`;
    writeFileSync(
      join(bench.directory, 'state/logs/news.log'),
      lines('http://tv.example/news.ts: Server returned 403 Forbidden (access denied)'),
    );
    expect(await bench.causes('logs')).toEqual([]);
    bench.streams.splice(
      0,
      1,
      playing('news', { state: 'backing-off', legs: { primary: legStatus({ state: 'stale' }), backup: legStatus({ state: 'stale' }) } }),
    );
    expect(await bench.causes('logs')).toEqual(['logs/error-in-log news']);
  });

  it('clock: playlists with dates of another day', async () => {
    edit(path('stream_news.m3u8'), (text) => text.replace('#EXTINF', '#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00.000+0000\n#EXTINF'));
    expect(await bench.causes('clock')).toEqual(['clock/dates-off news']);
  });
});

describe.skipIf(!hasNginxRtmp)('faults of an nginx that runs', { timeout: 360_000 }, () => {
  let bench: DoctorBench | undefined;
  const open = async (options: Parameters<typeof createDoctorBench>[0]): Promise<DoctorBench> => (bench = await createDoctorBench(options));

  beforeEach(async () => {
    await bench?.close();
    bench = undefined;
  });
  afterAll(() => bench?.close());

  it.each<[string, string, (text: string) => string]>([
    ['nginx/nginx-foreign', 'nginx', (text) => text.replace(String.raw`return 200 "ok\n";`, 'return 200 "hello";')],
    [
      'm3u8/served-changed',
      'm3u8',
      (text) => text.replace('sendfile on;', "sendfile on; sub_filter 'EXTM3U' 'EXTM3U8'; sub_filter_types *;"),
    ],
  ])('%s', async (cause, check, change) => {
    const { causes } = await open({ conf: change });
    expect(await causes(check)).toEqual([cause]);
  });

  it('endpoint: a public address where nobody is', async () => {
    const { causes } = await open({ server: { publicUrl: 'http://127.0.0.1:1' } });
    expect(await causes('endpoint')).toEqual(['endpoint/public-url-silent']);
  });

  it('stat: a job that does not publish, and somebody who should not', async () => {
    const { causes, nginx, streams: known } = await open({ streams });
    known.push(playing('news'));
    // A job that lost its nginx needs a moment to be back: nobody is missed by one that is young.
    await eventually(
      () => causes('stat'),
      (found) => found.length > 0,
      { timeoutMs: 60_000, every: 1000, what: 'the missing publisher' },
    );
    expect(await causes('stat')).toEqual(['stat/publisher-missing news']);
    known.splice(0, 1);
    const input = ['-re', '-stream_loop', '-1', '-i', await media('h264-aac.mp4')];
    const target = `rtmp://127.0.0.1:${nginx.rtmpPort}/live/stranger`;
    const stranger = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...input, '-c', 'copy', '-f', 'flv', target], { stdio: 'ignore' });
    const ended = once(stranger, 'exit');
    try {
      await eventually(
        async () => (await causes('stat')).join(),
        (found) => found === 'stat/publisher-unknown stranger',
        { timeoutMs: 60_000, what: 'the stranger' },
      );
    } finally {
      stranger.kill('SIGKILL');
      await ended;
    }
  });
});
