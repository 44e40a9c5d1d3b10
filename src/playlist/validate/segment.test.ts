import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { validateSegment } from './segment.ts';
import { readTransportStream } from './transport-stream.ts';

/** One packet of 188 bytes: header, an adaptation field that fills the rest, payload. */
function packet(pid: number, payload: readonly number[], randomAccess = false): readonly number[] {
  const stuffing = 188 - 4 - 2 - payload.length;
  const adaptation = [1 + stuffing, randomAccess ? 0x40 : 0, ...Array<number>(stuffing).fill(0xff)];
  return [0x47, 0x40 | (pid >> 8), pid & 0xff, 0x30, ...adaptation, ...payload];
}

const pat = packet(0, [0, 0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0x00, 1, 2, 3, 4]);
const pmt = packet(0x1000, [
  ...[0, 0x02, 0xb0, 23, 0, 1, 0xc1, 0, 0, 0xe1, 0x00, 0xf0, 0],
  ...[0x1b, 0xe1, 0x00, 0xf0, 0],
  ...[0x0f, 0xe1, 0x01, 0xf0, 0],
  ...[1, 2, 3, 4],
]);

function pes(seconds: number, data: readonly number[] = []): readonly number[] {
  const ticks = Math.round(seconds * 90_000) % 2 ** 33;
  const time = [
    0x21 | (Math.floor(ticks / 2 ** 30) << 1),
    Math.floor(ticks / 2 ** 22) & 0xff,
    ((Math.floor(ticks / 2 ** 15) & 0x7f) << 1) | 1,
    Math.floor(ticks / 2 ** 7) & 0xff,
    ((ticks & 0x7f) << 1) | 1,
  ];
  return [0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, ...time, ...data];
}

const idr = [0, 0, 1, 0x65, 1, 2];
const slice = [0, 0, 1, 0x41, 1, 2];

function pictures(from: number, count: number, first: readonly number[] = idr): readonly number[] {
  return Array.from({ length: count }, (_, index) => packet(0x100, pes(from + index * 0.04, index === 0 ? first : slice))).flat();
}

function ts(...parts: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flat());
}

const whole = ts(pat, pmt, pictures(10, 50));

function rulesOf(bytes: Uint8Array, status: number | null = 200, announcedSeconds = 2): readonly string[] {
  return validateSegment({ uri: 'a.ts', status: status ?? undefined, bytes, announcedSeconds }, 'channel').map(({ rule }) => rule);
}

describe('validateSegment', () => {
  it('finds nothing in a good one', () => {
    expect(rulesOf(whole)).toEqual([]);
  });

  it.each<[string, readonly string[]]>([
    ['segment-unreachable', rulesOf(new Uint8Array(), 404)],
    ['segment-unreachable', rulesOf(new Uint8Array(), null)],
    ['segment-empty', rulesOf(new Uint8Array())],
    ['segment-not-ts', rulesOf(new TextEncoder().encode('<html>not found</html>'))],
    ['segment-not-ts', rulesOf(new TextEncoder().encode('x'.repeat(376)))],
    ['segment-not-ts', rulesOf(ts(pat, Array<number>(188).fill(0)))],
    ['segment-cut', rulesOf(whole.subarray(0, whole.length - 50))],
    ['segment-without-tables', rulesOf(ts(pictures(10, 50)))],
    ['segment-without-tables', rulesOf(ts(pat, pictures(10, 50)))],
    ['segment-without-key-frame', rulesOf(ts(pat, pmt, pictures(10, 50, slice)))],
    ['segment-duration-off', rulesOf(ts(pat, pmt, pictures(10, 25)))],
  ])('%s', (rule, found) => {
    expect(found).toEqual([rule]);
  });

  it('says what a segment that is none begins with', () => {
    const [found] = validateSegment({ uri: 'a.ts', status: 200, bytes: new TextEncoder().encode('<html>') }, 'leg');
    expect(found?.message).toBe('a.ts is no transport stream: it begins with 3c 68 74 6d and not with 47');
  });
});

describe('readTransportStream', () => {
  it('names the streams', () => {
    expect(readTransportStream(whole)).toMatchObject({
      packets: 52,
      hasPat: true,
      hasPmt: true,
      streams: [
        { type: 0x1b, pid: 0x100 },
        { type: 0x0f, pid: 0x101 },
      ],
      beginsWithKeyFrame: true,
    });
  });

  it('believes the random access mark', () => {
    expect(readTransportStream(ts(pat, pmt, packet(0x100, pes(1, slice), true))).beginsWithKeyFrame).toBe(true);
  });

  it('measures across the wrap of the clock', () => {
    const wrapSeconds = 2 ** 33 / 90_000;
    expect(readTransportStream(ts(pat, pmt, pictures(wrapSeconds - 1, 50))).durationSeconds).toBeCloseTo(2, 2);
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 187, maxLength: 187 }), { maxLength: 5 }), (packets) => {
        const bytes = ts(pat, pmt, ...packets.map((rest) => [0x47, ...rest]));
        expect(readTransportStream(bytes).packets).toBe(2 + packets.length);
      }),
    );
  });
});
