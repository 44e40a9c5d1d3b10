// Makes one leg of all rungs' legs: a segment counts when every rung has its piece of the same time, so all rungs are one decision. Pure.

import type { LegName } from '../../core/ids.ts';
import type { LegSegment } from './channel-state.ts';

export interface RungSegment extends LegSegment {
  /** When it begins, by the clock of its writer; comparable within one leg. */
  readonly startedAtMs: number | undefined;
}

export interface RungLegs {
  readonly id: string;
  /** Sound alone: nginx cuts it after so many seconds, not at key frames, so that only ffmpeg's leg is cut with the pictures. */
  readonly isSound: boolean;
  readonly segments: Readonly<Record<LegName, readonly RungSegment[]>>;
}

/** What a rung lists where the first rung lists an entry. */
export interface Piece {
  readonly uri: string;
  readonly durationSeconds: number;
}

export interface JoinedLeg {
  /** Named after the first rung's. */
  readonly segments: readonly LegSegment[];
  /** By that name: the pieces of the other rungs, by their ids. */
  readonly pieces: ReadonlyMap<string, ReadonlyMap<string, Piece>>;
}

/** So much of a segment two rungs may begin apart: they are cut together, and what is further away is another segment. */
const sameShare = 0.4;

export function joinRungs(leg: LegName, rungs: readonly RungLegs[]): JoinedLeg {
  const [first, ...others] = rungs;
  const segments: LegSegment[] = [];
  const pieces = new Map<string, ReadonlyMap<string, Piece>>();
  let broken = false;
  for (const segment of first?.segments[leg] ?? []) {
    const found = others.map(
      (rung) =>
        [rung.id, rung.isSound && first?.isSound === false ? soundFor(segment, rung) : pictureFor(segment, rung.segments[leg])] as const,
    );
    const whole = found.filter((item): item is readonly [string, RungSegment] => item[1] !== undefined);
    if (whole.length < others.length) {
      broken = true;
      continue;
    }
    const all = [segment, ...whole.map(([, piece]) => piece)];
    segments.push({
      uri: segment.uri,
      durationSeconds: segment.durationSeconds,
      discontinuity: broken || all.some(({ discontinuity }) => discontinuity),
      endedAt: Math.max(...all.map(({ endedAt }) => endedAt)),
    });
    pieces.set(segment.uri, new Map(whole.map(([id, { uri, durationSeconds }]) => [id, { uri, durationSeconds }])));
    broken = false;
  }
  return { segments, pieces };
}

function pictureFor(segment: RungSegment, candidates: readonly RungSegment[]): RungSegment | undefined {
  return nearest(segment, candidates, (one) => one.startedAtMs);
}

/** Cut with the pictures by ffmpeg: the piece that ended with this one. nginx's piece, while ffmpeg writes none. */
function soundFor(segment: RungSegment, { segments }: RungLegs): RungSegment | undefined {
  return nearest(segment, segments.backup, (one) => one.endedAt) ?? nearest(segment, segments.primary, (one) => one.endedAt, 1);
}

function nearest(
  segment: RungSegment,
  candidates: readonly RungSegment[],
  timeOf: (one: RungSegment) => number | undefined,
  share = sameShare,
): RungSegment | undefined {
  const at = timeOf(segment);
  if (at === undefined) return undefined;
  let best: RungSegment | undefined;
  let bestMs = 1000 * segment.durationSeconds * share;
  for (const candidate of candidates) {
    const apart = Math.abs((timeOf(candidate) ?? Infinity) - at);
    if (apart <= bestMs) [best, bestMs] = [candidate, apart];
  }
  return best;
}
