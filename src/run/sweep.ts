// The one timer of the supervisor: looks at everything that may have changed, more often while somebody waits.

import type { CancelTimer, ClockPort } from '../core/ports.ts';

/**
 * Looking beats listening here: inotify cannot be asked for less than every write, and nginx writes a segment
 * in some seventy pieces a second, so events would cost more than a stat of two playlists a second.
 */
const calmMs = 1000;
const eagerMs = 200;

export interface Sweep {
  /** Somebody waits: look again soon. */
  hurry(): void;
  stop(): void;
}

export interface SweepOptions {
  readonly clock: ClockPort;
  /** One round; true when somebody waits for a change. */
  readonly round: () => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

/** Rounds never overlap; a round that throws is reported and the next one comes all the same. */
export function startSweep(options: SweepOptions): Sweep {
  const { clock } = options;
  let cancel: CancelTimer | undefined;
  let running = false;
  let hurried = false;
  let stopped = false;

  function schedule(delayMs: number): void {
    cancel?.();
    cancel = clock.after(delayMs, () => void round());
  }

  async function round(): Promise<void> {
    if (running || stopped) return;
    running = true;
    hurried = false;
    let eager = false;
    try {
      eager = await options.round();
    } catch (error) {
      options.onError(error);
    }
    running = false;
    if (!stopped) schedule(eager || hurried ? eagerMs : calmMs);
  }

  schedule(0);
  return {
    hurry() {
      hurried = true;
      if (!running && !stopped) schedule(0);
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
