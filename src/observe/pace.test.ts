import { describe, expect, it } from 'vitest';

import { createPaceWatch } from './pace.ts';
import type { ProgressBlock } from './progress.ts';

const block = (outSeconds: number, frame = 0, droppedFrames = 0): ProgressBlock => ({
  frame,
  fps: 25,
  outTimeUs: outSeconds * 1_000_000,
  speed: 1,
  droppedFrames,
  duplicatedFrames: 0,
  totalSizeBytes: null,
  done: false,
});

/** A block each five seconds for so long; `out` tells how far the output is at a second. */
function run(lastSecond: number, out: (second: number) => number, dropped: (second: number) => number = () => 0) {
  const watch = createPaceWatch();
  for (let second = 0; second <= lastSecond; second += 5) watch.take(block(out(second), out(second) * 25, dropped(second)), second * 1000);
  return watch;
}

describe('the pace of a job', () => {
  it('is not known at first', () => {
    expect(run(40, (second) => second).speed()).toBeUndefined();
  });

  it.each([
    ['real time', (second: number) => second, 1],
    ['a slow source', (second: number) => second * 0.8, 0.8],
    ['a burst at the start, then real time', (second: number) => 18 + second, 1],
  ])('%s', (_name, out, speed) => {
    expect(run(90, out).speed()).toBeCloseTo(speed, 2);
  });

  it('is not taken in by a source that sends ten seconds at once', () => {
    for (let last = 60; last <= 300; last += 5) {
      const speed = run(last, (second) => Math.floor(second / 10) * 10 + 10).speed();
      expect(speed).toBeGreaterThan(0.95);
    }
  });

  it('sees a source that becomes slow, after a long time of playing well', () => {
    expect(run(600, (second) => Math.min(second, 500) + Math.max(0, second - 500) * 0.5).speed()).toBeLessThan(0.6);
  });

  it('begins anew with another run', () => {
    const watch = run(90, (second) => second);
    watch.take(block(2), 95_000);
    expect(watch.speed()).toBeUndefined();
    watch.take(undefined, 96_000);
    expect(watch.speed()).toBeUndefined();
  });

  it('counts dropped frames of late, not of ever', () => {
    expect(
      run(
        600,
        (second) => second,
        (second) => Math.min(second, 100) * 25,
      ).droppedShare(),
    ).toBe(0);
    expect(
      run(
        90,
        (second) => second,
        (second) => second * 5,
      ).droppedShare(),
    ).toBeCloseTo(5 / 30, 2);
  });
});
