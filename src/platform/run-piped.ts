// Runs a program whose output is read as it comes; the program waits when the reader does.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { toolEnvironment } from './environment.ts';
import { errnoOf } from './os-errors.ts';

export interface PipedOptions {
  /** `held`: a stdin that stays open, and empty, for as long as we live. */
  readonly stdin: 'held' | 'ignore';
  readonly stderr: 'inherit' | 'ignore';
  readonly interrupt: AbortSignal;
}

export interface PipedProgram {
  readonly output: AsyncIterable<Uint8Array>;
  /** Its exit code, or 128 and the signal's number; rejects with AppError when it could not be started. */
  readonly ended: Promise<number>;
  end(): void;
}

export function runPiped(file: string, argv: readonly string[], options: PipedOptions): PipedProgram {
  const child = spawn(file, argv, {
    stdio: [options.stdin === 'held' ? 'pipe' : 'ignore', 'pipe', options.stderr],
    env: toolEnvironment(),
  });
  const end = (): void => void child.kill('SIGTERM');
  options.interrupt.addEventListener('abort', end);
  // A follower that has nothing to write would not notice for hours that we are gone (`iptv logs -f | head`).
  process.on('exit', end);
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (error) => {
      const message = errnoOf(error) === 'ENOENT' ? `${file} is not installed` : `cannot start ${file}: ${error.message}`;
      reject(new AppError({ exitCode: ExitCode.unavailable, code: 'unavailable', message, cause: error }));
    });
    child.once('close', (code, signal) => {
      options.interrupt.removeEventListener('abort', end);
      process.off('exit', end);
      child.stdin?.destroy();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  // Whoever reads the output first must not miss a failure, nor end the program by it.
  ended.catch(() => undefined);
  if (child.stdout === null) throw new Error('a pipe was asked for');
  return { output: child.stdout, ended, end };
}
