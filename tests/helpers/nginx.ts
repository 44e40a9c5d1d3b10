// A real nginx with the rtmp module for a test: start, stop, kill, hang, start again.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { eventually } from './wait.ts';

const rtmpModule = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

export const hasNginxRtmp = existsSync(rtmpModule);

export interface TestNginx {
  readonly rtmpPort: number;
  readonly httpPort: number;
  readonly hlsDirectory: string;
  readonly errorLog: () => Promise<string>;
  /** Waits until both ports answer. */
  start(): Promise<void>;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL to master and workers at once, as a crash would. */
  kill(): Promise<void>;
  /** Stops and continues the workers: alive, but silent. */
  hang(): Promise<void>;
  resume(): Promise<void>;
}

export interface NginxOptions {
  /** A folder of the test's own; holds configuration, log and pid file. */
  readonly directory: string;
  readonly hlsDirectory?: string;
  readonly segmentSeconds?: number;
  /** Another configuration; `daemon off` is added by the helper. */
  readonly conf?: (place: { rtmpPort: number; httpPort: number; hlsDirectory: string; directory: string }) => string;
}

/** Not started yet. */
export async function createNginx(options: NginxOptions): Promise<TestNginx> {
  const { directory } = options;
  const hlsDirectory = options.hlsDirectory ?? join(directory, 'hls');
  const place = { rtmpPort: await freePort(), httpPort: await freePort(), hlsDirectory, directory };
  const confPath = join(directory, 'nginx.conf');
  await mkdir(hlsDirectory, { recursive: true });
  await writeFile(confPath, options.conf?.(place) ?? minimalConf({ ...place, segmentSeconds: options.segmentSeconds ?? 2 }));
  let master: ChildProcess | undefined;
  let workers: readonly number[] = [];

  const signalWorkers = (signal: NodeJS.Signals): void => {
    for (const pid of workers) process.kill(pid, signal);
  };

  async function gone(child: ChildProcess): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    master = undefined;
    workers = [];
  }

  return {
    ...place,
    errorLog: async () => readFile(join(directory, 'error.log'), 'utf8'),
    async start() {
      const child = spawn('nginx', ['-p', directory, '-c', confPath, '-e', join(directory, 'error.log'), '-g', 'daemon off;'], {
        stdio: 'ignore',
      });
      master = child;
      await eventually(
        async () => {
          if (child.exitCode !== null)
            throw new Error(`nginx ended with ${child.exitCode}: ${await readFile(join(directory, 'error.log'), 'utf8')}`);
          return fetch(`http://127.0.0.1:${place.httpPort}/stat`).then(
            (answer) => answer.ok,
            () => false,
          );
        },
        (answers) => answers,
        { what: 'nginx' },
      );
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
      workers = children
        .trim()
        .split(' ')
        .filter((text) => text !== '')
        .map(Number);
    },
    async stop() {
      if (master === undefined) return;
      signalWorkers('SIGCONT');
      master.kill('SIGTERM');
      await gone(master);
    },
    async kill() {
      if (master === undefined) return;
      master.kill('SIGKILL');
      signalWorkers('SIGKILL');
      await gone(master);
    },
    async hang() {
      signalWorkers('SIGSTOP');
    },
    async resume() {
      signalWorkers('SIGCONT');
    },
  };
}

/** The settings under which the RTMP leg returns by itself, and nothing more. */
function minimalConf(place: {
  rtmpPort: number;
  httpPort: number;
  hlsDirectory: string;
  directory: string;
  segmentSeconds: number;
}): string {
  const { segmentSeconds, directory } = place;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${directory}/tmp-${name};`);
  return `load_module ${rtmpModule};
user root;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log info;
events { worker_connections 256; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${place.rtmpPort};
    ping 15s; ping_timeout 10s; chunk_size 4096;
    application live {
      live on; drop_idle_publisher 10s;
      hls on; hls_path ${place.hlsDirectory}; hls_fragment ${segmentSeconds}s; hls_playlist_length ${segmentSeconds * 10}s;
      hls_continuous on; hls_fragment_naming system; hls_cleanup off;
    }
  }
}
http {
  access_log off;
${temporary.join('\n')}
  types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
  server {
    listen 127.0.0.1:${place.httpPort};
    location /stat { rtmp_stat all; }
    location /hls/ { alias ${place.hlsDirectory}/; }
  }
}
`.replace('user root;\n', process.getuid?.() === 0 ? 'user root;\n' : '');
}
