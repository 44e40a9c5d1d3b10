// The answer when another batch restart or apply runs.

import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import { formatDuration } from '../../ui/time.ts';

export function batchLockHeld(waitedMs: number): AppError {
  return new AppError({
    exitCode: ExitCode.tryAgain,
    code: 'lock-held',
    message: `another batch restart or apply runs${waitedMs === 0 ? '' : `, for ${formatDuration(waitedMs / 1000)} now`}; two at once would take each other's provider slots`,
    next: 'wait for it, or use --lock-wait 10m',
  });
}
