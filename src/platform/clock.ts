// Real time and chance.

import type { CancelTimer, ClockPort } from '../core/ports.ts';

/** Longest delay of a Node timer; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

export function createClockPort(): ClockPort {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after,
    random: () => Math.random(),
  };
}

function after(delayMs: number, callback: () => void): CancelTimer {
  let timer: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    timer = leftMs > maxTimerMs ? setTimeout(() => arm(leftMs - maxTimerMs), maxTimerMs) : setTimeout(callback, leftMs);
  };
  arm(Math.max(0, delayMs));
  return () => clearTimeout(timer);
}
