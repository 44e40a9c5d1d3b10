// What a rung really needs, measured on its segments, and what the master playlist says of it: seldom another thing. Pure.

export interface Measured {
  /** Bits a second of each segment, newest last. */
  readonly rates: readonly number[];
  /** Weighs a rate in the mean. */
  readonly seconds: readonly number[];
}

export interface Bandwidth {
  /** RFC 8216 4.3.4.2: the peak, an upper bound of every segment. */
  readonly peakBps: number;
  readonly averageBps: number;
}

/** Segments that are remembered: ten minutes of two seconds each. */
const remembered = 300;
/** The next segment may need a little more than any before it. */
const headroom = 1.1;
const roundTo = 10_000;
/** A promise this far above what is needed keeps players with slow lines away from a rung that would play. */
const tooMuch = 1.6;
/** Lowered on so many segments only: a quiet start says little. */
const enoughToLower = 60;

export const nothingMeasured: Measured = { rates: [], seconds: [] };

export function measure({ rates, seconds }: Measured, segment: { readonly bytes: number; readonly durationSeconds: number }): Measured {
  if (segment.durationSeconds <= 0) return { rates, seconds };
  const rate = (8 * segment.bytes) / segment.durationSeconds;
  return { rates: [...rates, rate].slice(-remembered), seconds: [...seconds, segment.durationSeconds].slice(-remembered) };
}

/** The same object as before while it holds. */
export function announce({ rates, seconds }: Measured, before: Bandwidth | undefined): Bandwidth | undefined {
  if (rates.length === 0) return before;
  const peak = Math.max(...rates);
  const holds = before !== undefined && peak <= before.peakBps;
  const isFar = before !== undefined && rates.length >= enoughToLower && peak * headroom * tooMuch < before.peakBps;
  if (holds && !isFar) return before;
  const whole = seconds.reduce((sum, each) => sum + each, 0);
  const bits = rates.reduce((sum, rate, index) => sum + rate * (seconds[index] ?? 0), 0);
  return { peakBps: up(peak * headroom), averageBps: up(bits / whole) };
}

function up(bps: number): number {
  return Math.ceil(bps / roundTo) * roundTo;
}
