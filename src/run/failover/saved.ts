// What is known of sources, as text that outlives the supervisor: times become wall clock, and come back as the next one's own. Pure.

import { freshHealth, initialFailover, type FailoverState, type SourceHealth } from './state.ts';

/** Both clocks at the same moment, in milliseconds. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** A clock on the wall that jumped must not lock a source away for longer than any rest lasts. */
const farthestAheadMs = 60 * 60_000;

/** Runs, probes and switches under way are not kept: the next supervisor finds the job and begins anew. */
export interface SavedFailover {
  readonly sources: readonly SourceHealth[];
  readonly forced: number | null;
  readonly holds: number;
}

export function printFailover(state: FailoverState, at: Moment): SavedFailover {
  const shift = at.wall - at.monotonic;
  return { sources: state.sources.map((health) => shifted(health, (time) => time + shift)), forced: state.forced, holds: state.holds };
}

/** Never throws: what cannot be read is unknown. */
export function parseFailover(saved: unknown, keys: readonly string[], at: Moment): FailoverState {
  const fresh = initialFailover(keys);
  if (typeof saved !== 'object' || saved === null) return fresh;
  const { sources, forced, holds } = saved as Partial<SavedFailover>;
  const shift = at.monotonic - at.wall;
  const back = (time: number): number => Math.min(time + shift, at.monotonic + farthestAheadMs);
  const known = new Map(
    (Array.isArray(sources) ? sources : []).flatMap((entry) => readHealth(entry) ?? []).map((each) => [each.key, each]),
  );
  const health = keys.map((key) => shifted(known.get(key) ?? freshHealth(key), back));
  const chosen = typeof forced === 'number' && health[forced] !== undefined ? forced : null;
  const kept: FailoverState = {
    ...fresh,
    sources: health,
    forced: chosen,
    holds: typeof holds === 'number' && holds >= 0 && holds <= 6 ? Math.floor(holds) : 0,
  };
  return { ...kept, next: { source: chosen ?? 0, fixed: false } };
}

function shifted(health: SourceHealth, move: (time: number) => number): SourceHealth {
  const moved = (time: number | null): number | null => (time === null ? null : move(time));
  return {
    ...health,
    recent: health.recent.map(move),
    failedAt: moved(health.failedAt),
    goodAt: moved(health.goodAt),
    triedAt: moved(health.triedAt),
    restUntil: moved(health.restUntil),
    barredUntil: moved(health.barredUntil),
    renewedAt: moved(health.renewedAt),
  };
}

function readHealth(entry: unknown): SourceHealth | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const value = entry as Readonly<Record<string, unknown>>;
  const key = value['key'];
  if (typeof key !== 'string') return undefined;
  const number = (name: string): number => {
    const found = value[name];
    return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : 0;
  };
  const time = (name: string): number | null => asTime(value[name]);
  const text = (name: string): string | null => {
    const found = value[name];
    return typeof found === 'string' ? found : null;
  };
  const recent = value['recent'];
  return {
    key,
    failures: number('failures'),
    recent: Array.isArray(recent) ? recent.flatMap((each) => asTime(each) ?? []) : [],
    cause: text('cause'),
    message: text('message'),
    failedAt: time('failedAt'),
    goodAt: time('goodAt'),
    triedAt: time('triedAt'),
    restUntil: time('restUntil'),
    barredUntil: time('barredUntil'),
    rests: Math.min(number('rests'), 100),
    renewedAt: time('renewedAt'),
  };
}

function asTime(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
