// Starts a program that outlives us: its own session and process group, output appended to files.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Daemon, DaemonSpec, ExitInfo } from '../core/ports.ts';
import { daemonEnvironment } from './environment.ts';
import { errnoOf, fileError } from './os-errors.ts';
import { readProcess } from './proc.ts';

export async function startDaemon(spec: DaemonSpec): Promise<Daemon> {
  const child = spawnDetached(spec);
  const exited = new Promise<ExitInfo>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  const { pid } = child;
  if (pid === undefined) {
    throw startError(await new Promise<unknown>((resolve) => child.once('error', resolve)), spec);
  }
  // Node reports a failed kill or send here too; a daemon is signalled by pid, so nothing listens otherwise.
  child.on('error', () => undefined);
  // Read before the event loop turns: until then even a child that died is kept as a zombie, so the pid is still its own.
  const startTime = readProcess(pid)?.startTime ?? '';
  child.unref();
  return { pid, startTime, exited };
}

function spawnDetached(spec: DaemonSpec): ChildProcess {
  const opened: number[] = [];
  const open = (path: string): number => {
    const fd = openAppend(path);
    opened.push(fd);
    return fd;
  };
  try {
    const output = open(spec.stderrPath);
    const third = spec.fd3Path === undefined ? [] : [spec.fd3Path, ...(spec.morePaths ?? [])].map(open);
    return spawn(spec.file, [...spec.argv], {
      detached: true,
      cwd: spec.cwd,
      env: daemonEnvironment(spec.env),
      stdio: ['ignore', output, output, ...third],
    });
  } catch (error) {
    throw error instanceof AppError ? error : startError(error, spec);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** Append mode (O_APPEND) lets others truncate the file under a running writer without leaving a hole. */
function openAppend(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw fileError(error, `open ${path}`);
  }
}

export function startError(error: unknown, spec: Pick<DaemonSpec, 'file' | 'cwd'>): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || !(error instanceof Error)) return error;
  const shared = { evidence: [error.message], cause: error };
  switch (errno) {
    case 'ENOENT':
      return existsSync(spec.cwd)
        ? new AppError({
            ...shared,
            exitCode: ExitCode.unavailable,
            code: 'program-missing',
            message: `cannot start ${spec.file}: no such program`,
          })
        : new AppError({
            ...shared,
            exitCode: ExitCode.unavailable,
            code: 'folder-missing',
            message: `cannot start ${spec.file}: no folder ${spec.cwd}`,
          });
    case 'EACCES':
    case 'EPERM':
      return new AppError({
        ...shared,
        exitCode: ExitCode.permission,
        code: 'program-forbidden',
        message: `cannot start ${spec.file}: permission denied`,
      });
    case 'EAGAIN':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return new AppError({
        ...shared,
        exitCode: ExitCode.tryAgain,
        code: 'resources-exhausted',
        message: `cannot start ${spec.file} now: this machine is out of processes, files or memory (${errno})`,
      });
    default:
      return new AppError({
        ...shared,
        exitCode: ExitCode.unavailable,
        code: 'program-unusable',
        message: `cannot start ${spec.file} (${errno})`,
      });
  }
}
