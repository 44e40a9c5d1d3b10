// The one timer of the supervisor: looks at everything that may have changed, more often while somebody waits.

import type { CancelTimer, ClockPort } from '../core/ports.ts';

/**
 * Looking beats listening here: inotify cannot be asked for less than every write, and nginx writes a segment
 * in some seventy pieces a second, so events would cost more than a stat of two playlists a second.
 */
const calmMs = 1000;
const pulseMs = 200;
const eagerPulseMs = 50;

export interface Sweep {
  /** Somebody waits: look again soon. */
  hurry(): void;
  stop(): void;
}

export interface SweepOptions {
  readonly clock: ClockPort;
  /**
   * Called five times a second, also while a round is under way: only for what is due by its own prediction.
   * True when somebody waits for a first picture: the next pulse then comes sooner.
   */
  readonly pulse: () => boolean;
  /** One round; true when somebody waits for a change: the next one then comes with the next pulse. */
  readonly round: () => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

/** Rounds never overlap; a round or a pulse that throws is reported and the next one comes all the same. */
export function startSweep(options: SweepOptions): Sweep {
  const { clock } = options;
  let cancel: CancelTimer | undefined;
  let running = false;
  let hurried = false;
  let stopped = false;
  let roundAt = clock.monotonic();

  function schedule(delayMs: number): void {
    cancel?.();
    cancel = clock.after(delayMs, beat);
  }

  function beat(): void {
    schedule(pulseMs);
    try {
      if (options.pulse()) schedule(eagerPulseMs);
    } catch (error) {
      options.onError(error);
    }
    if (!running && clock.monotonic() >= roundAt) void round();
  }

  async function round(): Promise<void> {
    running = true;
    hurried = false;
    let eager = false;
    try {
      eager = await options.round();
    } catch (error) {
      options.onError(error);
    }
    running = false;
    // Half a pulse less: a timer that comes a little early must not cost a whole pulse.
    roundAt = clock.monotonic() + (eager || hurried ? pulseMs : calmMs) - pulseMs / 2;
  }

  schedule(0);
  return {
    hurry() {
      hurried = true;
      if (running || stopped) return;
      roundAt = clock.monotonic();
      schedule(0);
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
