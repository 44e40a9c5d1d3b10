// Spreads starts over time, so that fifty channels that fail at once do not start at once.

import type { ClockPort } from '../core/ports.ts';

export interface StartLimiter {
  /** `start` must not reject. */
  enqueue(start: () => Promise<void>): void;
  readonly waiting: () => number;
}

/** At most `burst` starts at once, then one each `intervalMs`. */
export function createStartLimiter(clock: ClockPort, options: { readonly burst: number; readonly intervalMs: number }): StartLimiter {
  const queue: (() => Promise<void>)[] = [];
  let tokens = options.burst;
  let lastRefill = clock.monotonic();
  let scheduled = false;

  function drain(): void {
    scheduled = false;
    const now = clock.monotonic();
    tokens = Math.min(options.burst, tokens + (now - lastRefill) / options.intervalMs);
    lastRefill = now;
    while (tokens >= 1) {
      const start = queue.shift();
      if (start === undefined) return;
      tokens -= 1;
      start().catch(() => undefined);
    }
    if (queue.length > 0) schedule(options.intervalMs);
  }

  function schedule(delayMs: number): void {
    if (scheduled) return;
    scheduled = true;
    clock.after(delayMs, drain);
  }

  return {
    enqueue(start) {
      queue.push(start);
      drain();
    },
    waiting: () => queue.length,
  };
}
