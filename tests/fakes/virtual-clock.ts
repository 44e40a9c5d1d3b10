// A clock that only moves when told to: policy is tested in no real time.

import type { ClockPort } from '../../src/core/ports.ts';

export interface VirtualClock extends ClockPort {
  /** Runs every timer that is due within `ms`, in order, letting promises settle between them. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock only, as an operator or NTP would. */
  jumpWall(ms: number): void;
  readonly pending: () => number;
}

export function createVirtualClock(random: () => number = () => 0.5): VirtualClock {
  let time = 1000;
  let wall = Date.UTC(2026, 0, 1);
  let counter = 0;
  const timers = new Map<number, { at: number; callback: () => void }>();

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
  };

  return {
    now: () => wall,
    monotonic: () => time,
    random,
    after(delayMs, callback) {
      counter += 1;
      const key = counter;
      timers.set(key, { at: time + delayMs, callback });
      return () => timers.delete(key);
    },
    async advance(ms) {
      const end = time + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.at <= end).sort(([a, left], [b, right]) => left.at - right.at || a - b)[0];
        if (due === undefined) break;
        const [key, timer] = due;
        timers.delete(key);
        wall += timer.at - time;
        time = timer.at;
        timer.callback();
        await settle();
      }
      wall += end - time;
      time = end;
      await settle();
    },
    jumpWall(ms) {
      wall += ms;
    },
    pending: () => timers.size,
  };
}
