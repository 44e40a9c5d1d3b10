// Runs a program that shares this process's stdout and stderr: the other half of a command that runs elsewhere.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { toolEnvironment } from './environment.ts';
import { errnoOf } from './os-errors.ts';

export interface InheritedOptions {
  /** `held`: a stdin that stays open, and empty, for as long as we live. */
  readonly stdin: 'held' | 'ignore' | 'inherit';
  /** Ends the program when it is aborted; Ctrl-C on a terminal has reached it by then. */
  readonly interrupt: AbortSignal;
}

/** Its exit code, or 128 and the signal's number, as a shell counts. */
export function runInherited(file: string, argv: readonly string[], options: InheritedOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, {
      stdio: [options.stdin === 'held' ? 'pipe' : options.stdin, 'inherit', 'inherit'],
      env: toolEnvironment(),
    });
    const end = (): void => void child.kill('SIGTERM');
    options.interrupt.addEventListener('abort', end);
    // The program may go before us; a stdin that nobody reads any more is no error.
    child.stdin?.on('error', () => undefined);
    child.once('error', (error) => reject(notStarted(file, error)));
    child.once('exit', (code, signal) => {
      options.interrupt.removeEventListener('abort', end);
      child.stdin?.destroy();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

function notStarted(file: string, error: Error): AppError {
  const message = errnoOf(error) === 'ENOENT' ? `${file} is not installed` : `cannot start ${file}: ${error.message}`;
  return new AppError({ exitCode: ExitCode.unavailable, code: 'unavailable', message, cause: error });
}
