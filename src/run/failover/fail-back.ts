// The way back to a better source: looked at while another one plays, taken when it has been good for a while. Pure.

import { barMs, isSourcesFault, restMs } from './causes.ts';
import { betterThan, isBarred } from './choose.ts';
import type { FailoverEffect, FailoverEvent, FailoverPolicy, FailoverState, FailoverStep, Probing, SourceHealth } from './state.ts';

const shortestProbeMs = 1000;
const longestGoodProbeMs = 30_000;
const longestBadProbeMs = 10 * 60_000;
/** Two looks at least: one may have met a lucky moment. */
const leastGoodLooks = 2;
const mostHolds = 6;

/** How long a better source must be good, with the doubling after returns that did not last. */
export function neededGoodMs(state: Pick<FailoverState, 'holds'>, policy: FailoverPolicy): number {
  return (policy.failBackAfterMs ?? Infinity) * 2 ** state.holds;
}

function probeEveryMs(policy: FailoverPolicy): number {
  return Math.min(longestGoodProbeMs, Math.max(shortestProbeMs, (policy.failBackAfterMs ?? Infinity) / 4));
}

/** Within this time after a return, a failure makes the return a mistake. */
function trialMs(policy: FailoverPolicy): number {
  return Math.max(policy.stableAfterMs, 2 * (policy.failBackAfterMs ?? 0));
}

/** When `wake` should come; null: not at all. */
export function nextWake(state: FailoverState, policy: FailoverPolicy): number | null {
  const { run } = state;
  if (run === null || run.deliveringSince === null) return null;
  const times: number[] = [];
  const health = state.sources[run.source];
  if (health !== undefined && isMarked(health)) times.push(run.deliveringSince + policy.stableAfterMs);
  if (state.returned?.source === run.source || (state.holds > 0 && betterThan(state, run.source).length === 0))
    times.push(run.deliveringSince + trialMs(policy) * 2 ** state.holds);
  if (policy.failBackAfterMs !== undefined && !state.probing.some(({ pending }) => pending)) {
    for (const source of betterThan(state, run.source)) times.push(lookAt(state, source, run.deliveringSince, policy).nextAt);
  }
  return times.length === 0 ? null : Math.min(...times);
}

function isMarked(health: SourceHealth): boolean {
  return health.failures > 0 || health.rests > 0 || health.recent.length > 0;
}

function lookAt(state: FailoverState, source: number, since: number, policy: FailoverPolicy): Probing {
  const known = state.probing.find((probing) => probing.source === source);
  if (known !== undefined) return known;
  const health = state.sources[source];
  const nextAt = Math.max(since + probeEveryMs(policy), health?.restUntil ?? -Infinity, health?.barredUntil ?? -Infinity);
  return { source, nextAt, pending: false, good: 0, goodSince: null, bad: 0, withoutSlot: false };
}

function withLook(state: FailoverState, look: Probing): FailoverState {
  return { ...state, probing: [...state.probing.filter(({ source }) => source !== look.source), look] };
}

export function afterWake(state: FailoverState, open: readonly boolean[], now: number, policy: FailoverPolicy): FailoverStep {
  const { run } = state;
  if (run === null || run.deliveringSince === null) return { state, effects: [] };
  const settled = settle(state, run.source, now - run.deliveringSince, policy);
  if (policy.failBackAfterMs === undefined || settled.probing.some(({ pending }) => pending)) return { state: settled, effects: [] };
  const effects: FailoverEffect[] = [];
  let after = settled;
  for (const source of betterThan(settled, run.source)) {
    const look = lookAt(after, source, run.deliveringSince, policy);
    if (look.nextAt > now) {
      after = withLook(after, look);
      continue;
    }
    if (effects.length > 0 || open[source] !== true || isBarred(after.sources[source], now)) {
      after = withLook(after, { ...look, nextAt: now + probeEveryMs(policy), withoutSlot: open[source] !== true });
      continue;
    }
    effects.push({ type: 'probe', source });
    after = withLook(after, { ...look, pending: true, withoutSlot: false });
  }
  return { state: after, effects };
}

