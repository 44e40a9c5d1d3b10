// When a job that lives counts as standing still: judged by its output, never by the process table. Pure.

import type { StreamConfig } from '../core/config.ts';

/** Floor of every bound: shorter gaps are normal for sources that deliver in bursts (HLS with 6 s segments). */
const stallFloorMs = 6000;
/** A first segment may need a slow connect (15 to 25 s were seen with aggregators), a probe of 5 s and a whole GOP. */
const startLimitMs = 45_000;

export interface StallInput {
  readonly segmentSeconds: number;
  /** The larger of both legs' EXT-X-TARGETDURATION; copied streams cut at key frames, which may be far apart. */
  readonly targetDurationSeconds: number;
  readonly configuredMs: number | undefined;
  /** How long a source may need for its first segment, where that is settled. */
  readonly startGraceMs?: number | undefined;
}

/** Three segment times without a new segment (the longest a viewer's buffer covers), at least the floor. */
export function stallBoundMs(input: StallInput): number {
  if (input.configuredMs !== undefined) return input.configuredMs;
  return Math.max(stallFloorMs, 3 * 1000 * Math.max(input.segmentSeconds, input.targetDurationSeconds));
}

export function startBoundMs(input: StallInput): number {
  return input.startGraceMs ?? Math.max(startLimitMs, 3 * stallBoundMs(input));
}

/** While another source waits, a slow aggregator's 25 s for its first byte are no longer worth it. */
const graceWithOthersMs = 20_000;

export function startGraceMs(stream: Pick<StreamConfig, 'sources' | 'failover'>): number | undefined {
  return stream.failover.startGraceMs ?? (stream.sources.length > 1 ? graceWithOthersMs : undefined);
}

/** A leg that stays dead beside a living one: the job is restarted after this long, rarer each time. */
export function legMendDelayMs(mends: number): number {
  return Math.min(30 * 60_000, 30_000 * 4 ** Math.min(mends, 6));
}
