// One running stack with a viewer in a browser, a suspicious one beside it, and the tools to break things.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';

import type { StreamStatus } from '../../src/core/status.ts';
import type { Player, PlayerHouse } from '../helpers/browser-player.ts';
import { startFaultyOrigin, type FaultyOrigin } from '../helpers/faulty-origin.ts';
import type { MediaName } from '../helpers/media.ts';
import { watchPlaylist, type PlaylistWatch } from '../helpers/playlist-watch.ts';
import { createStack, isRunning, kill, type TestStack } from '../helpers/stack.ts';
import { sleep } from '../helpers/wait.ts';
import type { Fault } from './fault.ts';

const clips: readonly MediaName[] = ['h264-aac.ts', 'h264-aac-red.ts', 'h264-aac-large.ts', 'h264-mp2.ts', 'hevc-aac.ts', 'mpeg2-mp2.ts'];

export interface Scene {
  readonly stack: TestStack;
  readonly origin: FaultyOrigin;
  readonly player: () => Player;
  readonly watch: () => PlaylistWatch;
  /** Lines of the section `server`, indented by two; for `prepare`. */
  server(lines: string): void;
  /** Opens the viewers; waits until the picture moves. */
  openViewers(): Promise<void>;
  /** The viewers count from now on. */
  mark(): Promise<void>;
  /** Reloads since the viewers came, whatever was marked in between. */
  reloads(): Promise<number>;
  /** The stream `news`. */
  news(): Promise<StreamStatus>;
  /** Pid of the one job of `news`. */
  job(): number;
  /** Waits for another job than the one given. */
  nextJob(before: number): Promise<number>;
  nginx(): Promise<number>;
  nextNginx(before: number): Promise<number>;
  supervisor(): Promise<number>;
  /** Resolves with seconds waited. Throws after the limit. */
  until(what: string, holds: () => Promise<boolean> | boolean, limitSeconds?: number): Promise<number>;
  /** Fails the fault, and lets it go on. */
  expect(holds: boolean, what: string): void;
  note(text: string): void;
  sleep(seconds: number): Promise<void>;
  /** Seconds from now until a segment is listed that the channel did not have; a slate counts unless `live` is asked for. */
  newSegment(limitSeconds?: number): Promise<number>;
  defer(undo: () => unknown): void;
  readonly notes: readonly string[];
  readonly problems: readonly string[];
  close(): Promise<void>;
}

export async function createScene(fault: Fault, house: PlayerHouse | undefined): Promise<Scene> {
  const undos: (() => unknown)[] = [];
  const notes: string[] = [];
  const problems: string[] = [];
  let serverLines = '';
  let earlierReloads = 0;
  let player: Player | undefined;
  let watch: PlaylistWatch | undefined;

  async function undoAll(): Promise<void> {
    for (const undo of undos.splice(0).toReversed()) {
      try {
        await undo();
      } catch (error) {
        problems.push(`cleaning up: ${String(error)}`);
      }
    }
  }

  try {
    const origin = await startFaultyOrigin(clips);
    undos.push(() => origin.close());
    const stack = await createStack({
      streams: '  - id: news\n    source: test:',
      ...(fault.fakeFfmpeg === undefined ? {} : { fakeFfmpeg: fault.fakeFfmpeg }),
      ...(fault.env === undefined ? {} : { env: fault.env }),
      server: () => serverLines,
    });
    undos.push(() => stack.close());
    if (fault.hlsMount !== undefined) {
      mkdirSync(stack.hls, { recursive: true });
      mountTmpfs(stack.hls, fault.hlsMount);
      undos.push(async () => {
        await stack.iptv('down');
        spawnSync('umount', ['-l', stack.hls]);
      });
    }
    const must = <T>(value: T | undefined, what: string): T => {
      if (value === undefined) throw new Error(`no ${what} yet`);
      return value;
    };
    const scene: Scene = {
      stack,
      origin,
      notes,
      problems,
      player: () => must(player, 'player'),
      watch: () => must(watch, 'watch'),
      server: (lines) => void (serverLines = lines),
      async openViewers() {
        const url = await viewerUrl(stack);
        watch = watchPlaylist(url);
        undos.push(() => watch?.close());
        if (house === undefined) return;
        player = await house.open(url);
        undos.push(() => player?.close());
        await scene.until('the picture moves', async () => (await scene.player().report()).playedSeconds > 1, 30);
      },
      async mark() {
        earlierReloads = await scene.reloads();
        await scene.player().mark();
        scene.watch().mark();
      },
      async reloads() {
        const { reloads, mediaRecoveries } = await scene.player().report();
        return earlierReloads + reloads + mediaRecoveries;
      },
      news: () => stack.stream('news'),
      job() {
        const [pid] = stack.jobs('news');
        if (pid === undefined) throw new Error('news has no job');
        return pid;
      },
      async nextJob(before) {
        let found = 0;
        await scene.until('another job runs', () => (found = stack.jobs('news').find((pid) => pid !== before) ?? 0) !== 0);
        return found;
      },
      async nginx() {
        const { pid } = (await stack.status()).origin;
        if (pid === null) throw new Error('no nginx');
        return pid;
      },
      async nextNginx(before) {
        let found = 0;
        await scene.until('another nginx answers', async () => {
          const { pid, answers } = (await stack.status()).origin;
          found = pid ?? 0;
          return answers && found !== before && found !== 0;
        });
        return found;
      },
      supervisor: async () => (await stack.status()).supervisor.pid,
      async until(what, holds, limitSeconds = 60) {
        const began = performance.now();
        let last = '';
        for (;;) {
          try {
            if (await holds()) return (performance.now() - began) / 1000;
          } catch (error) {
            last = error instanceof Error ? ` (${error.message})` : '';
          }
          if (performance.now() - began > limitSeconds * 1000) throw new Error(`not within ${limitSeconds} s: ${what}${last}`);
          await sleep(100);
        }
      },
      expect(holds, what) {
        if (!holds) problems.push(what);
      },
      note: (text) => void notes.push(text),
      sleep: (seconds) => sleep(seconds * 1000),
      async newSegment(limitSeconds = 60) {
        const began = performance.now();
        let at: number | undefined;
        await scene.until('a new segment', () => (at = scene.watch().firstSegmentAfter(began)) !== undefined, limitSeconds);
        return ((at ?? began) - began) / 1000;
      },
      defer: (undo) => void undos.push(undo),
      async close() {
        await undoAll();
        const left = leftBehind(stack.directory);
        for (const { pid, what } of left) {
          problems.push(`left behind: ${what}`);
          kill(pid);
        }
      },
    };
    const sources = fault.sources?.(origin) ?? [origin.ts('a')];
    await fault.prepare?.(scene);
    stack.list(
      ['  - id: news\n    sources:', ...sources.map((source) => `      - ${source}`), fault.stream ?? '', fault.more?.(origin) ?? '']
        .filter((line) => line !== '')
        .join('\n'),
    );
    return scene;
  } catch (error) {
    await undoAll();
    throw error;
  }
}

/** What viewers open; a leg where there is no channel playlist. */
export async function viewerUrl(stack: TestStack, id = 'news'): Promise<string> {
  const { channel, url } = await stack.stream(id);
  return (channel?.url ?? url.replace(/[^/]*$/, `stream_${id}.m3u8`)).replace('localhost', '127.0.0.1');
}

export function mountTmpfs(directory: string, options: string): void {
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `mode=777,${options}`, 'tmpfs', directory], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount: ${stderr}`);
}

/** Processes that still name the stack's folder in their command, environment or working folder. */
function leftBehind(directory: string): readonly { readonly pid: number; readonly what: string }[] {
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
