// Source failover as a pure function: (state, event, now, policy) -> state and effects as data.

import { barMs, isSourcesFault, restMs, ruleOf } from './causes.ts';
import { choose, isDue } from './choose.ts';
import { afterProbe, afterWake, judgeReturn } from './fail-back.ts';
import {
  freshHealth,
  type FailoverEffect,
  type FailoverEvent,
  type FailoverPolicy,
  type FailoverState,
  type FailoverStep,
  type SourceHealth,
} from './state.ts';

/** A connection that is just being given back is worth this wait; a switch costs the viewer more. */
const slotPatienceMs = 15_000;

export function reduceFailover(state: FailoverState, event: FailoverEvent, now: number, policy: FailoverPolicy): FailoverStep {
  switch (event.type) {
    case 'ordered':
      return ordered(state);
    case 'sources':
      return step(withSources(state, event.keys));
    case 'starting':
      return starting(state, now);
    case 'started':
      return started(state, event.source, event.delivering, now);
    case 'delivering':
      return delivering(state, now);
    case 'failed':
      return failed(state, event, now, policy);
    case 'blocked':
      return blocked(state, event.open, event.freeInMs, now);
    case 'wake':
      return afterWake(state, event.open, now, policy);
    case 'probed':
      return afterProbe(state, event, now, policy);
    case 'force':
      return force(state, event.source, now);
  }
}

function step(state: FailoverState, ...effects: readonly FailoverEffect[]): FailoverStep {
  return { state, effects };
}

function patch(state: FailoverState, index: number, change: Partial<SourceHealth>): FailoverState {
  return { ...state, sources: state.sources.map((health, at) => (at === index ? { ...health, ...change } : health)) };
}

/** A person's order wipes what kept a source from being tried; what is known of it stays for show. */
function ordered(state: FailoverState): FailoverStep {
  const sources = state.sources.map((health) => ({ ...health, recent: [], restUntil: null, barredUntil: null, rests: 0, renewedAt: null }));
  const next = { source: state.forced ?? 0, fixed: false };
  return step({ ...state, sources, run: null, next, leaving: null, probing: [], returned: null });
}

function withSources(state: FailoverState, keys: readonly string[]): FailoverState {
  if (keys.length === state.sources.length && keys.every((key, index) => state.sources[index]?.key === key)) return state;
  const known = new Map(state.sources.map((health) => [health.key, health]));
  const place = (index: number): number | null => {
    const at = keys.indexOf(state.sources[index]?.key ?? '');
    return at < 0 ? null : at;
  };
  const forced = state.forced === null ? null : place(state.forced);
  const left = state.leaving === null ? null : place(state.leaving.source);
  const runs = state.run === null ? null : place(state.run.source);
  return {
    ...state,
    sources: keys.map((key) => known.get(key) ?? freshHealth(key)),
    forced,
    run: state.run === null || runs === null ? null : { ...state.run, source: runs },
    next: { source: place(state.next.source) ?? forced ?? 0, fixed: false },
    leaving: state.leaving === null || left === null ? null : { ...state.leaving, source: left },
    probing: [],
    returned: null,
  };
}

/** Chosen anew at the last moment: during the wait a better source may have become due. */
function starting(state: FailoverState, now: number): FailoverStep {
  const idle = { ...state, run: null };
  if (state.next.fixed) return step(idle);
  const choice = choose(state, now);
  const source = choice.how === 'due' || !isAskable(state, now) ? choice.source : state.next.source;
  return step({ ...idle, next: { source, fixed: false } });
}

function isAskable(state: FailoverState, now: number): boolean {
  const health = state.sources[state.next.source];
  return health !== undefined && (health.barredUntil ?? -Infinity) <= now;
}

function started(state: FailoverState, source: number, isDelivering: boolean, now: number): FailoverStep {
  const begun: FailoverState = {
    ...patch(state, source, { triedAt: now }),
    run: { source, startedAt: now, deliveringSince: null },
    next: { source, fixed: false },
    probing: [],
  };
  // Adopted while it plays: nothing was switched.
  return isDelivering ? step({ ...delivering({ ...begun, leaving: null }, now).state }) : step(begun);
}

function delivering(state: FailoverState, now: number): FailoverStep {
  const { run, leaving } = state;
  if (run === null || run.deliveringSince !== null) return step(state);
  const good = patch({ ...state, run: { ...run, deliveringSince: now }, leaving: null }, run.source, { goodAt: now, restUntil: null });
  if (leaving === null || leaving.source === run.source) return step(good);
  return step(good, { type: 'switched', from: leaving.source, to: run.source, cause: leaving.cause, afterMs: now - leaving.since });
}

