import { describe, expect, it } from 'vitest';

import { cuesFor, spanOf } from './segment-span.ts';
import { createCueReader, emptyVtt, printVtt, type Cue } from './web-vtt.ts';

const cue = (startMs: number, endMs: number, text = 'Hello'): Cue => ({ startMs, endMs, text, settings: '' });

describe('cues that ffmpeg appends', () => {
  it('are read as they come, the last one without waiting for the empty line behind it', () => {
    const reader = createCueReader();
    expect(reader.feed('WEBVTT\n\n00:10.023 --> 00:11.0')).toEqual([]);
    expect(reader.pause()).toEqual([]);
    expect(reader.feed('23\ncue 0\nand <i>more</i>\n')).toEqual([]);
    expect(reader.pause()).toEqual([cue(10_023, 11_023, 'cue 0\nand <i>more</i>')]);
    expect(reader.pause()).toEqual([]);
    expect(reader.feed('\n01:00:00.000 --> 01:00:01.500 line:10% --> x\ntwo\n\n01:00:02.000 --> 01:00:03.000\nthree\n')).toEqual([
      { ...cue(3_600_000, 3_601_500, 'two'), settings: 'line:10%' },
    ]);
    expect(reader.pause()).toEqual([cue(3_602_000, 3_603_000, 'three')]);
  });

  it('of a hostile source are bounded in length and time, and end nothing else', () => {
    const reader = createCueReader();
    const text = `00:10.000 --> 99:00:00.000\n${'x'.repeat(9000)}\n\n00:11.000 --> 00:10.000\nback\n\n00:12.000 --> 00:13.000\n\n\n00:14.000 --> 00:15.000\na --> b\n\n`;
    const cues = reader.feed(text);
    expect(cues.map(({ startMs, endMs, text: said }) => [startMs, endMs, said.length])).toEqual([
      [10_000, 70_000, 2000],
      [14_000, 15_000, 6],
    ]);
    expect(reader.feed('x'.repeat(1_000_000))).toEqual([]);
  });
});

describe('a segment of a rendition', () => {
  it('says which of its time stamps is which moment of its cues (RFC 8216 3.5), exactly', () => {
    const { fromMs, toMs, map } = spanOf('primary', 2_046_627, 2, 22_000);
    expect([fromMs, toMs, map]).toEqual([22_040, 24_040, { mpegTs: 2_046_600, localMs: 22_040 }]);
    expect(spanOf('backup', 1_983_600, 2, 22_000).map).toEqual({ mpegTs: 1_983_600, localMs: 22_040 });
    expect(printVtt(map, [cue(22_023, 23_023), { ...cue(3_723_004, 3_724_000, 'a\nb'), settings: 'line:0' }], '7')).toMatch(
      /^WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:2046600,LOCAL:00:00:22.040\n\n7-22023-23023-\w+\n00:00:22.023 --> 00:00:23.023\nHello\n\n7-3723004-3724000-\w+\n01:02:03.004 --> 01:02:04.000 line:0\na\nb\n\n$/,
    );
    expect(printVtt(map, [], '7')).toBe(emptyVtt);
  });

  it('goes on after 26.5 hours, when the time stamps begin anew', () => {
    const day = 30 * 3_600_000;
    const ticks = (day * 90) % 2 ** 33;
    expect(spanOf('backup', ticks, 2, day + 9000)).toMatchObject({ fromMs: day, map: { mpegTs: ticks, localMs: day } });
    // A turn comes between the job's time and what nginx adds to it.
    const turn = Math.floor(2 ** 33 / 90) - 300;
    const late = spanOf('primary', (turn * 90 + 63_000) % 2 ** 33, 2, turn);
    expect(late.fromMs).toBe(turn);
    expect(late.map.mpegTs).toBeLessThan(63_000);
  });

  it('has every cue that is shown in it, and those that came too late for theirs', () => {
    const cues = [cue(0, 1000), cue(9000, 12_500), cue(12_000, 14_000), cue(14_000, 15_000)];
    const span = spanOf('backup', 12_000 * 90, 2, 12_000);
    const told = new Set([cues[1]]);
    const isTold = (one: Cue): boolean => told.has(one);
    expect(cuesFor(span, cues, isTold)).toEqual(cues.slice(0, 3));
    told.add(cues[0]);
    expect(cuesFor(span, cues, isTold)).toEqual(cues.slice(1, 3));
    expect(cuesFor({ ...span, fromMs: 60_000, toMs: 62_000 }, cues, isTold)).toEqual([]);
  });
});
