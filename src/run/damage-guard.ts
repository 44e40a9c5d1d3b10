// Keeps damaged segments out of a channel: what ffmpeg complained about is decoded once before it is listed. Within bounds: a source
// that is always damaged is shown as it is.

import type { EventDraft, EventSink } from '../core/events.ts';
import type { LegName } from '../core/ids.ts';
import type { JobPlan } from '../core/job-plan.ts';
import type { ClockPort } from '../core/ports.ts';
import type { DamageSigns } from '../observe/damage-signs.ts';
import { fileName, type LegSegment } from '../playlist/channel/channel-state.ts';
import type { JobOutput } from './job-output.ts';
import { longestCheckMs, type SegmentCheck } from './segment-check.ts';

export interface DamageGuard {
  /** Those of a leg that may be listed now. After one that is left out comes a discontinuity. */
  fit(leg: LegName, segments: readonly LegSegment[]): readonly LegSegment[];
  /** A segment is held back until its check is through: worth a look soon. */
  readonly isWaiting: () => boolean;
}

/** Two in a row make a stall for most players, and soon a slate. */
const mostInARow = 2;
/** Left out in a minute: with more, the source is so, and damage is better than holes. */
const mostLeftOut = 4;
const minuteMs = 60_000;
/** In a minute; with more, losses are usual, and a wait with each segment would cost the player its cushion. */
const mostChecks = 12;
const pauseMs = 2 * minuteMs;
const restMs = 5 * minuteMs;
const mostRemembered = 60;
const oddShare = 1.4;
/** Within this; more of them are the nature of the source. */
const stumblesMs = 5 * minuteMs;
const mostStumbles = 5;

type Finding = { readonly is: 'waiting'; readonly untilAt: number } | { readonly is: 'whole' | 'damaged' };

interface Leg {
  readonly findings: Map<string, Finding>;
  /** What ended until then was let through, and cannot be taken back. */
  passedUntil: number;
  leftOutAt: readonly number[];
  stumbles: readonly number[];
}

export function createDamageGuard(options: {
  readonly id: string;
  readonly clock: Pick<ClockPort, 'monotonic'>;
  /** undefined: nothing is known of this stream. */
  readonly signs: () => DamageSigns | undefined;
  /** Monotonic start of the present job; undefined: there is none, or it is not known. */
  readonly jobSince: () => number | undefined;
  readonly check: SegmentCheck | undefined;
  readonly record: (draft: EventDraft) => void;
}): DamageGuard {
  const { clock, check } = options;
  const legs: Record<LegName, Leg> = { primary: newLeg(), backup: newLeg() };
  let checkedAt: readonly number[] = [];
  let restUntil = -Infinity;
  let pausedUntil = -Infinity;
  let isNews = false;

  function findingOf(name: LegName, segments: readonly LegSegment[], index: number, now: number): Finding | undefined {
    const leg = legs[name];
    const segment = segments[index];
    if (segment === undefined) return undefined;
    const known = leg.findings.get(segment.uri);
    if (known !== undefined || segment.endedAt <= leg.passedUntil) return known;
    const signs = options.signs();
    const before = segments[index - 1];
    // The first one of a job is awaited, and a job complains of what it came into the middle of.
    if (signs === undefined || before === undefined || before.endedAt < (options.jobSince() ?? Infinity)) return undefined;
    const isSaid = signs.touches(segment.endedAt - 1000 * segment.durationSeconds, segment.endedAt);
    const hasStumbled = stumbled(leg, segments, index, now);
    if (!isSaid && !hasStumbled) return undefined;
    checkedAt = checkedAt.filter((at) => now - at < minuteMs);
    if (now < Math.max(restUntil, pausedUntil)) return remember(leg, segment.uri, { is: 'whole' });
    checkedAt = [...checkedAt, now];
    if (checkedAt.length >= mostChecks) pausedUntil = now + pauseMs;
    void prove(leg, name, segment);
    return remember(leg, segment.uri, { is: 'waiting', untilAt: now + longestCheckMs });
  }

  function remember(leg: Leg, uri: string, finding: Finding): Finding {
    leg.findings.set(uri, finding);
    for (const name of leg.findings.keys()) {
      if (leg.findings.size <= mostRemembered) break;
      leg.findings.delete(name);
    }
    return finding;
  }

  async function prove(leg: Leg, name: LegName, { uri, endedAt }: LegSegment): Promise<void> {
    const reason = await check?.(fileName(uri)).catch(() => undefined);
    const now = clock.monotonic();
    isNews = true;
    const isLate = endedAt <= leg.passedUntil;
    leg.leftOutAt = leg.leftOutAt.filter((at) => now - at < minuteMs);
    if (reason === undefined || isLate || now < restUntil) return void remember(leg, uri, { is: 'whole' });
    remember(leg, uri, { is: 'damaged' });
    leg.leftOutAt = [...leg.leftOutAt, now];
    if (leg.leftOutAt.length >= mostLeftOut) restUntil = now + restMs;
    const goesOn = now < restUntil ? 'the next five minutes are shown as they come: the source is damaged all the time' : undefined;
    options.record({
      stream: options.id,
      kind: 'damage',
      cause: 'left-out',
      message: `a segment of the ${name} leg is damaged so that strict players (Chromium) would stop at it: it was left out`,
      evidence: [`${fileName(uri)}: ${reason}`],
      action: goesOn ?? 'goes on with the next segment, marked as a discontinuity',
      data: { leg: name },
    });
  }

  return {
    fit(name, segments) {
      isNews = false;
      const leg = legs[name];
      if (check === undefined) return segments;
      const now = clock.monotonic();
      const fit: LegSegment[] = [];
      let left = 0;
      for (const [index, segment] of segments.entries()) {
        const finding = findingOf(name, segments, index, now);
        if (finding?.is === 'waiting' && now < finding.untilAt) break;
        if (finding?.is === 'damaged') {
          if (left < mostInARow) {
            left += 1;
            continue;
          }
          // From now on it was shown.
          remember(leg, segment.uri, { is: 'whole' });
        }
        fit.push(left > 0 ? { ...segment, discontinuity: true } : segment);
        left = 0;
        leg.passedUntil = Math.max(leg.passedUntil, segment.endedAt);
      }
      return fit.length === segments.length ? segments : fit;
    },
    isWaiting: () => isNews || waitsIn(legs.primary) || waitsIn(legs.backup),
  };
}

