// Which segments of a leg come next in a channel: those that continue it, or those that ended after what it shows. Pure.

import type { LegName } from '../../core/ids.ts';
import { fileName, type ChannelInput, type ChannelState, type LegSegment } from './channel-state.ts';

export interface Candidates {
  /** In order; a segment after a hole is marked as a discontinuity. */
  readonly segments: readonly LegSegment[];
  /** They follow the newest entry without a break. */
  readonly joins: boolean;
}

/** Both writers cut at the same key frames; so near to each other it is the same piece of the programme. */
const sameEndMs = 500;

export function candidates(state: ChannelState, leg: LegName, input: ChannelInput): Candidates {
  const all = input.legs[leg];
  const listed = new Set(state.entries.map(({ uri }) => fileName(uri)));
  const at = all.findLastIndex(({ uri }) => uri === state.taken[leg]);
  const rest = all.slice(at + 1);
  const fresh = rest.filter(({ uri }) => !listed.has(uri));
  const joins = at >= 0 && state.entries.at(-1)?.from === leg && fresh.length === rest.length;
  if (joins) return { segments: fresh, joins };
  if (state.liveEndAt === undefined) return { segments: firstRun(fresh, input), joins };
  const shownUntilAt = state.liveEndAt;
  const first = fresh.findIndex(({ endedAt, durationSeconds }) => endedAt > shownUntilAt + toleranceMs(durationSeconds));
  // More than a window would leave again at once.
  return { segments: first < 0 ? [] : fresh.slice(first).slice(-input.settings.windowSegments), joins };
}

function toleranceMs(durationSeconds: number): number {
  return Math.min(sameEndMs, 250 * durationSeconds);
}

/** The start of a channel: what an earlier job left behind is not shown, what plays now is. */
function firstRun(segments: readonly LegSegment[], input: ChannelInput): readonly LegSegment[] {
  const run = segments.slice(
    Math.max(
      0,
      segments.findLastIndex(({ discontinuity }) => discontinuity),
    ),
  );
  const newest = run.at(-1);
  const windowMs = 1000 * input.settings.segmentSeconds * input.settings.windowSegments;
  if (newest === undefined || input.now - newest.endedAt > overdueMs(segments, input)) return [];
  return run.filter(({ endedAt }) => input.now - endedAt <= windowMs).slice(-input.settings.windowSegments);
}

/** Length of the leg's segments in milliseconds, as configured or as it really is; a single long one does not count. */
export function segmentMs(segments: readonly LegSegment[], input: Pick<ChannelInput, 'settings'>): number {
  const lengths = segments.map(({ durationSeconds }) => durationSeconds).sort((left, right) => right - left);
  return 1000 * Math.max(input.settings.segmentSeconds, lengths[lengths.length > 2 ? 1 : 0] ?? 0);
}

/**
 * So long after a leg's newest segment, one that the other leg has already is taken from there. A viewer must be told something
 * new within 1.5 target durations (6.2.1), and the look that notices comes up to a fifth of a second later.
 */
export function lateMs(segments: readonly LegSegment[], input: ChannelInput): number {
  return 1.3 * segmentMs(segments, input);
}

/** A leg without a new segment for this long stands still. */
export function overdueMs(segments: readonly LegSegment[], input: ChannelInput): number {
  return 1.5 * segmentMs(segments, input);
}
