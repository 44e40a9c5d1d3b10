// What a program that failed said at its end, or how it ended when it said nothing.

import type { RunResult } from '../core/ports.ts';

export function lastWords(result: RunResult, count: number): readonly string[] {
  if (result.timedOut) return ['it did not answer in time'];
  const lines = result.stderr.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > 0) return lines.slice(-count);
  return [
    result.signal === undefined
      ? `it ended with code ${result.exitCode} and said nothing`
      : `it was ended by ${result.signal} and said nothing`,
  ];
}
