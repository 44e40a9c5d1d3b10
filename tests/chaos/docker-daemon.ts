// Restarts the Docker daemon: by the command that CHAOS_DOCKER_RESTART holds, or by itself where it is a plain process that nothing keeps.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { isRunning, kill } from '../helpers/stack.ts';
import { sleep } from '../helpers/wait.ts';

const command = process.env['CHAOS_DOCKER_RESTART'] ?? '';
/** It stops its containers first, ten seconds each at most. */
const endLimitMs = 120_000;

export function cannotRestartDaemon(): string | undefined {
  if (command !== '' || plainDaemon() !== undefined) return undefined;
  return 'stops every container of the machine: set CHAOS_DOCKER_RESTART to the command';
}

export async function restartDaemon(): Promise<void> {
  const pid = plainDaemon();
  if (command !== '' || pid === undefined) return void execFileSync('/bin/sh', ['-c', command], { stdio: 'ignore' });
  const [file = 'dockerd', ...argv] = read(pid, 'cmdline').split('\0').slice(0, -1);
  const variables = read(pid, 'environ')
    .split('\0')
    .filter((text) => text.includes('='));
  const env = Object.fromEntries(variables.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
  const cwd = readlinkSync(`/proc/${pid}/cwd`);
  const target = readlinkSync(`/proc/${pid}/fd/1`);
  kill(pid, 'SIGTERM');
  const began = Date.now();
  while (isRunning(pid)) {
    if (Date.now() - began > endLimitMs) throw new Error(`the Docker daemon ${pid} does not end`);
    await sleep(200);
  }
  const log = target.startsWith('/') ? openSync(target, 'a') : ('ignore' as const);
  spawn(file, argv, { cwd, env, detached: true, stdio: ['ignore', log, log] }).unref();
}

/** A `dockerd` that root started by hand, as in a laboratory or a build container: no service manager looks after it. */
function plainDaemon(): number | undefined {
  if (process.getuid?.() !== 0 || existsSync('/run/systemd/system')) return undefined;
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && read(Number(name), 'comm').trim() === 'dockerd');
  return found.length === 1 && /^PPid:\s+1$/m.test(read(Number(found[0]), 'status')) ? Number(found[0]) : undefined;
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
