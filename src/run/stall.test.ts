import { describe, expect, it } from 'vitest';

import { legMendDelayMs, stallBoundMs, startBoundMs } from './stall.ts';

const input = { segmentSeconds: 2, targetDurationSeconds: 0, configuredMs: undefined };

describe('stall bounds', () => {
  it.each([
    ['2 s segments: the floor', input, 6000],
    ['4 s segments', { ...input, segmentSeconds: 4 }, 12_000],
    ['key frames 10 s apart under copy', { ...input, targetDurationSeconds: 10 }, 30_000],
    ['as configured', { ...input, configuredMs: 4000 }, 4000],
  ])('%s', (_name, given, expected) => {
    expect(stallBoundMs(given)).toBe(expected);
  });

  it('gives a start more time than a run, and more still where segments are long', () => {
    expect(startBoundMs(input)).toBe(45_000);
    expect(startBoundMs({ ...input, segmentSeconds: 10 })).toBe(90_000);
  });

  it('mends a dead leg ever more rarely, since each mend interrupts the living one', () => {
    expect([0, 1, 2, 3, 50].map(legMendDelayMs)).toEqual([30_000, 120_000, 480_000, 1_800_000, 1_800_000]);
  });
});
