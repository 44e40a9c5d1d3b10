// A provider that misbehaves on demand: a real HTTP server in a process of its own that plays real clips at the speed of life.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { media, type MediaName } from './media.ts';
import type { OriginCounts, OriginMode, OriginOptions } from './origin/mode.ts';

export type { OriginMode } from './origin/mode.ts';

export interface FaultyOrigin {
  readonly port: number;
  readonly pid: number;
  /** MPEG-TS of a channel: `/<channel>/live.ts`. Channels come into being when they are asked for. */
  ts(channel: string): string;
  /** HLS of a channel: `/<channel>/live.m3u8`. */
  hls(channel: string): string;
  /** A path that always behaves in one way: `code/404`, `hang`, `stall`, `stallonce`, `eof`, `rst`, `html`, `503once` ... (origin/mode.ts). */
  fixed(path: string): string;
  /** From now on, for open connections and for new ones. */
  behave(channel: string, mode: OriginMode): Promise<void>;
  /** By channel, or by first part of a fixed path. */
  counts(): Promise<OriginCounts>;
  freeze(): void;
  thaw(): void;
  /** As a crash would; connections are refused until `restart`. */
  kill(): Promise<void>;
  /** The same port again; every channel is live. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const server = join(import.meta.dirname, 'origin/server.ts');

/** `clips`: what `OriginMode.clip` may name; the first one is what every channel plays. */
export async function startFaultyOrigin(clips: readonly MediaName[] = ['h264-aac.ts']): Promise<FaultyOrigin> {
  const files = Object.fromEntries(await Promise.all(clips.map(async (name) => [name, await media(name)] as const)));
  const scratch = mkdtempSync(join(tmpdir(), 'iptv-origin-'));
  let { child, port } = await start({ clips: files, scratch, port: 0 });
  const base = `http://127.0.0.1:${port}`;
  /** The whole group: the players of clips must not outlive it. */
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await gone;
  };
  return {
    port,
    get pid() {
      return child.pid ?? 0;
    },
    ts: (channel) => `${base}/${channel}/live.ts`,
    hls: (channel) => `${base}/${channel}/live.m3u8`,
    fixed: (path) => `${base}/${path}`,
    async behave(channel, mode) {
      const answer = await fetch(`${base}/_control/${channel}`, { method: 'POST', body: JSON.stringify(mode) });
      if (!answer.ok) throw new Error(`the origin does not take orders: ${answer.status}`);
    },
    counts: async () => (await (await fetch(`${base}/_control`)).json()) as OriginCounts,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: end,
    async restart() {
      ({ child, port } = await start({ clips: files, scratch, port }));
    },
    async close() {
      await end();
      rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function start(options: OriginOptions): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [server, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, port: Number(line) };
}
