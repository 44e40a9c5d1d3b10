import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { retryDelayMs, type BackoffInput } from './backoff.ts';

const policy = { minDelayMs: 1000, maxDelayMs: 60_000 };
const base: BackoffInput = { failures: 1, pace: 'normal', hadDelivered: false, playedMs: 0, random: 0.999_999, policy };

describe('retryDelayMs', () => {
  it('doubles its ceiling with each failure up to the longest delay', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) => retryDelayMs({ ...base, failures }));
    expect(ceilings).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('starts a run that had delivered again almost at once', () => {
    expect(retryDelayMs({ ...base, hadDelivered: true })).toBeLessThanOrEqual(50);
    expect(retryDelayMs({ ...base, hadDelivered: true, failures: 2 })).toBe(2000);
  });

  it('makes nobody wait long for a source that showed a picture in its last run, though it failed often', () => {
    expect(retryDelayMs({ ...base, hadDelivered: true, failures: 9 })).toBe(10_000);
    expect(retryDelayMs({ ...base, hadDelivered: true, failures: 9, policy: { minDelayMs: 1000, maxDelayMs: 5000 } })).toBe(5000);
  });

  it('lets nobody wait long who was served well before, however often: as for a first failure', () => {
    const well = { ...base, hadDelivered: true, failures: 9, playedMs: 5000 };
    expect(retryDelayMs(well)).toBe(1000);
    expect(retryDelayMs({ ...well, playedMs: 4999 })).toBe(10_000);
    expect(retryDelayMs({ ...well, pace: 'slow' })).toBe(300_000);
  });

  it('gives a provider that refuses more time', () => {
    expect(retryDelayMs({ ...base, pace: 'slow' })).toBe(5000);
    expect(retryDelayMs({ ...base, pace: 'slow', failures: 20 })).toBe(300_000);
  });

  it('tries what cannot work as configured every five minutes, not never', () => {
    expect(retryDelayMs({ ...base, pace: 'never' })).toBe(300_000);
  });

  it('stays within the bounds for every input, and never spins', () => {
    fc.assert(
      fc.property(
        fc.record({
          failures: fc.integer({ min: 0, max: 10_000 }),
          pace: fc.constantFrom('fast' as const, 'normal' as const, 'slow' as const, 'never' as const),
          hadDelivered: fc.boolean(),
          playedMs: fc.integer({ min: 0, max: 100_000_000 }),
          random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        }),
        (input) => {
          const delay = retryDelayMs({ ...input, policy });
          expect(Number.isSafeInteger(delay)).toBe(true);
          expect(delay).toBeLessThanOrEqual(300_000);
          if (!(input.failures <= 1 && input.hadDelivered)) expect(delay).toBeGreaterThanOrEqual(100);
        },
      ),
    );
  });

  it('spreads over the whole range (full jitter): the floor does not move with the failures', () => {
    expect(retryDelayMs({ ...base, failures: 9, random: 0 })).toBe(100);
    expect(retryDelayMs({ ...base, failures: 9, random: 0.5 })).toBe(30_000);
  });
});
