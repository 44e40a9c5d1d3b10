// Why a stream that starts on demand runs without a viewer: its hours, or because it was popular a moment ago.

import { Cron } from 'croner';

import type { OnDemandConfig, PrewarmConfig } from '../../core/config.ts';
import { nextRun } from '../schedule.ts';

export interface Warmth {
  readonly why: 'prewarm' | 'keep-warm';
  /** Of the wall clock for `prewarm`, monotonic for `keep-warm`. */
  readonly untilMs: number;
}

export interface WarmInput {
  readonly config: OnDemandConfig;
  /** Monotonic. */
  readonly now: number;
  readonly wallMs: number;
  /** When a viewer was last seen; undefined: not since it was woken, or it is idle. */
  readonly seenAt: number | undefined;
  /** The most who watched at the same time since it was woken. */
  readonly mostViewers: number;
  /** Connections that its provider has to spare. */
  readonly slotsFree: number;
}

export interface WarmWatch {
  look(input: WarmInput): Warmth | undefined;
}

/** Each stream has its own: cron expressions are not worked out anew with every round. */
export function createWarmWatch(): WarmWatch {
  let known: { readonly of: readonly PrewarmConfig[]; readonly dueMs: number; readonly untilMs: number; readonly atMs: number } | undefined;

  function hours(list: readonly PrewarmConfig[], wallMs: number): number {
    if (list.length === 0) return -Infinity;
    // A clock that was set back makes what was worked out meaningless.
    if (known === undefined || known.of !== list || wallMs >= known.dueMs || wallMs < known.atMs) {
      // A run that began within its length before now is under way: the same answer after a restart of the supervisor.
      const untils = list.map((entry) => lastBegin(entry, wallMs) + entry.forMs);
      known = { of: list, atMs: wallMs, untilMs: Math.max(...untils), dueMs: Math.min(...list.map((entry) => nextRun(entry, wallMs))) };
    }
    return known.untilMs;
  }

  return {
    look({ config, now, wallMs, seenAt, mostViewers, slotsFree }) {
      const untilMs = hours(config.prewarm, wallMs);
      if (wallMs < untilMs) return { why: 'prewarm', untilMs };
      const { keepWarm } = config;
      if (keepWarm === undefined || seenAt === undefined || mostViewers < keepWarm.viewers || slotsFree < 1) return undefined;
      const warmUntil = seenAt + keepWarm.forMs;
      return now < warmUntil ? { why: 'keep-warm', untilMs: warmUntil } : undefined;
    },
  };
}

/** The newest begin up to now; a second later is asked, for croner leaves the moment itself out. */
function lastBegin({ cron, timezone }: PrewarmConfig, wallMs: number): number {
  const zone = timezone === undefined ? {} : { timezone };
  return new Cron(cron, { paused: true, ...zone }).previousRuns(1, new Date(wallMs + 1000))[0]?.getTime() ?? -Infinity;
}