/** Asked five times a second for every channel, so without a copy. */
function waitsIn({ findings }: Leg): boolean {
  for (const { is } of findings.values()) if (is === 'waiting') return true;
  return false;
}

/** For the channel of a stream. What is encoded here is whole, whatever came in: only a copied picture is looked at. */
export function guardChannel(
  unit: {
    readonly id: string;
    readonly output?: Partial<Pick<JobOutput, 'damage' | 'since'>>;
    readonly plan?: () => Partial<Pick<JobPlan, 'video'>> | undefined;
    readonly stream: () => { readonly renditions?: unknown };
  },
  surroundings: {
    readonly ports: { readonly clock: Pick<ClockPort, 'monotonic'> };
    readonly checkSegment?: SegmentCheck;
    readonly events: EventSink;
  },
): DamageGuard {
  const isCopied = (): boolean => unit.plan?.()?.video === 'copy' && unit.stream().renditions === undefined;
  return createDamageGuard({
    id: unit.id,
    clock: surroundings.ports.clock,
    signs: () => (isCopied() ? unit.output?.damage : undefined),
    jobSince: () => unit.output?.since?.(),
    check: surroundings.checkSegment,
    record: (draft) => surroundings.events.record(draft),
  });
}

function newLeg(): Leg {
  return { findings: new Map(), passedUntil: -Infinity, leftOutAt: [], stumbles: [] };
}

/**
 * It came late, or is longer than the others, or is the next one after that: the source paused and went on somewhere else. One
 * time in 16 the counters fit and ffmpeg says nothing. Sources that come in bursts do so all the time, and are not meant.
 */
function stumbled(leg: Leg, segments: readonly LegSegment[], index: number, now: number): boolean {
  const lengths = segments.map(({ durationSeconds }) => durationSeconds).toSorted((left, right) => left - right);
  const usualMs = 1000 * (lengths[Math.floor(lengths.length / 2)] ?? 0);
  const isOdd = (at: number): boolean => {
    const [before, segment] = [segments[at - 1], segments[at]];
    if (before === undefined || segment === undefined) return false;
    return segment.endedAt - before.endedAt > oddShare * usualMs + 500 || 1000 * segment.durationSeconds > oddShare * usualMs;
  };
  const isFirst = isOdd(index);
  if (!isFirst && !isOdd(index - 1)) return false;
  leg.stumbles = leg.stumbles.filter((at) => now - at < stumblesMs);
  if (isFirst) leg.stumbles = [...leg.stumbles, now].slice(-mostStumbles - 1);
  return leg.stumbles.length <= mostStumbles;
}
