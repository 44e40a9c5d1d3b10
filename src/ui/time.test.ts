import { describe, expect, it } from 'vitest';

import { formatAge, formatBitrate, formatClock, formatDuration, formatInstant, plural } from './time.ts';

describe('durations', () => {
  it.each([
    [0, '0s'],
    [59.9, '59s'],
    [60, '1m'],
    [185, '3m 5s'],
    [3_600, '1h'],
    [7_830, '2h 10m'],
    [86_400, '1d'],
    [356_400, '4d 3h'],
    [-5, '0s'],
  ])('%d s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

it.each([
  [null, '-'],
  [0, '0.0s'],
  [1.44, '1.4s'],
  [12.6, '12s'],
  [75, '1m 15s'],
])('an age of %s s is %s', (seconds, text) => {
  expect(formatAge(seconds)).toBe(text);
});

it.each([
  [null, '-'],
  [640_000, '640 kb/s'],
  [999_600, '1.0 Mb/s'],
  [2_440_000, '2.4 Mb/s'],
])('a rate of %s is %s', (bps, text) => {
  expect(formatBitrate(bps)).toBe(text);
});

it('writes instants and clock times', () => {
  expect(formatInstant(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02T03:04:05.006Z');
  expect(formatClock(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('03:04:05');
});

it('counts', () => {
  expect([plural(1, 'stream'), plural(0, 'stream'), plural(12, 'stream')]).toEqual(['1 stream', '0 streams', '12 streams']);
});
