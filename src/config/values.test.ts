import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatByteSize, formatDuration, formatPictureSize, parseByteSize, parseDuration, parsePictureSize } from './values.ts';

describe('durations', () => {
  it.each([
    ['5s', 5000],
    ['500ms', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    ['10', 10_000],
    [10, 10_000],
    [0.25, 250],
    [0, 0],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    '',
    's',
    '5x',
    '5 s',
    '-5s',
    '5s5m',
    '1d',
    '1,5s',
    '5S',
    '0x10',
    'Infinity',
    '1e3',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
  ])('%s is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('prints what it reads back exactly', () => {
    fc.assert(fc.property(fc.nat({ max: 1e12 }), (milliseconds) => parseDuration(formatDuration(milliseconds)) === milliseconds));
  });

  it('never throws and never answers anything but whole milliseconds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double(), fc.stringMatching(/^[0-9.hms]{0,8}$/)), (text) => {
        const milliseconds = parseDuration(text);
        return milliseconds === undefined || (Number.isSafeInteger(milliseconds) && milliseconds >= 0);
      }),
    );
  });

  it.each([
    [0, '0s'],
    [90_500, '1m30s500ms'],
    [3_600_000, '1h'],
    [86_400_000, '24h'],
  ])('%d ms prints as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});

describe('byte sizes', () => {
  it.each([
    ['5M', 5_000_000],
    ['8MB', 8_000_000],
    ['64Ki', 65_536],
    ['1.5k', 1500],
    ['1GiB', 1_073_741_824],
    ['188', 188],
    [188, 188],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each(['', 'M', '5X', '-1', '5 MB ', '1e6', 0.5, -1])('%s is none', (text) => {
    expect(parseByteSize(text)).toBeUndefined();
  });

  it('prints what it reads back exactly', () => {
    const sizes = fc.oneof(
      fc.nat(),
      fc.nat({ max: 1e6 }).map((count) => count * 1e6),
      fc.nat({ max: 1e6 }).map((count) => count * 1024),
    );
    fc.assert(fc.property(sizes, (bytes) => parseByteSize(formatByteSize(bytes)) === bytes));
  });
});

describe('picture sizes', () => {
  it('prints what it reads back exactly', () => {
    const side = fc.integer({ min: 8, max: 4999 }).map((half) => half * 2);
    fc.assert(
      fc.property(side, side, (width, height) => {
        expect(parsePictureSize(formatPictureSize({ width, height }))).toEqual({ width, height });
      }),
    );
  });

  it.each(['', '640', '640x', '641x360', '640X360', '10000x10', '8x8', '640x360 '])('%s is none', (text) => {
    expect(parsePictureSize(text)).toBeUndefined();
  });
});