/** A stable run forgets failures; a return that lasted is no mistake any more. */
function settle(state: FailoverState, source: number, playedMs: number, policy: FailoverPolicy): FailoverState {
  if (playedMs < policy.stableAfterMs) return state;
  const sources = state.sources.map((health, at) =>
    at === source && isMarked(health) ? { ...health, failures: 0, recent: [], rests: 0 } : health,
  );
  const lasted = playedMs >= trialMs(policy) * 2 ** state.holds;
  const isBest = betterThan(state, source).length === 0;
  return { ...state, sources, returned: lasted ? null : state.returned, holds: lasted && isBest ? 0 : state.holds };
}

export function afterProbe(
  state: FailoverState,
  event: FailoverEvent & { type: 'probed' },
  now: number,
  policy: FailoverPolicy,
): FailoverStep {
  const { run } = state;
  if (event.cause !== null && !isSourcesFault(event.cause, false))
    return { state: notLooked(state, event.source, now, policy), effects: [] };
  const noted = note(state, event, now, policy);
  const look = state.probing.find(({ source }) => source === event.source);
  if (run === null || run.deliveringSince === null || look === undefined) return { state: noted, effects: [] };
  if (event.cause !== null) {
    const bad = look.bad + 1;
    const rest = Math.max(noted.sources[event.source]?.restUntil ?? 0, noted.sources[event.source]?.barredUntil ?? 0);
    const nextAt = Math.max(rest, now + Math.min(longestBadProbeMs, probeEveryMs(policy) * 2 ** Math.min(bad, 10)));
    return { state: withLook(noted, { ...look, pending: false, good: 0, goodSince: null, bad, nextAt }), effects: [] };
  }
  const goodSince = look.goodSince ?? now;
  const good = look.good + 1;
  const seen = withLook(noted, { ...look, pending: false, good, goodSince, bad: 0, nextAt: now + probeEveryMs(policy) });
  const isBetter = betterThan(seen, run.source).includes(event.source);
  if (!isBetter || good < leastGoodLooks || now - goodSince < neededGoodMs(seen, policy)) return { state: seen, effects: [] };
  return {
    state: {
      ...seen,
      next: { source: event.source, fixed: true },
      leaving: { source: run.source, cause: 'fail-back', since: now },
      returned: { source: event.source, at: now },
      probing: [],
    },
    effects: [{ type: 'switch', source: event.source, why: 'the better source has been good for long enough' }],
  };
}

/** The look could not be made, which says nothing about the source. */
function notLooked(state: FailoverState, source: number, now: number, policy: FailoverPolicy): FailoverState {
  const look = state.probing.find((each) => each.source === source);
  return look === undefined ? state : withLook(state, { ...look, pending: false, nextAt: now + probeEveryMs(policy) });
}

/** What a look tells of a source; a good one ends its rest, so that it is at hand when the present one fails. */
function note(state: FailoverState, event: FailoverEvent & { type: 'probed' }, now: number, policy: FailoverPolicy): FailoverState {
  const { cause, message } = event;
  const change = (health: SourceHealth): SourceHealth => {
    if (cause === null) return { ...health, goodAt: now, restUntil: null };
    const barred = barMs(cause, event.retryAfterMs);
    const restUntil = Math.max(health.restUntil ?? 0, now + Math.max(barred, restMs(cause, 0, policy.cooldownMs)));
    return { ...health, cause, message, failedAt: now, restUntil, barredUntil: barred === 0 ? health.barredUntil : now + barred };
  };
  // What plays is judged by what it delivers.
  if (state.run?.source === event.source) return state;
  return { ...state, sources: state.sources.map((health, at) => (at === event.source ? change(health) : health)) };
}

/** A source that fails soon after the return to it is trusted less quickly the next time. */
export function judgeReturn(state: FailoverState, source: number, now: number, policy: FailoverPolicy): FailoverState {
  const { returned } = state;
  if (returned === null) return state;
  const mistaken = returned.source === source && now - returned.at < trialMs(policy);
  return { ...state, returned: null, holds: mistaken ? Math.min(mostHolds, state.holds + 1) : state.holds };
}
