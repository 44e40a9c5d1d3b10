// Where a segment lies in the time of the job that made it, so that the cues of that job can be laid beside it. Pure.

import type { LegName } from '../../core/ids.ts';
import type { ClockMap, Cue } from './web-vtt.ts';

export interface SegmentSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly map: ClockMap;
}

/**
 * Ticks of 90 kHz that a leg adds to the job's time. Inside a tee ffmpeg's MPEG-TS begins at 0; nginx-rtmp adds 0.7 s to what RTMP
 * says (NGX_RTMP_HLS_DELAY). Both measured.
 */
const legAddsTicks: Readonly<Record<LegName, number>> = { backup: 0, primary: 63_000 };
const wrapTicks = 2 ** 33;
const ticksPerMs = 90;

/** `firstTicks`: first presentation time in the segment. `nearMs`: about where the job is; PTS begin anew every 26.5 hours. */
export function spanOf(leg: LegName, firstTicks: number, durationSeconds: number, nearMs: number): SegmentSpan {
  const ticks = firstTicks - legAddsTicks[leg];
  const turns = Math.round((nearMs * ticksPerMs - ticks) / wrapTicks);
  const fromMs = Math.max(0, Math.floor((ticks + turns * wrapTicks) / ticksPerMs));
  // Whole milliseconds on both sides: the same cue has the same time in every segment, to the last digit.
  const mpegTs = (((fromMs * ticksPerMs + legAddsTicks[leg]) % wrapTicks) + wrapTicks) % wrapTicks;
  return { fromMs, toMs: fromMs + Math.ceil(1000 * durationSeconds), map: { mpegTs, localMs: fromMs } };
}

/** So late a cue is still told, in the segment that is listed next; players are that far behind. */
const lateMs = 30_000;

/** RFC 8216 3.5: each segment has all cues that are shown in it. Others come with those that were told in none. */
export function cuesFor(span: SegmentSpan, cues: readonly Cue[], isTold: (cue: Cue) => boolean): readonly Cue[] {
  return cues.filter((cue) => cue.startMs < span.toMs && cue.endMs > (isTold(cue) ? span.fromMs : span.fromMs - lateMs));
}
