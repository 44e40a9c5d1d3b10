import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProgressParser, type ProgressBlock } from './progress.ts';

const first = `frame=13
fps=24.77
stream_0_0_q=23.0
bitrate=N/A
total_size=N/A
out_time_us=400000
out_time_ms=400000
out_time=00:00:00.400000
dup_frames=2
drop_frames=1
speed=0.78x
progress=continue
`;
const last = 'frame=25\nfps=25.10\nout_time_us=1021678\ndup_frames=0\ndrop_frames=0\ntotal_size=4096\nspeed=   1x\nprogress=end\n';

describe('createProgressParser', () => {
  it('reads the blocks of ffmpeg 5.1 and 7.1', () => {
    expect(createProgressParser().feed(first + last)).toEqual<ProgressBlock[]>([
      { frame: 13, fps: 24.77, outTimeUs: 400_000, speed: 0.78, droppedFrames: 1, duplicatedFrames: 2, totalSizeBytes: null, done: false },
      { frame: 25, fps: 25.1, outTimeUs: 1_021_678, speed: 1, droppedFrames: 0, duplicatedFrames: 0, totalSizeBytes: 4096, done: true },
    ]);
  });

  it('has no frames for sound alone, and no time before the first packet', () => {
    const [block] = createProgressParser().feed('bitrate=N/A\nout_time_us=N/A\nout_time=N/A\nspeed=N/A\nprogress=continue\n');
    expect(block).toMatchObject({ frame: null, fps: null, outTimeUs: null, speed: null, done: false });
  });

  it('reads on in a file that was truncated under the writer', () => {
    const [block] = createProgressParser().feed(`${'\0'.repeat(700)}ime_us=1\nframe=7\nout_time_us=280000\nprogress=continue\n`);
    expect(block).toMatchObject({ frame: 7, outTimeUs: 280_000 });
  });

  it('gives the same blocks however the text is cut', () => {
    const text = (first + last).repeat(3);
    const whole = createProgressParser().feed(text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 30 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const parser = createProgressParser();
        const pieces = places.slice(1).flatMap((end, index) => parser.feed(text.slice(places[index], end)));
        expect(pieces).toEqual(whole);
      }),
    );
  });

  it('gives the same blocks for any text, cut anywhere, and never throws', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('progress=continue', 'progress=end', 'frame=1', 'out_time_us=', '=', 'x'.repeat(3000)),
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(4000), { maxLength: 10 }), (lines, cuts) => {
        const text = lines.join('\n');
        const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b), text.length];
        const parser = createProgressParser();
        const pieces = places.slice(1).flatMap((end, index) => parser.feed(text.slice(places[index], end)));
        expect(pieces).toEqual(createProgressParser().feed(text));
      }),
    );
  });

  it('does not grow with text that is no progress at all', () => {
    const parser = createProgressParser();
    for (let count = 0; count < 100; count += 1) expect(parser.feed('x'.repeat(10_000))).toEqual([]);
    expect(parser.feed(`\n${last}`)).toHaveLength(1);
  });
});
