// Arithmetic over samples.

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between neighbours, as in R's type 7. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  if (low === undefined || high === undefined) throw new Error('no samples');
  return low + (high - low) * (at - Math.floor(at));
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Pair by pair, because the load of the machine changes while we measure and hits both of a pair. */
export function pairRatios(measured: readonly number[], reference: readonly number[]): readonly number[] {
  return measured.map((value, index) => value / (reference[index] ?? Number.NaN));
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
