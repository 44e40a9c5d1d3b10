// Which source of a stream is tried next after a failure. Pure.

/** What these name lies with this machine or with nginx; another source would fail in the same way. */
const notTheSource: ReadonlySet<string> = new Set(['lock-held', 'leg-dead', 'cancelled', 'killed']);

export interface SourceChoice {
  readonly current: number;
  readonly count: number;
  /** The process could not even be made. */
  readonly neverStarted: boolean;
  readonly cause: string;
  readonly hasDelivered: boolean;
  /** Consecutive failures, this one included; a stable run forgets them. */
  readonly failures: number;
}

/**
 * A source that had delivered gets one more try: most interruptions pass. One that fails again without a stable run
 * between gives way, or a source that plays for three seconds at a time would keep a healthy one waiting for ever.
 */
export function nextSource(input: SourceChoice): number {
  const { current, count } = input;
  if (input.neverStarted || notTheSource.has(input.cause)) return current % count;
  if (input.hasDelivered && input.failures < 2) return current % count;
  return (current + 1) % count;
}
