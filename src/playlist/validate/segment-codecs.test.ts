import { describe, expect, it } from 'vitest';

import { codecsOf } from './segment-codecs.ts';

function packet(pid: number, content: readonly number[]): readonly number[] {
  return [0x47, 0x40 | (pid >> 8), pid & 0xff, 0x10, ...content, ...Array.from({ length: 184 - content.length }, () => 0)];
}

/** Tables of one program with tracks at 0x100, 0x101 ..., and a packet for each that has content. */
function segment(tracks: readonly { readonly type: number; readonly content?: readonly number[] }[]): Uint8Array {
  const pat = [0, 0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0x00, 0, 0, 0, 0];
  const entries = tracks.flatMap(({ type }, index) => [type, 0xe1, index, 0xf0, 0]);
  const pmt = [0, 0x02, 0xb0, 13 + entries.length, 0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, ...entries, 0, 0, 0, 0];
  const packets = tracks.flatMap(({ content }, index) => (content === undefined ? [] : packet(0x100 + index, content)));
  return Uint8Array.from([...packet(0, pat), ...packet(0x1000, pmt), ...packets]);
}

const pes = (...bytes: readonly number[]): readonly number[] => [0, 0, 1, 0xe0, 0, 0, 0x80, 0, 0, ...bytes];
const h264 = { type: 0x1b, content: pes(0, 0, 0, 1, 0x67, 0x4d, 0x40, 0x1e, 0xab) };
const noPicture = { type: 0x1b };

describe('CODECS', () => {
  it.each([
    ['H.264 and AAC', [h264, { type: 0x0f, content: pes(0xff, 0xf1, 0x50, 0x80) }], 'avc1.4d401e,mp4a.40.2'],
    ['H.264 and AC-3', [h264, { type: 0x81, content: pes(0x0b, 0x77) }], 'avc1.4d401e,ac-3'],
    ['H.264 and E-AC-3', [h264, { type: 0x87, content: pes(0x0b, 0x77) }], 'avc1.4d401e,ec-3'],
    ['H.264 and MPEG Layer II', [h264, { type: 0x03, content: pes(0xff, 0xfd, 0x84, 0x04) }], 'avc1.4d401e,mp4a.40.33'],
    ['H.264 and MP3', [h264, { type: 0x03, content: pes(0xff, 0xfb, 0x90, 0x64) }], 'avc1.4d401e,mp4a.40.34'],
    ['a picture that is announced and never comes', [noPicture, { type: 0x0f, content: pes(0xff, 0xf1, 0x50, 0x80) }], 'mp4a.40.2'],
  ])('of %s', (_, tracks, expected) => {
    expect(codecsOf(segment(tracks))).toBe(expected);
  });

  it('are not said where one of them has no name here, for half a list is worse than none', () => {
    expect(codecsOf(segment([h264, { type: 0x82, content: pes(0x7f, 0xfe) }]))).toBeUndefined();
    expect(
      codecsOf(
        segment([
          { type: 0x24, content: pes(0, 0, 1, 0x42) },
          { type: 0x81, content: pes(0x0b, 0x77) },
        ]),
      ),
    ).toBeUndefined();
  });
});
