import { expect, it } from 'vitest';

import { assumedBitrateBps, diskBudget, megabytes } from './disk-budget.ts';

it('counts bitrate x time kept x legs', () => {
  const one = { segmentSeconds: 2, windowSegments: 10, legs: 2, bitrateBps: 8_000_000 };
  // 22 segments of 2 s with 1 MB a second, twice.
  expect(diskBudget([one])).toEqual({ bytes: 88_000_000, files: 48, assumed: 0 });
  expect(diskBudget([one, { ...one, legs: 1 }]).bytes).toBe(132_000_000);
});

it('says for how many streams the bitrate is a guess', () => {
  const { bytes, assumed } = diskBudget([{ segmentSeconds: 1, windowSegments: 1, legs: 1, bitrateBps: undefined }]);
  expect({ bytes, assumed }).toEqual({ bytes: (assumedBitrateBps / 8) * 4, assumed: 1 });
});

it.each([
  [999_000, '1.0 MB'],
  [12_345_678, '12.3 MB'],
  [5_600_000_000, '5.6 GB'],
])('megabytes(%d)', (bytes, text) => {
  expect(megabytes(bytes)).toBe(text);
});
