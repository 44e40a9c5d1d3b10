// How long to wait before the next try: exponential with full jitter, bounded, by kind of failure.

import type { RestartConfig } from '../core/config.ts';

/**
 * `fast`: likely to work at once. `slow`: refused by the provider. `never`: cannot work as configured. `wait`: nothing failed;
 * somebody starts it when its turn has come.
 */
export type RetryPace = 'fast' | 'normal' | 'slow' | 'never' | 'wait';

/** Consecutive failures after which a stream is shown as failed; it is still retried, at the longest pace. */
export const failuresUntilFailed = 10;

/** What cannot work as configured is tried again this often: the source may have changed. */
const hopelessRetryMs = 5 * 60_000;

/** A turn that was lost is found again after this long. */
const longestWaitMs = 60_000;

const slowestMs = 5 * 60_000;
/** A run that had delivered is started again almost at once: the viewer is waiting. Many at once are spread by the start limiter. */
const firstRetrySpreadMs = 50;
/** A run that had delivered proves the source, however often it failed before: nobody waits longer than this for it. */
const longestAfterPictureMs = 10_000;
const shortestMs = 100;
/** Who was served for so long is owed a quick start, also after the tenth failure; ten starts a minute at the most. */
const wellPlayedMs = 5000;

export interface BackoffInput {
  /** Consecutive failures, this one included; 1 is the first. */
  readonly failures: number;
  readonly pace: RetryPace;
  /** The run that failed had delivered segments. */
  readonly hadDelivered: boolean;
  /** Since its first segment; 0 without one. */
  readonly playedMs: number;
  /** Uniform in [0, 1). */
  readonly random: number;
  readonly policy: Pick<RestartConfig, 'minDelayMs' | 'maxDelayMs'>;
}

/** Milliseconds to wait. Full jitter: uniform between the floor and the exponential ceiling, so that many streams spread out. */
export function retryDelayMs(input: BackoffInput): number {
  const { failures, pace, hadDelivered, playedMs, random, policy } = input;
  if (pace === 'never') return hopelessRetryMs;
  if (pace === 'wait') return longestWaitMs;
  if (failures <= 1 && hadDelivered && pace !== 'slow') return Math.round(random * firstRetrySpreadMs);
  const slow = pace === 'slow';
  const base = slow ? policy.minDelayMs * 5 : policy.minDelayMs;
  const afterPicture = playedMs >= wellPlayedMs ? policy.minDelayMs : longestAfterPictureMs;
  const longest = hadDelivered ? Math.min(policy.maxDelayMs, afterPicture) : policy.maxDelayMs;
  const cap = slow ? Math.max(policy.maxDelayMs, slowestMs) : longest;
  const ceiling = Math.min(cap, base * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.max(Math.min(shortestMs, ceiling), Math.round(random * ceiling));
}
