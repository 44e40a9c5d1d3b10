// Appends entries to a channel playlist and lets old ones go, as RFC 8216 6.2.1 and 6.2.2 ask. Pure.

import {
  channelEntry,
  fileName,
  totalSeconds,
  type ChannelEntry,
  type ChannelInput,
  type ChannelSettings,
  type ChannelState,
  type DepartedSegment,
  type Feed,
} from './channel-state.ts';
import { listedSeconds } from './target-duration.ts';

/** Dates follow the clock on the wall this slowly, so that they tell durations as EXTINF does. */
const slewShare = 0.01;
const slewFromMs = 500;
/** Further away than this the clock was set: the dates go there at once, but never back. */
const clockSetMs = 10_000;

export interface NewEntry {
  readonly uri: string;
  readonly durationSeconds: number;
  readonly discontinuity: boolean;
  readonly from: Feed;
  /** When its content ended, monotonic. */
  readonly endedAt: number;
}

export function append(state: ChannelState, given: NewEntry, input: ChannelInput): ChannelState {
  const added = { ...given, durationSeconds: listedSeconds(given.durationSeconds, state.targetDurationSeconds) };
  const discontinuity = state.begun && added.discontinuity;
  const endedWallMs = input.wallMs - (input.now - added.endedAt);
  const entry = channelEntry({
    uri: added.uri,
    durationSeconds: added.durationSeconds,
    discontinuity,
    programDateTimeMs: programDateTime(state.entries.at(-1), { ...added, discontinuity }, endedWallMs),
    from: added.from,
  });
  return {
    ...state,
    begun: true,
    entries: [...state.entries, entry],
    nextSequence: state.nextSequence + 1,
    addedAt: input.now,
  };
}

function programDateTime(last: ChannelEntry | undefined, added: NewEntry, endedWallMs: number): number {
  const lengthMs = added.durationSeconds * 1000;
  const startedMs = Math.round(endedWallMs - lengthMs);
  if (last === undefined) return startedMs;
  if (added.discontinuity) return Math.max(last.programDateTimeMs + 1, startedMs);
  const expectedMs = last.programDateTimeMs + last.durationSeconds * 1000;
  const errorMs = startedMs - expectedMs;
  if (errorMs > clockSetMs) return startedMs;
  const slewMs = Math.abs(errorMs) < slewFromMs ? 0 : Math.sign(errorMs) * slewShare * lengthMs;
  return Math.max(last.programDateTimeMs + 1, Math.round(expectedMs + slewMs));
}

/** HOLD-BACK as players are told it: at least three target durations (8216bis 4.4.3.8). */
export function holdBackSeconds(state: ChannelState, settings: ChannelSettings): number | undefined {
  return settings.cushionSeconds === undefined ? undefined : Math.max(settings.cushionSeconds, 3 * state.targetDurationSeconds);
}

/** Entries go from the front only, and never so that less than three target durations are left (6.2.2). */
export function trim(state: ChannelState, input: ChannelInput): ChannelState {
  const target = state.targetDurationSeconds;
  const leastSeconds = Math.max(3 * target, (holdBackSeconds(state, input.settings) ?? 0) + target);
  let left = totalSeconds(state.entries);
  const wholeSeconds = left;
  const lastMissing = state.entries.findLastIndex(({ uri }) => input.missing.has(fileName(uri)));
  const sound = lastMissing >= 0 && totalSeconds(state.entries.slice(lastMissing + 1)) >= leastSeconds ? lastMissing + 1 : 0;
  let count = 0;
  for (const { durationSeconds } of state.entries) {
    const tooMany = state.entries.length - count > input.settings.windowSegments && left - durationSeconds >= leastSeconds;
    if (!tooMany && count >= sound) break;
    left -= durationSeconds;
    count += 1;
  }
  const departed = state.departed.filter(({ untilAt }) => untilAt > input.now);
  if (count === 0) return departed.length === state.departed.length ? state : { ...state, departed };
  const gone = state.entries.slice(0, count);
  return {
    ...state,
    entries: state.entries.slice(count),
    discontinuitySequence: state.discontinuitySequence + gone.filter((entry) => entry.discontinuity).length,
    departed: [...departed, ...gone.map((entry) => departure(entry, wholeSeconds, input.now))],
  };
}

/** 6.2.2: its own duration and that of the longest playlist that listed it. */
function departure(entry: ChannelEntry, playlistSeconds: number, now: number): DepartedSegment {
  return { name: fileName(entry.uri), untilAt: now + 1000 * (entry.durationSeconds + playlistSeconds) };
}
