// Turns what the operating system refuses into errors that users understand.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** True when nothing is at the path: ENOTDIR means that a parent of it is a plain file. */
export function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}

/** `action` completes "cannot ...", such as `write /var/lib/iptv/orders.json`. Errors that carry no errno stay as they are. */
export function fileError(error: unknown, action: string): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || !(error instanceof Error)) return error;
  const shared = { evidence: [error.message], cause: error };
  switch (errno) {
    case 'EACCES':
    case 'EPERM':
      return new AppError({
        ...shared,
        exitCode: ExitCode.permission,
        code: 'permission-denied',
        message: `cannot ${action}: permission denied`,
      });
    case 'EROFS':
      return new AppError({
        ...shared,
        exitCode: ExitCode.permission,
        code: 'read-only',
        message: `cannot ${action}: the file system is read-only`,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError({ ...shared, exitCode: ExitCode.tryAgain, code: 'disk-full', message: `cannot ${action}: no space is left` });
    case 'EMFILE':
    case 'ENFILE':
      return new AppError({
        ...shared,
        exitCode: ExitCode.tryAgain,
        code: 'too-many-files',
        message: `cannot ${action}: too many open files`,
      });
    default:
      return new AppError({ ...shared, exitCode: ExitCode.unavailable, code: 'file-unusable', message: `cannot ${action} (${errno})` });
  }
}
