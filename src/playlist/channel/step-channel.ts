// The policy of a channel playlist: what is added now, from where, and when it looks again. Pure.

import type { LegName } from '../../core/ids.ts';
import { candidates, lateMs, overdueMs, segmentMs, type Candidates } from './candidates.ts';
import type { ChannelEvent, ChannelInput, ChannelState, ChannelStep, LegSegment } from './channel-state.ts';
import { stepSlate } from './slate-policy.ts';
import { targetWith } from './target-duration.ts';
import { append, trim } from './window.ts';

/** After a common stop both legs come back within this; the preferred one is waited for so long. */
const graceMs = 500;
/** Segments for which the primary leg must move before it is followed again; doubled with each flap. */
const steadySegments = 3;
const longestHoldMs = 5 * 60_000;
/** So long on the primary leg forgets that it flapped. */
const forgiveAfterMs = 10 * 60_000;

export function stepChannel(before: ChannelState, input: ChannelInput): ChannelStep {
  const state = watchPrimary(before, input);
  const chosen = choose(state, input);
  if (chosen === undefined) {
    const waited = stepSlate(state, input);
    return { state: trim(waited.state, input), events: waited.events };
  }
  const { leg, next } = chosen;
  const events: ChannelEvent[] = [];
  if (state.slate !== undefined) events.push({ kind: 'slate-off', leg, shownMs: input.now - state.slate.sinceAt });
  if (state.following !== undefined && state.following !== leg) {
    const isPlanned = leg === 'backup' && input.bridge === 'away';
    const cause = isPlanned
      ? 'planned'
      : leg === 'primary' && state.primarySteadySinceAt !== undefined && !isLate(state, input)
        ? 'steady'
        : 'silent';
    events.push({
      kind: 'leg-switched',
      from: state.following,
      to: leg,
      cause,
      ageMs: input.now - (state.liveEndAt ?? state.silentSinceAt),
    });
  }
  return { state: trim(take(state, leg, next, input), input), events };
}

function choose(state: ChannelState, input: ChannelInput): { readonly leg: LegName; readonly next: Candidates } | undefined {
  const found: Partial<Record<LegName, Candidates>> = {};
  const next = (leg: LegName): Candidates => (found[leg] ??= candidates(state, leg, input));
  const has = (leg: LegName): boolean => next(leg).segments.length > 0;
  const waitedMs = (leg: LegName): number => input.now - (next(leg).segments[0]?.endedAt ?? input.now);
  const pick = (leg: LegName) => ({ leg, next: next(leg) });
  const { following } = state;
  if (following === undefined) {
    if (has('primary')) return pick('primary');
    return has('backup') && waitedMs('backup') >= graceMs ? pick('backup') : undefined;
  }
  if (input.bridge === 'away') {
    if (has('backup')) return pick('backup');
    // Its own next segment is held back for a moment: the bridge's copy of the same piece, once missed, would never be taken.
    return has('primary') && isLate(state, input) ? pick('primary') : undefined;
  }
  if (following === 'primary') {
    if (has('primary')) return pick('primary');
    return isLate(state, input) && has('backup') && waitedMs('backup') >= graceMs ? pick('backup') : undefined;
  }
  if (mayReturn(state, input)) {
    if (has('primary')) return pick('primary');
    // Its next segment is about as near as the backup's: a change between two segments costs nobody anything.
    if (has('backup') && waitedMs('backup') < segmentMs(input.legs.backup, input) / 2) return undefined;
  }
  if (has('backup')) return pick('backup');
  return has('primary') && isLate(state, input) ? pick('primary') : undefined;
}

function isLate(state: ChannelState, input: ChannelInput): boolean {
  if (state.following === undefined) return true;
  return input.now - (state.liveEndAt ?? state.silentSinceAt) > lateMs(input.legs[state.following], input);
}

function mayReturn(state: ChannelState, input: ChannelInput): boolean {
  if (state.primarySteadySinceAt === undefined) return false;
  const holdMs = Math.min(longestHoldMs, steadySegments * 2 ** Math.min(state.flaps, 10) * segmentMs(input.legs.primary, input));
  return input.now - state.primarySteadySinceAt >= holdMs;
}

function watchPrimary(state: ChannelState, input: ChannelInput): ChannelState {
  if (state.following !== 'backup') {
    if (state.flaps > 0 && state.returnedAt !== undefined && input.now - state.returnedAt >= forgiveAfterMs) return { ...state, flaps: 0 };
    return state;
  }
  const newest = input.legs.primary.at(-1);
  const moves = newest !== undefined && input.now - newest.endedAt <= overdueMs(input.legs.primary, input);
  if (!moves) return state.primarySteadySinceAt === undefined ? state : { ...state, primarySteadySinceAt: undefined };
  return state.primarySteadySinceAt === undefined ? { ...state, primarySteadySinceAt: newest.endedAt } : state;
}

function take(state: ChannelState, leg: LegName, next: Candidates, input: ChannelInput): ChannelState {
  let taken: ChannelState = { ...state, targetDurationSeconds: targetWith(state, next.segments, leg, input) };
  for (const [index, segment] of next.segments.entries()) taken = append(taken, entryOf(segment, leg, index === 0 && !next.joins), input);
  const last = next.segments.at(-1);
  const left = state.following === 'primary' && leg === 'backup' && input.bridge === undefined;
  const returned = leg === 'primary' && state.following !== 'primary';
  return {
    ...taken,
    following: leg,
    taken: { ...state.taken, [leg]: last?.uri },
    liveEndAt: last?.endedAt ?? state.liveEndAt,
    silentSinceAt: last?.endedAt ?? input.now,
    slate: undefined,
    flaps: state.flaps + (left ? 1 : 0),
    primarySteadySinceAt: leg === 'primary' ? undefined : state.primarySteadySinceAt,
    returnedAt: returned ? input.now : state.returnedAt,
  };
}

function entryOf(segment: LegSegment, leg: LegName, broken: boolean) {
  const { uri, durationSeconds, endedAt } = segment;
  return { uri, durationSeconds, endedAt, discontinuity: segment.discontinuity || broken, from: leg };
}

/** Until then a step with the same legs would change nothing. */
export function quietUntil(state: ChannelState, input: ChannelInput): number {
  if (state.following !== 'primary' || state.slate !== undefined || state.liveEndAt === undefined) return input.now;
  return state.liveEndAt + lateMs(input.legs.primary, input);
}

/** When something is due next; before that a look would find nothing. */
export function nextLookAt(state: ChannelState, input: ChannelInput): number {
  const last = state.entries.at(-1);
  if (state.slate !== undefined || last === undefined || state.liveEndAt === undefined) return input.now;
  return state.liveEndAt + 1000 * last.durationSeconds;
}
