// EXT-X-TARGETDURATION of a channel: chosen at its start, kept while it runs, raised only for a stream whose segments really are longer. Pure.

import type { LegName } from '../../core/ids.ts';
import type { ChannelInput, ChannelState, LegSegment } from './channel-state.ts';

/** So many of a leg's newest segments are looked at. All of them too long, or so many and by more than a target duration in all, are its
 * nature. A source that jumps and jumps back makes two; faults that follow each other make a few that end with the next key frame. */
const lookBack = 5;
const leastLong = 3;
/** EXTINF is printed with three decimals; this much above a whole number still rounds down. */
const roundsDown = 0.499;

/**
 * RFC 8216 6.2.1: it must not change, and 4.3.3.1: no EXTINF may round above it. Both writers span a silence of the source, or a
 * jump of its time stamps, by one segment with an EXTINF of all that time: one such segment would leave every player that far behind
 * live for good (measured with hls.js: 33 s after a stall of 11 s). It is listed as long as the target allows; players take the
 * real length from the segment itself.
 */
export function targetWith(state: ChannelState, added: readonly LegSegment[], leg: LegName, input: ChannelInput): number {
  const { targetDurationSeconds } = state;
  const longest = (segments: readonly LegSegment[]): number =>
    Math.max(0, ...segments.map(({ durationSeconds }) => Math.round(durationSeconds)));
  if (!state.begun) return Math.max(targetDurationSeconds, longest(added));
  const long = input.legs[leg].slice(-lookBack).filter(({ durationSeconds }) => Math.round(durationSeconds) > targetDurationSeconds);
  const hidden = long.reduce(
    (sum, { durationSeconds }) => sum + durationSeconds - listedSeconds(durationSeconds, targetDurationSeconds),
    0,
  );
  const isItsNature = long.length === lookBack || (long.length >= leastLong && hidden > targetDurationSeconds);
  return isItsNature ? Math.max(targetDurationSeconds, longest(added)) : targetDurationSeconds;
}

export function listedSeconds(durationSeconds: number, targetDurationSeconds: number): number {
  return Math.round(durationSeconds) > targetDurationSeconds ? targetDurationSeconds + roundsDown : durationSeconds;
}
