// Reads the list so that a file that is being written changes nothing: the same before and after, and not cut off.

import type { Config } from './core/config.ts';
import { AppError } from './core/errors.ts';
import { ExitCode } from './core/exit-codes.ts';

export interface ListReaders {
  readonly readText: () => Promise<string | undefined>;
  readonly readList: () => Promise<Config>;
}

/** Somebody who writes without end gets the last reading. */
const mostReadings = 5;

/** Throws AppError where the list is invalid, or looks half written beside `before`. */
export async function readWhole(
  { readText, readList }: ListReaders,
  before: Config,
): Promise<{ readonly text: string | undefined; readonly config: Config }> {
  for (let reading = 1; ; reading += 1) {
    const text = await readText();
    const outcome = await readList().then(
      (config) => ({ config }),
      (error: unknown) => ({ error }),
    );
    // Truncated, then written; or renamed away, then written anew: what was read in between is nobody's list.
    if (reading < mostReadings && (await readText()) !== text) continue;
    if ('error' in outcome) throw outcome.error;
    refuseCut(text, before, outcome.config);
    return { text, config: outcome.config };
  }
}

/** YAML that ends in the middle can be valid, and would take every stream after that place off the air. JSON cannot. */
function refuseCut(text: string | undefined, before: Config, next: Config): void {
  if (text === undefined || text.endsWith('\n') || text.startsWith('{')) return;
  const listed = new Set(next.streams.map(({ id }) => id));
  const lost = before.streams.map(({ id }) => id).filter((id) => !listed.has(id));
  if (lost.length === 0) return;
  const names =
    lost.length <= shownNames ? lost.join(', ') : `${lost.slice(0, shownNames).join(', ')} and ${lost.length - shownNames} more`;
  throw new AppError({
    exitCode: ExitCode.configInvalid,
    code: 'list-cut',
    message: `${next.path} lacks ${names} and ends within a line: it looks half written, and the old list stays in force`,
    next: 'end the last line of the file with a newline if it is complete, then run  iptv apply',
  });
}

const shownNames = 5;
