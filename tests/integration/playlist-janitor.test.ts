// The janitor beside real writers: nginx-rtmp with its cleaner off, and ffmpeg.

import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { FileStat } from '../../src/core/ports.ts';
import { createJanitor } from '../../src/playlist/janitor.ts';
import { parseMediaPlaylist } from '../../src/playlist/media-playlist.ts';
import { createFilesPort } from '../../src/platform/files.ts';
import { createNginx, hasNginxRtmp, type TestNginx } from '../helpers/nginx.ts';
import { eventually, sleep } from '../helpers/wait.ts';

const files = createFilesPort();
const foreign = ['test.txt', 'test.m3u8', 'movie.ts'];
let directory = '';
let hls = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'iptv-janitor-'));
  hls = join(directory, 'hls');
  mkdirSync(hls);
  // nginx's workers may belong to another user.
  chmodSync(directory, 0o755);
  chmodSync(hls, 0o777);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function janitor(running: readonly string[], aheadMs = 0) {
  return createJanitor({
    files,
    clock: { now: () => Date.now() + aheadMs },
    directory: hls,
    knownIds: () => new Set(['news', 'news-hd']),
    runningIds: () => new Set(running),
    windowSeconds: () => 3,
  });
}

/** Names that a playlist lists and that do not exist. */
function holes(): readonly string[] {
  return readdirSync(hls)
    .filter((name) => name.endsWith('.m3u8'))
    .flatMap((name) => parseMediaPlaylist(readFileSync(join(hls, name), 'utf8'))?.segments.slice(1) ?? [])
    .map((segment) => segment.uri)
    .filter((uri) => !existsSync(join(hls, uri)));
}

describe.runIf(hasNginxRtmp)('the janitor beside nginx and ffmpeg', () => {
  let nginx: TestNginx;
  let jobs: ChildProcess[] = [];

  afterAll(async () => {
    for (const job of jobs) job.kill('SIGKILL');
    await nginx.stop();
  });

  it('keeps the folder bounded, never takes what is listed, and clears up after a stop', async () => {
    nginx = await createNginx({ directory, hlsDirectory: hls, conf });
    await nginx.start();
    for (const name of foreign) writeFileSync(join(hls, name), name === 'test.m3u8' ? '#EXTM3U\n' : 'mine');
    jobs = ['news', 'news-hd'].map((id) => publish(id, nginx.rtmpPort));
    await eventually(
      () => readdirSync(hls),
      (names) => ['news', 'news-hd'].every((id) => names.includes(`${id}.m3u8`) && names.includes(`stream_${id}.m3u8`)),
      { timeoutMs: 60_000 },
    );

    const sweeper = janitor(['news', 'news-hd']);
    let deleted = 0;
    // A crowded machine is late with its segments.
    for (let second = 0; second < 28 || (deleted <= 8 && second < 120); second += 1) {
      deleted += (await sweeper.sweep()).deleted;
      expect(holes()).toEqual([]);
      await sleep(1000);
    }
    expect(deleted).toBeGreaterThan(8);
    // Two legs of two streams, each at most 16 s unlisted, 3 s listed and one in the making, and some seconds of grace.
    expect(readdirSync(hls).filter((name) => name.endsWith('.ts')).length).toBeLessThan(4 * 25);

    for (const job of jobs) job.kill('SIGKILL');
    await sleep(500);
    expect(await janitor([], 9 * 60_000).sweep()).toMatchObject({ failed: 0 });
    expect(readdirSync(hls).filter((name) => name.endsWith('.m3u8'))).toHaveLength(5);
    expect(holes()).toEqual([]);
    expect(await janitor([], 11 * 60_000).sweep()).toMatchObject({ failed: 0 });
    expect(readdirSync(hls).sort()).toEqual([...foreign].sort());
  }, 480_000);
});

describe('the janitor', () => {
  it('works through a large folder in bounded pieces, and shares a sweep that is under way', async () => {
    const crowded = join(directory, 'crowded');
    mkdirSync(crowded);
    for (let n = 0; n < 2500; n += 1) writeFileSync(join(crowded, `gone-${1_700_000_000_000 + n}.ts`), '');
    const sweeper = createJanitor({
      files,
      clock: { now: () => Date.now() + 3_600_000 },
      directory: crowded,
      knownIds: () => new Set(),
      runningIds: () => new Set(),
      windowSeconds: () => 20,
    });
    const [one, two] = [sweeper.sweep(), sweeper.sweep()];
    expect(one).toBe(two);
    expect(await one).toEqual({ deleted: 1000, failed: 0, error: undefined });
    expect((await sweeper.sweep()).deleted).toBe(1000);
    expect((await sweeper.sweep()).deleted).toBe(500);
  });

  it('reports what it could not delete and keeps the segments of a playlist that stayed', async () => {
    const names = ['old-1700000000000.ts', 'old.m3u8'];
    const removed: string[] = [];
    const report = await createJanitor({
      files: {
        list: async () => names,
        readText: async () => '#EXTM3U\n#EXTINF:2,\nold-1700000000000.ts\n',
        stat: async () => ({ mtimeMs: 1_700_000_000_000 }) as FileStat,
        remove: async (path) => {
          removed.push(path);
          throw new Error('permission denied');
        },
      },
      clock: { now: () => Date.now() },
      directory: '/hls',
      knownIds: () => new Set(['old']),
      runningIds: () => new Set(),
      windowSeconds: () => 20,
    }).sweep();
    expect(removed).toEqual(['/hls/old.m3u8']);
    expect(report).toMatchObject({ deleted: 0, failed: 1 });
  });
});

function publish(id: string, rtmpPort: number): ChildProcess {
  const legs = [
    `[f=flv:onfail=ignore]rtmp://127.0.0.1:${rtmpPort}/live/${id}`,
    `[f=hls:hls_time=1:hls_list_size=3:hls_delete_threshold=100:hls_flags=delete_segments+append_list+temp_file+omit_endlist:hls_segment_filename=${hls}/stream_${id}_%d.ts]${hls}/stream_${id}.m3u8`,
  ];
  const input = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25'];
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-flags:v', '+global_header'];
  return spawn(
    'ffmpeg',
    ['-hide_banner', '-nostdin', '-loglevel', 'error', ...input, ...encode, '-map', '0', '-f', 'tee', legs.join('|')],
    { stdio: 'ignore' },
  );
}

function conf(place: { rtmpPort: number; httpPort: number; hlsDirectory: string; directory: string }): string {
  return `load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
worker_processes 1;
pid ${place.directory}/nginx.pid;
error_log ${place.directory}/error.log info;
events { worker_connections 64; }
rtmp { access_log off; server { listen 127.0.0.1:${place.rtmpPort}; application live {
  live on; hls on; hls_path ${place.hlsDirectory}; hls_fragment 1s; hls_playlist_length 3s; hls_fragment_naming system; hls_cleanup off;
} } }
http { access_log off; client_body_temp_path ${place.directory}/body; proxy_temp_path ${place.directory}/proxy; fastcgi_temp_path ${place.directory}/fastcgi;
  uwsgi_temp_path ${place.directory}/uwsgi; scgi_temp_path ${place.directory}/scgi;
  server { listen 127.0.0.1:${place.httpPort}; location /stat { rtmp_stat all; } } }
`;
}
