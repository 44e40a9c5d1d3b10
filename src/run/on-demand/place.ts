// What the desk knows of one stream that starts on demand.

import type { ClockPort } from '../../core/ports.ts';
import { createWaiters, type Waiters } from './waiters.ts';
import { createWarmWatch, type WarmWatch } from './warm.ts';

/** All times are monotonic milliseconds. */
export interface Place<T> {
  /** When a viewer was last seen, or it was woken. */
  seenAt: number;
  /** A viewer, not a schedule. */
  wasSeen: boolean;
  /** Since when nginx has no file, so that we see who comes. */
  askingSince: number | undefined;
  /** Not asked again so soon for the sake of others. */
  askedForOthersAt: number;
  wokenAt: number;
  mostViewers: number;
  readonly waiters: Waiters<T>;
  readonly warm: WarmWatch;
  /** What was told last of why it stays up. */
  warmth: string | undefined;
  /** Idle, and its playlist is gone. */
  isSettled: boolean;
}

export function createPlace<T>(clock: Pick<ClockPort, 'monotonic' | 'after'>): Place<T> {
  const now = clock.monotonic();
  return {
    seenAt: now,
    wasSeen: false,
    askingSince: undefined,
    askedForOthersAt: -Infinity,
    wokenAt: now,
    mostViewers: 0,
    waiters: createWaiters<T>(clock),
    warm: createWarmWatch(),
    warmth: undefined,
    isSettled: false,
  };
}
