// The error for an id that is not in the list, with the nearest one offered.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { nearest } from '../core/nearest.ts';

export function unknownStream(id: string, known: readonly string[]): AppError {
  const near = nearest(id, known);
  return new AppError({
    exitCode: ExitCode.noSuchStream,
    code: 'no-such-stream',
    message: `no stream "${id}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    next: 'iptv list',
  });
}
