// Keeps verdicts from flapping: how long a judgement must hold before it is one. Pure.

import { calmVerdicts, type Verdict, type VerdictName } from '../core/verdict.ts';
import type { Finding } from './verdict.ts';

export interface HeldVerdict {
  readonly verdict: Verdict;
  /** Another judgement that has not held for long enough; monotonic. */
  readonly candidate: { readonly name: VerdictName; readonly at: number } | undefined;
  /** Monotonic times of recent recoveries. */
  readonly recoveries: readonly number[];
}

/** Nobody loses the picture by it; a short dip is no news. */
const degradedAfterMs = 5000;
const healthyAfterMs = 5000;
const longestHealthyMs = 60_000;
const rememberedMs = 10 * 60_000;

/** `now` is monotonic; `at` is the wall clock, RFC 3339. */
export function holdVerdict(held: HeldVerdict | undefined, finding: Finding, now: number, at: string): HeldVerdict {
  if (held === undefined) return { verdict: { ...finding, since: at }, candidate: undefined, recoveries: [] };
  const { verdict } = held;
  if (verdict.name === finding.name) {
    // The words may have become more exact; `since` tells of the name.
    return { ...held, verdict: { ...finding, since: verdict.since }, candidate: undefined };
  }
  const recoveries = held.recoveries.filter((time) => now - time < rememberedMs);
  const since = held.candidate?.name === finding.name ? held.candidate.at : now;
  if (now - since < holdMs(verdict.name, finding.name, recoveries.length)) {
    return { verdict, candidate: { name: finding.name, at: since }, recoveries };
  }
  const recovered = finding.name === 'healthy' && !calmVerdicts.has(verdict.name);
  return { verdict: { ...finding, since: at }, candidate: undefined, recoveries: recovered ? [...recoveries, now] : recoveries };
}

/** What goes up and down again and again must be well for longer before it counts as well. */
function holdMs(from: VerdictName, to: VerdictName, recoveries: number): number {
  if (to === 'degraded') return from === 'starting' ? 0 : degradedAfterMs;
  if (to !== 'healthy' || calmVerdicts.has(from)) return 0;
  return Math.min(longestHealthyMs, healthyAfterMs * 2 ** recoveries);
}
