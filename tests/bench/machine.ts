// Facts about the machine, without which no figure means anything.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

export interface Machine {
  readonly date: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryMb: number;
  readonly kernel: string;
  readonly node: string;
  readonly ffmpeg: string;
  readonly nginx: string;
}

/** Throws when something that is measured with is missing. */
export function readMachine(now: Date): Machine {
  return {
    date: now.toISOString(),
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryMb: Math.round(totalmem() / 2 ** 20),
    kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    node: process.version,
    ffmpeg: /ffmpeg version (\S+)/.exec(ask('ffmpeg', '-version'))?.[1] ?? 'unknown',
    nginx: /nginx\/(\S+)/.exec(ask('nginx', '-v'))?.[1] ?? 'unknown',
  };
}

/** Load averages over 1, 5 and 15 minutes, and running/all tasks. */
export function readLoad(): string {
  return readFileSync('/proc/loadavg', 'utf8').trim().split(' ').slice(0, 4).join(' ');
}

function ask(program: string, flag: string): string {
  const { error, stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${program} is needed and does not start (${error.message}): run  node bin/iptv.js setup`);
  return stdout + stderr;
}
