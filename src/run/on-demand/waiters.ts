// Those who wait for the first picture of one channel: all get the same answer at the same time, or are told why there is none.

import type { ClockPort } from '../../core/ports.ts';

export interface Waiters<T> {
  /** Resolves with what all are told, or with `late()` when its own time is over. */
  add(one: { readonly limitMs: number; readonly gone: AbortSignal; readonly late: () => T }): Promise<T>;
  answer(what: T): { readonly count: number; readonly longestMs: number };
  readonly count: () => number;
}

export function createWaiters<T>(clock: Pick<ClockPort, 'monotonic' | 'after'>): Waiters<T> {
  const present = new Set<{ readonly since: number; settle(what: T): void }>();

  return {
    add: ({ limitMs, gone, late }) =>
      new Promise((resolve) => {
        const one = {
          since: clock.monotonic(),
          settle(what: T): void {
            cancel();
            gone.removeEventListener('abort', leave);
            present.delete(one);
            resolve(what);
          },
        };
        const leave = (): void => one.settle(late());
        const cancel = clock.after(limitMs, leave);
        present.add(one);
        if (gone.aborted) leave();
        else gone.addEventListener('abort', leave, { once: true });
      }),
    answer(what) {
      const now = clock.monotonic();
      const all = [...present];
      for (const one of all) one.settle(what);
      return { count: all.length, longestMs: Math.max(0, ...all.map(({ since }) => now - since)) };
    },
    count: () => present.size,
  };
}
