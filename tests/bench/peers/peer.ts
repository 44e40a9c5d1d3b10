// What the comparison needs of a manager of ffmpeg jobs, and how its jobs are found, whoever started them.

import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

import type { Ran, TestStack } from '../../helpers/stack.ts';
import { isRunning, kill } from '../../helpers/stack.ts';
import type { Session } from '../session.ts';

export const peerNames = ['iptv', 'pm2', 'supervisord', 'shell loop', 'plain ffmpeg'] as const;
export type PeerName = (typeof peerNames)[number];

export interface Peer {
  readonly name: PeerName;
  readonly version: string;
  /** Asks how the jobs are; undefined: there is nobody to ask. */
  readonly status: (() => Promise<Ran>) | undefined;
  /** The manager runs afterwards, and no job. */
  up(): Promise<void>;
  /** Resolves when the command has ended, not when the jobs play. */
  start(ids: readonly string[]): Promise<void>;
  stop(ids: readonly string[]): Promise<void>;
  /** Processes that are there for the jobs' sake alone. */
  readonly managers: () => readonly number[];
  /** The one whose loss is tried. */
  readonly mainPid: () => number | undefined;
  /** What its user does when the manager is gone. */
  again(id: string): Promise<void>;
  /** What viewers are given. */
  readonly playlist: (id: string) => string;
  close(): Promise<void>;
}

export interface Field {
  readonly session: Session;
  readonly stack: TestStack;
  /** Looped by every job. */
  readonly source: string;
  readonly ids: (peer: PeerName) => readonly string[];
}

/** Copies the looped file to nginx, as every one of them is told to; iptv's own job writes a second leg as well. */
export function ffmpegArgv({ stack, source }: Field, id: string): readonly string[] {
  const input = ['-nostdin', '-v', 'error', '-re', '-stream_loop', '-1', '-i', source];
  return [...input, '-c', 'copy', '-f', 'flv', `rtmp://127.0.0.1:${stack.ports.rtmp}/live/${id}`];
}

/** Pids of living ffmpegs that write this stream; without an id, any stream of this nginx. Stopped ones live. */
export function jobsOf({ stack }: Field, id?: string): readonly number[] {
  const target = `rtmp://127.0.0.1:${stack.ports.rtmp}/live/`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const words = read(pid, 'cmdline');
      const at = words.indexOf(target);
      if (at === -1 || read(pid, 'comm').trim() !== 'ffmpeg' || !isRunning(pid)) return false;
      return id === undefined || /^[\w-]+/.exec(words.slice(at + target.length))?.[0] === id;
    });
}

export function killJobs(field: Field, id?: string): void {
  for (const pid of jobsOf(field, id)) kill(pid);
}

/** Lives on without this process's terminal and process group. */
export function detached(file: string, argv: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(file, argv, { detached: true, stdio: 'ignore', ...(env === undefined ? {} : { env: { ...env } }) });
  child.on('error', () => undefined);
  return child;
}

export function checked(what: string, { code, stderr, stdout }: Ran): void {
  if (code !== 0) throw new Error(`${what} ended with ${code}: ${(stderr + stdout).trim().slice(-500)}`);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
