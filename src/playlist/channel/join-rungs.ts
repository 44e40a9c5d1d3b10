// Makes one leg of all rungs' legs: a segment counts when every rung has its piece of the same time, so all rungs are one decision. Pure.
// An alternative sound that is lost holds up nobody: the first rung's piece, which has the usual sound, stands in for it.

import type { LegName } from '../../core/ids.ts';
import type { LegSegment } from './channel-state.ts';

export interface RungSegment extends LegSegment {
  /** When it begins, by the clock of its writer; comparable within one leg. */
  readonly startedAtMs: number | undefined;
  /** It was cut with the pictures, and there is no sound in it. */
  readonly isEmpty?: boolean;
}

export interface RungLegs {
  readonly id: string;
  /** Sound alone: nginx cuts it after so many seconds, not at key frames, so that only ffmpeg's leg is cut with the pictures. */
  readonly isSound: boolean;
  /** One of several sounds to choose from: the others do without it. */
  readonly isAlternative?: boolean;
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

/** `known`: what earlier looks found. A segment's pieces never change: viewers may have them. */
export function joinRungs(
  leg: LegName,
  rungs: readonly RungLegs[],
  known: ReadonlyMap<string, ReadonlyMap<string, Piece>> = new Map(),
): JoinedLeg {
  const [first, ...others] = rungs;
  const segments: LegSegment[] = [];
  const pieces = new Map<string, ReadonlyMap<string, Piece>>();
  let broken = false;
  let replaced: string | undefined;
  const all = first?.segments[leg] ?? [];
  for (const segment of all) {
    const found = others.map((rung) => {
      if (rung.isAlternative !== true) {
        const isSound = rung.isSound && first?.isSound === false;
        return [rung.id, isSound ? soundFor(segment, rung) : pictureFor(segment, rung.segments[leg])] as const;
      }
      const before = known.get(segment.uri)?.get(rung.id);
      if (before?.uri === segment.uri) return [rung.id, segment] as const;
      const own = before === undefined ? undefined : rung.segments[leg].find(({ uri }) => uri === before.uri);
      return [rung.id, own ?? alternativeFor(segment, rung.segments[leg], segment === all.at(-1))] as const;
    });
    const whole = found.filter((item): item is readonly [string, RungSegment] => item[1] !== undefined);
    if (whole.length < others.length) {
      broken = true;
      continue;
    }
    const parts = [segment, ...whole.map(([, piece]) => piece)];
    // Another sound's stream begins or ends there: for all rungs, which are one decision.
    const replacing = whole.flatMap(([id, piece]) => (piece === segment ? [id] : [])).join(' ');
    const isTurn = replaced !== undefined && replacing !== replaced;
    replaced = replacing;
    segments.push({
      uri: segment.uri,
      durationSeconds: segment.durationSeconds,
      discontinuity: broken || isTurn || parts.some(({ discontinuity }) => discontinuity),
      endedAt: Math.max(...parts.map(({ endedAt }) => endedAt)),
    });
    pieces.set(segment.uri, new Map(whole.map(([id, { uri, durationSeconds }]) => [id, { uri, durationSeconds }])));
    broken = false;
  }
  return { segments, pieces };
}

function pictureFor(segment: RungSegment, candidates: readonly RungSegment[]): RungSegment | undefined {
  return nearest(segment, candidates, (one) => one.startedAtMs);
}

/**
 * Its own piece, or this one, which has the usual sound: at once where its own holds nothing, and where it has been still for two
 * segments; else when the next one is there already. undefined: it may come yet.
 */
function alternativeFor(segment: RungSegment, candidates: readonly RungSegment[], isNewest: boolean): RungSegment | undefined {
  const own = pictureFor(segment, candidates);
  if (own !== undefined) return own.isEmpty === true ? segment : own;
  const last = candidates.at(-1);
  const isStill = last !== undefined && segment.endedAt - last.endedAt > 2500 * segment.durationSeconds;
  return isNewest && !isStill ? undefined : segment;
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
