// "Did you mean" for keys and words of streams.yaml, whatever their spelling convention.

import { nearest } from '../core/nearest.ts';

/** The nearest candidate, or undefined when none is near enough to be a typing mistake. */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(word);
  const bySpelling = new Map(candidates.map((candidate): [string, string] => [plain(candidate), candidate]));
  const whole = nearest(wanted, [...bySpelling.keys()]);
  if (whole !== undefined) return bySpelling.get(whole);
  // `dely` for `minDelay`: the last part of a compound word.
  const byLastPart = new Map(
    candidates.map((candidate): [string, string] => [plain(candidate.replace(/^.*(?=[A-Z])/, '')), candidate]).toReversed(),
  );
  return byLastPart.get(nearest(wanted, [...byLastPart.keys()]) ?? '');
}

/** `user_agent`, `user-agent` and `UserAgent` all mean `userAgent`. */
function plain(word: string): string {
  return word.slice(0, 80).toLowerCase().replaceAll(/[-_ ]/g, '');
}
