// Bounds work that may hang, such as a call into a dead network file system, so that it cannot stop everything behind it.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { ClockPort } from '../core/ports.ts';

/** Rejects with AppError `hangs` after the limit; the work itself cannot be called back and may still end later. */
export function within<T>(clock: Pick<ClockPort, 'after'>, limitMs: number, what: string, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => {
      reject(new AppError({ exitCode: ExitCode.tryAgain, code: 'hangs', message: `${what} hangs for ${limitMs / 1000} s` }));
    });
    work.then(resolve, reject).finally(cancel);
  });
}
