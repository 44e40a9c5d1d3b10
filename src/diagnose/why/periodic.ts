// Finds the one length that most runs have. Pure.

export interface Period {
  readonly seconds: number;
  /** How many runs lasted so long. */
  readonly count: number;
}

const leastRuns = 3;
/** Shorter runs are those of a source that does not work. */
const leastSeconds = 60;
/** A watchdog, a keep-alive and a restart add some seconds to a token's life. */
const tolerance = { share: 0.03, seconds: 5 };
/** The others are chance. */
const leastShare = 0.6;

/** undefined when no length stands out. */
export function periodic(runs: readonly number[]): Period | undefined {
  const long = runs.filter((seconds) => seconds >= leastSeconds);
  let best: readonly number[] = [];
  for (const candidate of long) {
    const near = long.filter((seconds) => Math.abs(seconds - candidate) <= Math.max(tolerance.seconds, candidate * tolerance.share));
    if (near.length > best.length) best = near;
  }
  if (best.length < leastRuns || best.length < long.length * leastShare) return undefined;
  const sorted = [...best].sort((left, right) => left - right);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return { seconds: roundish(median), count: best.length };
}

/** 3603 is an hour and what it takes to notice. */
function roundish(seconds: number): number {
  for (const step of [3600, 600, 300, 60, 30]) {
    const near = Math.round(seconds / step) * step;
    if (near > 0 && Math.abs(seconds - near) <= Math.max(tolerance.seconds, near * 0.002)) return near;
  }
  return Math.round(seconds);
}
