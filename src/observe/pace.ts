// How fast a job really runs, and what it drops, over the last minute and a half; ffmpeg's own `speed` is an average since the start.

import type { ProgressBlock } from './progress.ts';

export interface PaceWatch {
  /** Takes the newest block; the same one again is no news. `now` is monotonic. */
  take(block: ProgressBlock | undefined, now: number): void;
  /** undefined until enough was seen. 1 is real time. */
  readonly speed: () => number | undefined;
  readonly droppedShare: () => number | undefined;
}

const windowMs = 90_000;
/** A source of ten-second segments moves in jumps of ten seconds; less than four of them tell nothing. */
const leastMs = 45_000;
const mostPoints = 60;

interface Point {
  readonly at: number;
  readonly outMs: number;
  readonly frames: number | null;
  readonly dropped: number;
}

export function createPaceWatch(): PaceWatch {
  let points: Point[] = [];
  let seen: ProgressBlock | undefined;

  const isEnough = (): boolean => points.length >= 6 && (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0) >= leastMs;

  return {
    take(block, now) {
      if (block === seen) return;
      seen = block;
      if (block === undefined || block.outTimeUs === null) {
        points = [];
        return;
      }
      const point = { at: now, outMs: block.outTimeUs / 1000, frames: block.frame, dropped: block.droppedFrames };
      const last = points.at(-1);
      // Another run, or a source whose clock jumped.
      if (last !== undefined && (point.outMs < last.outMs || point.outMs - last.outMs > windowMs)) points = [];
      points = [...points.filter(({ at }) => now - at <= windowMs), point].slice(-mostPoints);
    },
    speed: () => (isEnough() ? slope(points) : undefined),
    droppedShare() {
      const [first] = points;
      const last = points.at(-1);
      if (!isEnough() || first === undefined || last === undefined || first.frames === null || last.frames === null) return undefined;
      const dropped = last.dropped - first.dropped;
      const all = last.frames - first.frames + dropped;
      return all <= 0 ? undefined : Math.max(0, dropped / all);
    },
  };
}

/** Least squares: the two ends alone would be off by a whole jump. */
function slope(points: readonly Point[]): number {
  const meanAt = points.reduce((sum, { at }) => sum + at, 0) / points.length;
  const meanOut = points.reduce((sum, { outMs }) => sum + outMs, 0) / points.length;
  const up = points.reduce((sum, { at, outMs }) => sum + (at - meanAt) * (outMs - meanOut), 0);
  const down = points.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  return up / down;
}
