// One local stack of our own with viewers, a faulty origin, and the tools to break things.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { connectControl } from '../../src/control/client.ts';
import type { StatusDocument } from '../../src/core/status.ts';
import type { PlayerHouse } from '../helpers/browser-player.ts';
import { startFaultyOrigin, type FaultyOrigin } from '../helpers/faulty-origin.ts';
import type { MediaName } from '../helpers/media.ts';
import { createStack, isRunning, kill, type TestStack } from '../helpers/stack.ts';
import type { Fault } from './fault.ts';
import { createStage, type Stage } from './stage.ts';

const clips: readonly MediaName[] = ['h264-aac.ts', 'h264-aac-red.ts', 'h264-aac-large.ts', 'h264-mp2.ts', 'hevc-aac.ts', 'mpeg2-mp2.ts'];

export interface Scene extends Stage {
  readonly stack: TestStack;
  readonly origin: FaultyOrigin;
  /** Asked at the socket: what is asked ten times a second must not start a program each time. */
  status(): Promise<StatusDocument>;
  /** Lines of the section `server`, indented by two; for `prepare`. */
  server(lines: string): void;
  /** Pid of the one job of `news`. */
  job(): number;
  /** Waits for another job than the one given. */
  nextJob(before: number): Promise<number>;
  nginx(): Promise<number>;
  nextNginx(before: number): Promise<number>;
  supervisor(): Promise<number>;
}

export async function createScene(fault: Fault, house: PlayerHouse): Promise<Scene> {
  let serverLines = '';
  const origin = await startFaultyOrigin(clips);
  const stack = await createStack({
    streams: '  - id: news\n    source: test:',
    ...(fault.fakeFfmpeg === undefined ? {} : { fakeFfmpeg: fault.fakeFfmpeg }),
    ...(fault.env === undefined ? {} : { env: fault.env }),
    server: () => serverLines,
  });
  const status = async (): Promise<StatusDocument> => {
    const client = await connectControl(join(stack.state, 'control.sock'));
    if (client === undefined) throw new Error('no supervisor answers');
    return client.status();
  };
  const stage = createStage(house, async () => {
    const news = (await status()).streams.find(({ id }) => id === 'news');
    if (news === undefined) throw new Error('no stream news');
    return news;
  });
  stage.defer(() => origin.close());
  stage.defer(() => stack.close());

  const scene: Scene = {
    ...stage,
    stack,
    origin,
    status,
    server: (lines) => void (serverLines = lines),
    job() {
      const [pid] = stack.jobs('news');
      if (pid === undefined) throw new Error('news has no job');
      return pid;
    },
    async nextJob(before) {
      let found = 0;
      await stage.until('another job runs', () => (found = stack.jobs('news').find((pid) => pid !== before) ?? 0) !== 0);
      return found;
    },
    async nginx() {
      const { pid } = (await status()).origin;
      if (pid === null) throw new Error('no nginx');
      return pid;
    },
    async nextNginx(before) {
      let found = 0;
      await stage.until('another nginx answers', async () => {
        const { pid, answers } = (await status()).origin;
        found = pid ?? 0;
        return answers && found !== before && found !== 0;
      });
      return found;
    },
    supervisor: async () => (await status()).supervisor.pid,
    async close() {
      await stage.close();
      // A slate that was being made is told to end and does so in its own time.
      await stage.until('nothing runs any more', () => processesOf(stack.directory).length === 0, 60).catch(() => undefined);
      for (const { pid, what } of processesOf(stack.directory)) {
        stage.expect(false, `left behind: ${what}`);
        kill(pid);
      }
    },
  };

  try {
    if (fault.hlsMount !== undefined) {
      mkdirSync(stack.hls, { recursive: true });
      mountTmpfs(stack.hls, fault.hlsMount);
      stage.defer(async () => {
        await stack.iptv('down');
        spawnSync('umount', ['-l', stack.hls]);
      });
    }
    await fault.prepare?.(scene);
    const sources = fault.sources?.(origin) ?? [origin.ts('a')];
    const lines = ['  - id: news\n    sources:', ...sources.map((source) => `      - ${source}`), fault.stream, fault.more?.(origin)];
    stack.list(lines.filter((line) => line !== undefined && line !== '').join('\n'));
    return scene;
  } catch (error) {
    await scene.close();
    throw error;
  }
}

export function mountTmpfs(directory: string, options: string): void {
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `mode=777,${options}`, 'tmpfs', directory], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount: ${stderr}`);
}

/** Processes that still name the stack's folder in their command, environment or working folder. */
export function processesOf(directory: string): readonly { readonly pid: number; readonly what: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const read = (file: string): string => {
        try {
          return readFileSync(`/proc/${name}/${file}`, 'utf8');
        } catch {
          return '';
        }
      };
      const command = read('cmdline').replaceAll('\0', ' ');
      const isOurs = command.includes(directory) || read('environ').includes(directory);
      return isOurs && isRunning(Number(name)) ? [{ pid: Number(name), what: `${name} ${command.slice(0, 120)}` }] : [];
    });
}
