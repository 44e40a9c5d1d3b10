import { describe, expect, it } from 'vitest';

import { createCodecSigns, type CodecSigns } from './codec-signs.ts';

const adts = '[aac_adtstoasc @ 0x5622cf2b43c0] [error] Error parsing ADTS frame header!';
const notAdts = '[mpegts @ 0x5622cf3741c0] [error] AAC bitstream not in ADTS format and extradata missing';
const hevc = '[NULL @ 0x564baeb5ca80] [error] missing picture in access unit with size 8207';
const skipped = '[hevc @ 0x565483189e00] [warning] Invalid NAL unit 4, skipping.';
const header = '[mp2 @ 0x55adfa759fc0] [error] Header missing';
const quiet = { isStill: false, outTimeUs: 0 };

function fed(lines: readonly (readonly [number, string])[]): CodecSigns {
  const signs = createCodecSigns();
  for (const [at, line] of lines) signs.feed(line, at);
  return signs;
}

/** As often as a codec has frames, read by a look a second. */
const stream = (line: string, seconds: number): readonly (readonly [number, string])[] =>
  Array.from({ length: seconds * 25 }, (_, index) => [1000 * Math.ceil(index / 25), line] as const);

describe('a source that changed its codec', () => {
  it.each([
    ['AAC to MP2, copied', notAdts, 'audio'],
    ['MP2 to AAC, decoded', header, 'audio'],
    ['H.264 to HEVC, copied', hevc, 'video'],
  ])('is noticed within two looks: %s', (_name, line, track) => {
    expect(fed(stream(line, 2)).judge({ now: 2000, ...quiet })).toMatchObject({ track, evidence: [line] });
  });

  it('is noticed by what ffmpeg says of lines that it does not repeat', () => {
    const signs = fed([
      [0, adts],
      [0, notAdts],
    ]);
    expect(signs.judge({ now: 0, ...quiet })).toBeUndefined();
    signs.feed('    Last message repeated 14 times', 1000);
    expect(signs.judge({ now: 1000, ...quiet })).toMatchObject({ track: 'audio', evidence: [adts, notAdts] });
  });

  it('is noticed by one line when segments stop although the job goes on', () => {
    const signs = fed([[0, skipped]]);
    expect(signs.judge({ now: 2000, isStill: false, outTimeUs: 1 })).toBeUndefined();
    expect(signs.judge({ now: 3000, isStill: true, outTimeUs: 2 })).toMatchObject({ track: 'video' });
  });
});

describe('no change', () => {
  it('is a source that fell silent after a damaged packet', () => {
    const signs = fed([[0, hevc]]);
    expect(signs.judge({ now: 2000, isStill: false, outTimeUs: 2 })).toBeUndefined();
    expect(signs.judge({ now: 3000, isStill: true, outTimeUs: 2 })).toBeUndefined();
  });

  it('is a burst of damage, or damage now and then', () => {
    const burst = fed(Array.from({ length: 40 }, () => [0, hevc] as const));
    expect(burst.judge({ now: 500, ...quiet })).toBeUndefined();
    expect(burst.judge({ now: 6000, ...quiet })).toBeUndefined();
    const rare = fed(Array.from({ length: 30 }, (_, index) => [index * 1000, hevc] as const));
    expect(rare.judge({ now: 30_000, ...quiet })).toBeUndefined();
  });

  it('is what the job says otherwise, how often ever', () => {
    const signs = fed(stream('[tee @ 0x55c573c86b80] [warning] Non-monotonous DTS in output stream 0:0; previous: 153, current: 151', 3));
    signs.feed('    Last message repeated 400 times', 3000);
    expect(signs.judge({ now: 3000, isStill: true, outTimeUs: 9 })).toBeUndefined();
    expect(signs.since()).toBeUndefined();
  });
});

it('holds back what was finished since the first complaint may have come, for some looks and once a minute', () => {
  const signs = createCodecSigns();
  signs.feed(adts, 1000, 400);
  expect(signs.holdFrom(1200)).toBe(400);
  expect(signs.holdFrom(3100)).toBeUndefined();
  for (const at of [2500, 3500, 4500]) signs.feed(adts, at);
  expect(signs.holdFrom(4600)).toBe(400);
  expect(signs.holdFrom(4800)).toBeUndefined();
  signs.judge({ now: 62_000, ...quiet });
  signs.feed(adts, 62_000);
  expect(signs.holdFrom(62_000)).toBe(62_000);
});
