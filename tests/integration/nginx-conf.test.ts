// The local runtime's nginx.conf in the installed nginx: what it serves, who may publish, what its cleaner removes.

import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Config } from '../../src/core/config.ts';
import { resolveEndpoints } from '../../src/core/endpoints.ts';
import { localNginxValues, renderNginxConf } from '../../src/plan/nginx-conf.ts';
import { ask, describeHttp, type Origin } from '../docker/http-behaviour.ts';
import { decode, media } from '../helpers/media.ts';
import { createNginx, hasNginxRtmp, type TestNginx } from '../helpers/nginx.ts';
import { eventually } from '../helpers/wait.ts';

const template = readFileSync(join(import.meta.dirname, '../../docker/nginx/nginx.conf.template'), 'utf8');
const run = promisify(execFile);
const minuteMs = 60_000;

function serverOf(place: { rtmpPort: number; httpPort: number; hlsDirectory: string }): Config['server'] {
  const ports = { rtmp: place.rtmpPort, http: 8000, publicHttp: place.httpPort };
  const publicUrl = `http://localhost:${place.httpPort}`;
  return {
    runtime: 'local',
    publicUrl,
    hlsDirectory: place.hlsDirectory,
    permissions: 'compat',
    ports,
    segmentSeconds: 1,
    windowSegments: 4,
  };
}

describe.skipIf(!hasNginxRtmp)('the local nginx', () => {
  let directory = '';
  let nginx: TestNginx;
  const origin = (): Origin => ({
    url: `http://127.0.0.1:${nginx.httpPort}`,
    async put(name, text) {
      await mkdir(dirname(join(nginx.hlsDirectory, name)), { recursive: true });
      await writeFile(join(nginx.hlsDirectory, name), text);
    },
    link: (name, target) => symlink(target, join(nginx.hlsDirectory, name)),
  });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'iptv-nginx-'));
    await chmod(directory, 0o755);
    await mkdir(join(directory, 'temp'));
    await mkdir(join(directory, 'hls'));
    await chmod(join(directory, 'hls'), 0o777);
    nginx = await createNginx({
      directory,
      conf: (place) => {
        const server = serverOf(place);
        const config: Config = { path: join(directory, 'streams.yaml'), server, streams: [], secrets: [] };
        const options = {
          runAsRoot: process.getuid?.() === 0,
          stateDirectory: directory,
          modulePath: '/usr/lib/nginx/modules/ngx_rtmp_module.so',
          webSocket: join(directory, 'web.sock'),
        };
        return renderNginxConf(template, localNginxValues(config, resolveEndpoints(server, 'local'), options));
      },
    });
    await nginx.start();
  });

  afterAll(async () => {
    await nginx.stop();
    await rm(directory, { recursive: true, force: true });
  });

  describeHttp(origin);

  it('takes RTMP on loopback only, HTTP everywhere', async () => {
    const listening = readFileSync('/proc/net/tcp', 'utf8');
    const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
    expect(listening).toContain(`0100007F:${hex(nginx.rtmpPort)}`);
    expect(listening).not.toContain(`00000000:${hex(nginx.rtmpPort)}`);
    expect(listening).toContain(`00000000:${hex(nginx.httpPort)}`);
  });

  it('turns what is published into a playlist whose segments decode, under both spellings', { timeout: 3 * minuteMs }, async () => {
    const source = await media('h264-aac.ts');
    const publish = [
      '-v',
      'error',
      '-nostdin',
      '-re',
      '-stream_loop',
      '-1',
      '-i',
      source,
      '-c',
      'copy',
      '-bsf:a',
      'aac_adtstoasc',
      '-f',
      'flv',
    ];
    const publisher = spawn('ffmpeg', [...publish, `rtmp://127.0.0.1:${nginx.rtmpPort}/live/pub`], { stdio: 'ignore' });
    try {
      const listed = await eventually(
        async () => (await ask(`${origin().url}/hls/pub.m3u8`)).text.match(/^pub-\d+\.ts$/gm) ?? [],
        (names) => names.length >= 3,
        {
          timeoutMs: minuteMs,
          what: 'three segments',
        },
      );
      const name = listed[1] ?? '';
      const [asWritten, otherSpelling] = await Promise.all(
        [name, name.replace('-', '_')].map((spelling) => ask(`${origin().url}/hls/${spelling}`)),
      );
      expect(otherSpelling?.bytes.equals(asWritten?.bytes ?? Buffer.alloc(0))).toBe(true);
      const copy = join(directory, 'segment.ts');
      await writeFile(copy, asWritten?.bytes ?? '');
      const decoded = await decode(copy);
      expect(decoded.errors).toEqual([]);
      expect([...decoded.codecs].sort()).toEqual(['aac', 'h264']);
      expect(decoded.videoFrames).toBeGreaterThan(10);
      expect((await ask(`${origin().url}/stat`)).text).toMatch(/<name>pub<\/name>[^]*<publishing\/>/);
      const second = await run('ffmpeg', [...publish, '-t', '2', `rtmp://127.0.0.1:${nginx.rtmpPort}/live/pub`]).catch(
        (error: unknown) => error,
      );
      expect(second).toBeInstanceOf(Error);
      const dropped = await ask(`${origin().url}/control/drop/publisher?app=live&name=pub`);
      expect([dropped.status, dropped.text]).toEqual([200, '1']);
    } finally {
      publisher.kill('SIGKILL');
    }
  });

  it('lets nobody publish to its cleaner', { timeout: 3 * minuteMs }, async () => {
    const source = await media('h264-aac.ts');
    const publish = ['-v', 'error', '-nostdin', '-re', '-i', source, '-t', '3', '-c', 'copy', '-bsf:a', 'aac_adtstoasc', '-f', 'flv'];
    await expect(run('ffmpeg', [...publish, `rtmp://127.0.0.1:${nginx.rtmpPort}/cleaner/x`])).rejects.toThrow(/Command failed/);
    expect(existsSync(join(nginx.hlsDirectory, 'x.m3u8'))).toBe(false);
  });

  it('takes no orders on behalf of a web page', async () => {
    const url = `${origin().url}/control/drop/publisher?app=live&name=nobody`;
    expect((await ask(url, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await ask(url)).all('access-control-allow-origin')).toEqual([]);
  });

  it('removes only what is old beyond doubt while nobody else cleans', { timeout: 3 * minuteMs }, async () => {
    const minutes = async (name: string, age: number): Promise<string> => {
      const path = join(nginx.hlsDirectory, name);
      await writeFile(path, 'x');
      const when = Date.now() / 1000 - age * 60;
      await utimes(path, when, when);
      return path;
    };
    const old = [
      await minutes('gone.m3u8', 11),
      await minutes('stream_gone.m3u8', 11),
      await minutes('gone-1.ts', 21),
      await minutes('stream_gone_1.ts', 21),
    ];
    const kept = [
      await minutes('kept.m3u8', 9),
      await minutes('kept-1.ts', 19),
      await minutes('stream_kept_1.ts', 19),
      await minutes('kept.txt', 300),
    ];
    // The cleaner is a process of its own; its first round is at the start of nginx.
    await nginx.stop();
    await nginx.start();
    await eventually(
      () => old.filter((path) => existsSync(path)),
      (left) => left.length === 0,
      { what: 'the cleaner' },
    );
    expect(kept.filter((path) => !existsSync(path))).toEqual([]);
  });
});
