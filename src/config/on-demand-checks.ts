// Keys about starting on demand are of no use to a stream that runs all the time.

import type { LocatedProblem, Path } from './positions.ts';
import { valueAt, type RawGroup } from './raw-tree.ts';

const keys = ['idleAfter', 'firstWait', 'prewarm', 'keepWarm'] as const;

/** Under `defaults` they wait for the streams that start on demand. */
export function onDemandProblems(root: unknown, stream: RawGroup, path: Path): readonly LocatedProblem[] {
  const start = stream['start'] ?? valueAt(root, 'defaults', 'start') ?? 'always';
  if (start !== 'always') return [];
  return keys
    .filter((key) => Object.hasOwn(stream, key))
    .map((key) => ({ path: [...path, key], target: 'key', message: 'works only with  start: ondemand' }));
}
