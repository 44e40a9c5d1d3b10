// Refusals of orders, in words.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { nearest } from '../core/nearest.ts';

export function noSuchStream(id: string, known: readonly string[], listPath: string): AppError {
  const near = nearest(id, known);
  return new AppError({
    exitCode: ExitCode.noSuchStream,
    code: 'no-such-stream',
    message: `no stream "${id}" in ${listPath}${near === undefined ? '' : `; did you mean "${near}"?`}`,
    next: near === undefined ? 'iptv list' : `iptv status ${near}`,
  });
}

export function noLongerListed(id: string, listPath: string, plays: boolean): AppError {
  return new AppError({
    exitCode: ExitCode.noSuchStream,
    code: 'no-such-stream',
    message: `stream "${id}" is no longer in ${listPath}${plays ? '; its job plays on until it is stopped' : ''}`,
    next: plays ? `iptv stop ${id}` : 'iptv list',
  });
}

export function leavingError(): AppError {
  return new AppError({
    exitCode: ExitCode.tryAgain,
    code: 'leaving',
    message: 'the supervisor is coming up or going down',
    next: 'iptv status',
  });
}
