// The refusal of a word that no stream bears: a slip of the pen, not an empty selection.

import { AppError } from './errors.ts';
import { ExitCode } from './exit-codes.ts';
import { nearest } from './nearest.ts';

/** Throws AppError `no-such-tag` or `no-such-group` for the first wanted word that is not known. */
export function refuseUnknown(word: 'tag' | 'group', wanted: readonly string[], known: readonly string[]): void {
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw new AppError({
    exitCode: ExitCode.noSuchStream,
    code: `no-such-${word}`,
    message: `no stream has the ${word} "${unknown}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    next: 'iptv list',
  });
}
