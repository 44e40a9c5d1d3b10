// Runs the pieces of one round side by side: a piece that fails or hangs is reported and costs the others nothing.

import type { ClockPort } from '../core/ports.ts';

/** A round goes on without pieces that need longer; they are left out until they are done. */
const patienceMs = 1000;
/** Longer than every bound of a healthy piece: two requests of two seconds, a question to nginx of three. */
const hangsAfterMs = 15_000;

export interface Lanes {
  /** Resolves when the work is done, failed, or slower than a round may wait. Never rejects. */
  run(name: string, work: () => Promise<void>): Promise<void>;
}

export function createLanes(clock: Pick<ClockPort, 'monotonic' | 'after'>, onError: (name: string, error: unknown) => void): Lanes {
  const busy = new Map<string, { readonly since: number; reported: boolean }>();

  return {
    run(name, work) {
      const before = busy.get(name);
      if (before !== undefined) {
        const forMs = clock.monotonic() - before.since;
        if (forMs > hangsAfterMs && !before.reported) {
          before.reported = true;
          onError(name, new Error(`hangs for ${Math.round(forMs / 1000)} s: a file system that does not answer?`));
        }
        return Promise.resolve();
      }
      busy.set(name, { since: clock.monotonic(), reported: false });
      return new Promise((resolve) => {
        const cancel = clock.after(patienceMs, resolve);
        const leave = (): void => {
          busy.delete(name);
          cancel();
          resolve();
        };
        void start(work, (error) => onError(name, error)).then(leave);
      });
    },
  };
}

/** Never rejects. */
async function start(work: () => Promise<void>, onError: (error: unknown) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    onError(error);
  }
}
