// Ends a job whose source changed its codec, and keeps what it wrote since then out of the channel.

import type { ClockPort } from '../core/ports.ts';
import type { CodecSigns, Track } from '../observe/codec-signs.ts';
import type { LegSegment } from '../playlist/channel/channel-state.ts';
import type { JobOutput } from './job-output.ts';
import type { Failure } from './lifecycle.ts';

/** Segments that ended in this time, monotonic, cannot be decoded, or may be so. */
export interface Spoilt {
  readonly fromAt: number;
  readonly untilAt: number;
}

/** What a channel asks of a stream before it shows anything of it. */
export interface Heard {
  readonly spoilt: () => Spoilt | undefined;
  readonly output: Pick<JobOutput, 'hear'> & Partial<Pick<JobOutput, 'cues' | 'damage' | 'since'>>;
}

export interface CodecGuard {
  /** The failure to end the job with; once for each job. */
  judge(stillness: { readonly stillMs: number; readonly boundMs: number }, outTimeUs: number | null): Failure | undefined;
  /** The present job has a command for other codecs than it found, and is ended for that: nothing of it can be decoded. */
  unfit(): void;
  /** Another job writes from now on. */
  started(): void;
  readonly spoilt: () => Spoilt | undefined;
}

/** Before that a job complains about a picture that it came into the middle of. */
const settledAfterMs = 5000;

export function createCodecGuard(options: {
  readonly clock: Pick<ClockPort, 'monotonic'>;
  readonly signs: CodecSigns;
  /** Plans the next start for another codec; false: it was changed too often. */
  readonly turn: (track: Track) => boolean;
}): CodecGuard {
  const { clock, signs } = options;
  let startedAt = clock.monotonic();
  let changedAt: number | undefined;
  let past: Spoilt | undefined;
  const isSettled = (): boolean => clock.monotonic() - startedAt >= settledAfterMs;
  return {
    judge({ stillMs, boundMs }, outTimeUs) {
      const now = clock.monotonic();
      if (!isSettled()) signs.reset();
      const change = signs.judge({ now, isStill: stillMs >= boundMs / 2, outTimeUs });
      if (change === undefined || changedAt !== undefined || !options.turn(change.track)) return undefined;
      changedAt = signs.since() ?? now;
      return { cause: 'codec-changed', message: change.message, evidence: change.evidence, pace: 'fast' };
    },
    unfit() {
      // Right after a job that was ended for a change, all since then is one stretch.
      changedAt = past?.untilAt === startedAt ? past.fromAt : startedAt;
    },
    started() {
      startedAt = clock.monotonic();
      if (changedAt !== undefined) past = { fromAt: changedAt, untilAt: startedAt };
      changedAt = undefined;
    },
    spoilt() {
      if (changedAt !== undefined) return { fromAt: changedAt, untilAt: Infinity };
      const fromAt = isSettled() ? signs.holdFrom(clock.monotonic()) : undefined;
      return fromAt === undefined ? past : { fromAt, untilAt: Infinity };
    },
  };
}

/** Those of them that can be decoded. */
export function sound(segments: readonly LegSegment[], spoilt: Spoilt | undefined): readonly LegSegment[] {
  return spoilt === undefined ? segments : segments.filter(({ endedAt }) => endedAt < spoilt.fromAt || endedAt > spoilt.untilAt);
}
