// Judges a job by what its legs show: fine, standing still, or with one leg dead beside a living one. Pure.

import type { LegName } from '../core/ids.ts';
import type { StreamState } from '../core/status.ts';
import { legMendDelayMs, stallBoundMs, startBoundMs, type StallInput } from './stall.ts';

export interface JudgeInput {
  readonly phase: StreamState;
  /** All times are monotonic. */
  readonly now: number;
  /** When the present job started, or was adopted. */
  readonly startedAt: number;
  /** When each leg last showed a new segment. */
  readonly changedAt: Readonly<Record<LegName, number | undefined>>;
  /** The legs this job writes. */
  readonly legs: readonly LegName[];
  /** Since when nginx answers without a break; undefined while it does not. */
  readonly originAnswersSince: number | undefined;
  /** Restarts for the sake of one leg so far. */
  readonly mends: number;
  readonly stall: StallInput;
  /** Since when a job that starts is stopped by a signal (SIGSTOP): it waits for no source, and the grace of a start is not for it. */
  readonly stoppedSince?: number | undefined;
}

export interface Complaint {
  readonly cause: 'stalled' | 'leg-dead';
  readonly message: string;
}

/** For how long neither leg has moved, and how long that may last. */
export function stillness(input: JudgeInput): { readonly stillMs: number; readonly boundMs: number } {
  if (input.stoppedSince !== undefined) return { stillMs: input.now - input.stoppedSince, boundMs: stallBoundMs(input.stall) };
  return {
    stillMs: Math.min(legAgeMs(input, 'primary'), legAgeMs(input, 'backup')),
    boundMs: input.phase === 'starting' ? startBoundMs(input.stall) : stallBoundMs(input.stall),
  };
}

export function judge(input: JudgeInput): Complaint | undefined {
  const { phase, now, startedAt, originAnswersSince } = input;
  const { stillMs, boundMs: bound } = stillness(input);
  if (stillMs > bound) {
    return { cause: 'stalled', message: `no new segment in either leg for ${seconds(stillMs)} (bound ${seconds(bound)})` };
  }
  if (phase !== 'running') return undefined;
  const mendAfterMs = Math.max(legMendDelayMs(input.mends), 2 * stallBoundMs(input.stall));
  // While nginx was away its leg could not move, and ffmpeg comes back by itself: the time counts from nginx's return.
  const reachableMs = originAnswersSince === undefined ? 0 : now - Math.max(originAnswersSince, startedAt);
  const deadMs: Readonly<Record<LegName, number>> = {
    primary: Math.min(legAgeMs(input, 'primary'), reachableMs),
    backup: legAgeMs(input, 'backup'),
  };
  const dead = (['primary', 'backup'] as const).find((leg) => input.legs.includes(leg) && deadMs[leg] > mendAfterMs);
  if (dead === undefined) return undefined;
  return { cause: 'leg-dead', message: `the ${dead} leg has no new segment for ${seconds(deadMs[dead])} while the other one moves` };
}

/** Every leg this job writes moves, and has had the time to show that it goes on moving. */
export function isWhole(input: JudgeInput, stableAfterMs: number): boolean {
  if (input.phase !== 'running' || input.now - input.startedAt < stableAfterMs) return false;
  return input.legs.every((leg) => input.changedAt[leg] !== undefined && legAgeMs(input, leg) <= stallBoundMs(input.stall));
}

/** An old playlist says nothing about this job: its age counts from the start at the earliest. */
function legAgeMs({ now, startedAt, changedAt }: JudgeInput, leg: LegName): number {
  return now - Math.max(changedAt[leg] ?? startedAt, startedAt);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
