import { describe, expect, it } from 'vitest';

import { costNote, ladderCost, megapixels, parseFigures, type MachineFigures } from './cost.ts';

const figures: MachineFigures = {
  schemaVersion: 1,
  measuredAt: '2026-11-28T08:00:00.000Z',
  ffmpeg: '5.1.9',
  cores: 4,
  copyCores: 0.01,
  secondsPerMegapixel: 0.05,
};
const rung = (width: number, height: number) => ({ picture: { mode: 'encode' as const, width, height, fps: 25 } });
const copied = { picture: { mode: 'copy' as const, width: 1920, height: 1080, fps: 25 } };

describe('the cost of a ladder', () => {
  it('is that of the pixels it encodes', () => {
    expect(megapixels([copied, rung(1280, 720), { picture: undefined }])).toBeCloseTo(23.04);
    expect(ladderCost([rung(1280, 720)], figures)).toEqual({ cores: 1.15, of: 4, fits: true });
    expect(costNote([copied], figures)).toBeUndefined();
  });

  it('is a warning when the machine cannot hold it, and an invitation before it was measured', () => {
    expect(costNote([rung(3840, 2160)], figures)).toContain('about 10.37 of 4 cores');
    expect(costNote([rung(3840, 2160)], figures)).toContain('this machine cannot hold it');
    expect(costNote([rung(640, 360)], undefined)).toContain('iptv bench machine');
  });

  it('takes nothing but what was written by the measurement', () => {
    expect(parseFigures(JSON.stringify(figures))).toEqual(figures);
    for (const text of [undefined, '', 'null', '{"schemaVersion":1}', JSON.stringify({ ...figures, cores: 0 })])
      expect(parseFigures(text)).toBeUndefined();
  });
});
