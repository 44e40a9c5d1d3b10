// A real origin with an access log, and a real edge of its own in front of it, from the templates that ship.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config, EdgeConfig } from '../../src/core/config.ts';
import { resolveEndpoints } from '../../src/core/endpoints.ts';
import { edgeValues } from '../../src/plan/edge-conf.ts';
import { localNginxValues, renderNginxConf } from '../../src/plan/nginx-conf.ts';
import { freePort } from './free-port.ts';
import { createNginx, type TestNginx } from './nginx.ts';
import { eventually } from './wait.ts';

const docker = join(import.meta.dirname, '../../docker');
const template = (name: string): string => readFileSync(join(docker, name), 'utf8');
const isRoot = process.getuid?.() === 0;

function serverOf(place: { rtmpPort: number; httpPort: number; hlsDirectory: string }, segmentSeconds: number): Config['server'] {
  return {
    runtime: 'local',
    publicUrl: `http://localhost:${place.httpPort}`,
    hlsDirectory: place.hlsDirectory,
    permissions: 'compat',
    ports: { rtmp: place.rtmpPort, http: 8000, publicHttp: place.httpPort },
    segmentSeconds,
    windowSegments: 6,
  };
}

export interface TestOrigin extends TestNginx {
  /** Requests by path, from its access log. */
  requests(): Promise<ReadonlyMap<string, number>>;
}

/** `directory` must be open to nobody, as whom root's nginx works. */
export async function createTestOrigin(directory: string, segmentSeconds: number): Promise<TestOrigin> {
  await mkdir(join(directory, 'temp'), { recursive: true });
  await mkdir(join(directory, 'hls'), { recursive: true });
  await chmod(join(directory, 'hls'), 0o777);
  const accessLog = join(directory, 'access.log');
  const nginx = await createNginx({
    directory,
    conf(place) {
      const server = serverOf(place, segmentSeconds);
      const values = localNginxValues({ path: '/streams.yaml', server, streams: [], secrets: [] }, resolveEndpoints(server, 'local'), {
        runAsRoot: isRoot,
        stateDirectory: directory,
        modulePath: '/usr/lib/nginx/modules/ngx_rtmp_module.so',
        webSocket: join(directory, 'web.sock'),
      });
      return renderNginxConf(template('nginx/nginx.conf.template'), { ...values, IPTV_ACCESS_LOG: accessLog });
    },
  });
  return {
    ...nginx,
    async requests() {
      const counts = new Map<string, number>();
      for (const line of (await readFile(accessLog, 'utf8').catch(() => '')).split('\n')) {
        const path = line.split('|')[3];
        if (path !== undefined) counts.set(path, (counts.get(path) ?? 0) + 1);
      }
      return counts;
    },
  };
}

export interface TestEdge {
  readonly url: string;
  readonly port: number;
  readonly memoryDirectory: string;
  readonly diskDirectory: string;
  errorLog(): Promise<string>;
  /** Says whether there is room in memory and on disk, as the supervisor does. */
  room(memory: boolean, disk: boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestEdge(options: {
  readonly directory: string;
  /** `address:port`. */
  readonly origins: readonly string[];
  readonly segmentSeconds: number;
  readonly memoryDirectory?: string;
  readonly diskDirectory?: string;
  readonly edge?: Partial<EdgeConfig>;
}): Promise<TestEdge> {
  const { directory, segmentSeconds } = options;
  const memoryDirectory = options.memoryDirectory ?? join(directory, 'memory');
  const diskDirectory = options.diskDirectory ?? join(directory, 'disk');
  for (const path of [directory, memoryDirectory, diskDirectory, join(directory, 'temp')]) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o755);
  }
  const port = await freePort();
  const total = async (path: string): Promise<number> => statfs(path).then(({ bsize, blocks }) => bsize * blocks);
  const server = serverOf({ rtmpPort: 1, httpPort: 1, hlsDirectory: '/tmp/hls' }, segmentSeconds);
  const values = edgeValues(
    { path: '/streams.yaml', server, streams: [], secrets: [] },
    { port, upstreams: [], memoryBytes: 64e6, diskBytes: 64e6, popularFrom: 3, ...options.edge },
    {
      memoryDirectory,
      memoryTotalBytes: await total(memoryDirectory),
      diskDirectory,
      diskTotalBytes: await total(diskDirectory),
      socket: join(directory, 'edge.sock'),
      servers: options.origins,
      host: 'origin.example.com',
      accessLog: undefined,
    },
  );
  const conf = renderNginxConf(template('edge/nginx.conf.template'), {
    IPTV_LOAD_MODULE: '',
    IPTV_USER: isRoot ? 'user nobody nogroup;' : '',
    IPTV_EDGE_WORKERS: '1',
    IPTV_EDGE_FILES: '8192',
    IPTV_EDGE_CONNECTIONS: '4096',
    IPTV_PID: join(directory, 'nginx.pid'),
    IPTV_ERROR_LOG: join(directory, 'error.log'),
    IPTV_STREAM_BLOCK: '',
    IPTV_TEMP_DIR: join(directory, 'temp'),
    IPTV_EDGE: renderNginxConf(template('edge/edge.conf.template'), values),
  });
  await writeFile(join(directory, 'nginx.conf'), conf);
  const errorLog = (): Promise<string> => readFile(join(directory, 'error.log'), 'utf8').catch(() => '');
  const argv = ['-p', directory, '-c', join(directory, 'nginx.conf'), '-e', join(directory, 'error.log'), '-g', 'daemon off;'];
  const child: ChildProcess = spawn('nginx', argv, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const edge: TestEdge = {
    url,
    port,
    memoryDirectory,
    diskDirectory,
    errorLog,
    async room(memory, disk) {
      for (const [path, has] of [
        [memoryDirectory, memory],
        [diskDirectory, disk],
      ] as const)
        await (has ? writeFile(join(path, 'room'), '') : rm(join(path, 'room'), { force: true }));
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
  await edge.room(true, true);
  await eventually(
    async () => {
      if (child.exitCode !== null) throw new Error(`the edge ended with ${child.exitCode}: ${await errorLog()}`);
      return fetch(`${url}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      );
    },
    (answers) => answers,
    { what: 'the edge', timeoutMs: 60_000 },
  );
  return edge;
}
