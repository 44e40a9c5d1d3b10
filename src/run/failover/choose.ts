// Which source comes next: the best that is due, else the one that was tried longest ago. Pure.

import type { FailoverState, SourceHealth } from './state.ts';

/** Best first: the one chosen by hand, then as listed. */
export function preference(state: Pick<FailoverState, 'sources' | 'forced'>): readonly number[] {
  const listed = state.sources.map((_, index) => index);
  const { forced } = state;
  return forced === null || forced >= listed.length ? listed : [forced, ...listed.filter((index) => index !== forced)];
}

/** Those that come before `source`. */
export function betterThan(state: Pick<FailoverState, 'sources' | 'forced'>, source: number): readonly number[] {
  const order = preference(state);
  return order.slice(0, Math.max(0, order.indexOf(source)));
}

export function isBarred(health: SourceHealth | undefined, now: number): boolean {
  return (health?.barredUntil ?? -Infinity) > now;
}

export function isDue(health: SourceHealth | undefined, now: number): boolean {
  return health !== undefined && !isBarred(health, now) && (health.restUntil ?? -Infinity) <= now;
}

export interface Choice {
  readonly source: number;
  /** `due`: may be started. `resting`: every one rests, this one has waited longest. `barred`: none may be asked before `at`. */
  readonly how: 'due' | 'resting' | 'barred';
  /** When the first source is due again, for `resting` and `barred`. */
  readonly at: number | null;
}

export function choose(state: Pick<FailoverState, 'sources' | 'forced'>, now: number): Choice {
  const order = preference(state);
  const healthOf = (index: number): SourceHealth | undefined => state.sources[index];
  const due = order.find((index) => isDue(healthOf(index), now));
  if (due !== undefined) return { source: due, how: 'due', at: null };
  const askable = order.filter((index) => !isBarred(healthOf(index), now));
  // Round and round (Dispatcharr #310, #1594): with every source dead none is left out, and none is asked twice in a row.
  const [longest] = askable.toSorted((left, right) => triedAt(healthOf(left)) - triedAt(healthOf(right)));
  if (longest !== undefined) {
    return { source: longest, how: 'resting', at: Math.min(...askable.map((index) => dueAt(healthOf(index)))) };
  }
  const [first = 0] = order.toSorted((left, right) => barredUntil(healthOf(left)) - barredUntil(healthOf(right)));
  return { source: first, how: 'barred', at: barredUntil(healthOf(first)) };
}

function triedAt(health: SourceHealth | undefined): number {
  return health?.triedAt ?? -Infinity;
}

function barredUntil(health: SourceHealth | undefined): number {
  return health?.barredUntil ?? -Infinity;
}

function dueAt(health: SourceHealth | undefined): number {
  return Math.max(health?.restUntil ?? -Infinity, barredUntil(health));
}