function failed(state: FailoverState, event: FailoverEvent & { type: 'failed' }, now: number, policy: FailoverPolicy): FailoverStep {
  const index = event.neverStarted ? state.next.source : (state.run?.source ?? state.next.source);
  const health = state.sources[index];
  if (health === undefined) return step(state);
  const since = event.neverStarted ? null : (state.run?.deliveringSince ?? null);
  const over: FailoverState = { ...leave(state, index, since, event.cause, now), run: null, probing: [] };
  const again = (after: FailoverState, delayMs: number | null, why: string, ...first: readonly FailoverEffect[]): FailoverStep =>
    step({ ...after, next: { source: index, fixed: true } }, ...first, { type: 'try', source: index, delayMs, withinMs: null, why });
  const told = { cause: event.cause, message: event.message, failedAt: now };
  // It was to be left anyway, as soon as a bridge carried the channel.
  if (!event.neverStarted && state.next.fixed && state.next.source !== index) {
    const { source } = state.next;
    return step(
      { ...patch(over, index, told), next: state.next },
      { type: 'try', source, delayMs: policy.pauseMs, withinMs: null, why: 'it was about to be taken' },
    );
  }
  if (!isSourcesFault(event.cause, event.neverStarted)) return again(over, null, 'not the fault of the source');
  const rule = ruleOf(event.cause);
  if (rule.renew && event.renewable && mayRenew(state, health, since, now, policy)) {
    return again(patch(over, index, { ...told, renewedAt: now }), 0, 'its address is resolved anew first', {
      type: 'renew',
      source: index,
    });
  }
  const wasStable = since !== null && now - since >= policy.stableAfterMs;
  const recent = [...(wasStable ? [] : health.recent.filter((at) => now - at < policy.windowMs)), now].slice(-20);
  const rests = wasStable ? 0 : health.rests;
  const counted = patch(judgeReturn(over, index, now, policy), index, { ...told, recent, failures: (wasStable ? 0 : health.failures) + 1 });
  if (rule.repeat && since !== null && recent.length <= policy.retries)
    return again(counted, null, `try ${recent.length} of ${policy.retries} again`);
  const barred = barMs(event.cause, event.retryAfterMs);
  const rested = patch(counted, index, {
    restUntil: now + Math.max(restMs(event.cause, rests, policy.cooldownMs), barred),
    barredUntil: barred === 0 ? health.barredUntil : now + barred,
    rests: rests + 1,
  });
  return tryNext(rested, index, now, policy);
}

/** An address that played for so long was good, and was used up: by time, or by one connection. */
const usedUpMs = 10_000;

/** Once in a window. A stream that has no other source asks again for each address that was used up. */
function mayRenew(
  state: FailoverState,
  health: SourceHealth,
  deliveringSince: number | null,
  now: number,
  policy: FailoverPolicy,
): boolean {
  const renewedAt = health.renewedAt ?? -Infinity;
  if (now - renewedAt > policy.windowMs) return true;
  const goodAt = health.goodAt ?? -Infinity;
  const endedAt = deliveringSince === null ? (health.failedAt ?? -Infinity) : now;
  return state.sources.length === 1 && goodAt > renewedAt && endedAt - goodAt >= usedUpMs;
}

/** Remembers the source that the viewer saw last, for the report of the switch. */
function leave(state: FailoverState, source: number, deliveringSince: number | null, cause: string, now: number): FailoverState {
  return deliveringSince === null || state.leaving !== null ? state : { ...state, leaving: { source, cause, since: now } };
}

function tryNext(state: FailoverState, from: number, now: number, policy: FailoverPolicy): FailoverStep {
  const choice = choose(state, now);
  const next = { ...state, next: { source: choice.source, fixed: false } };
  const attempt = (delayMs: number | null, withinMs: number | null, why: string): FailoverStep =>
    step(next, { type: 'try', source: choice.source, delayMs, withinMs, why });
  const wait = choice.at === null ? null : Math.max(policy.pauseMs, choice.at - now);
  switch (choice.how) {
    case 'due':
      return attempt(choice.source === from ? null : policy.pauseMs, null, 'the best one that is due');
    case 'resting':
      return attempt(
        null,
        state.sources.length === 1 || wait === null ? null : Math.min(wait, policy.longestPauseMs),
        'every source rests; this one has waited longest',
      );
    case 'barred':
      return attempt(wait, null, 'no source may be asked before');
  }
}

function blocked(state: FailoverState, open: readonly boolean[], freeInMs: number | null, now: number): FailoverStep {
  const { source } = state.next;
  const isSoon = freeInMs !== null && freeInMs <= slotPatienceMs;
  const other = isSoon
    ? undefined
    : state.sources.findIndex((health, index) => index !== source && open[index] === true && isDue(health, now));
  if (other === undefined || other < 0) return step(state, { type: 'wait', source });
  return step(
    { ...state, next: { source: other, fixed: true } },
    { type: 'try', source: other, delayMs: 0, withinMs: null, why: 'its provider has a free connection' },
  );
}

function force(state: FailoverState, source: number | null, now: number): FailoverStep {
  if (source === null) return step({ ...state, forced: null, probing: [] });
  if (state.sources[source] === undefined) return step(state);
  const chosen: FailoverState = { ...patch(state, source, { restUntil: null, barredUntil: null, rests: 0 }), forced: source, probing: [] };
  if (state.run?.source === source) return step(chosen);
  const left = state.run === null ? chosen : leave(chosen, state.run.source, state.run.deliveringSince, 'forced', now);
  return step({ ...left, next: { source, fixed: true } }, { type: 'switch', source, why: 'chosen by hand' });
}
