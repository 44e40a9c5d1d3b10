// Why a job that lives brings no new segment: it waits for its source, or it hangs itself. Pure.

import type { ProcessVitals } from '../core/ports.ts';

export interface Look {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly vitals: ProcessVitals | undefined;
  /** How far its output has come, microseconds; null before the first packet. */
  readonly outTimeUs: number | null;
}

export interface Standstill {
  /** `stalled`: it waits for its source. `job-hung`: it does not take what is there. `no-output`: it takes it, and no segment comes of it. */
  readonly cause: 'stalled' | 'job-hung' | 'no-output';
  readonly message: string;
  readonly evidence: readonly string[];
}

/** Less CPU than this share of the time is what waiting costs; ffmpeg wakes ten times a second to see whether it was interrupted. */
const idleShare = 0.02;
/** Two looks in quick succession could both fall between two reads. */
const leastSpanMs = 900;
/** As fast as this, the source plays well enough: it is not why no segment appears. */
const playsShare = 0.8;

export interface StandstillInput {
  /** Oldest first; since the segments stopped. */
  readonly looks: readonly Look[];
  readonly stillMs: number;
  /** It reads no network: a file, or a generated picture. */
  readonly isLocal: boolean;
}

export function explainStandstill({ looks, stillMs, isLocal }: StandstillInput): Standstill {
  const still = `no new segment in either leg for ${seconds(stillMs)}`;
  const [first] = looks;
  const last = looks.at(-1);
  if (first === undefined || last?.vitals === undefined) return { cause: 'stalled', message: still, evidence: [] };
  const spanMs = last.at - first.at;
  const cpuMs = first.vitals === undefined ? undefined : last.vitals.cpuMs - first.vitals.cpuMs;
  const firstOut = looks.find(({ outTimeUs }) => outTimeUs !== null);
  const outSpanMs = firstOut === undefined ? 0 : last.at - firstOut.at;
  const isOutKnown = typeof firstOut?.outTimeUs === 'number' && last.outTimeUs !== null && outSpanMs > 0;
  const outMs = isOutKnown ? ((last.outTimeUs ?? 0) - (firstOut?.outTimeUs ?? 0)) / 1000 : undefined;
  const { states, unreadBytes } = last.vitals;
  const evidence = [
    `threads ${states}, ${cpuMs ?? '?'} ms of CPU in ${seconds(spanMs)}`,
    ...(unreadBytes === undefined || isLocal ? [] : [`${unreadBytes} bytes from the network wait unread`]),
    ...(outMs === undefined ? [] : [`output went on by ${seconds(outMs)} in ${seconds(outSpanMs)}`]),
  ];
  const hung = (why: string): Standstill => ({ cause: 'job-hung', message: `ffmpeg hangs: ${why}; ${still}`, evidence });

  if (/[Tt]/.test(states)) return hung('it is stopped (SIGSTOP, or a debugger)');
  if (spanMs < leastSpanMs) return { cause: 'stalled', message: still, evidence };
  const always = (test: (vitals: ProcessVitals) => boolean): boolean => looks.every(({ vitals }) => vitals !== undefined && test(vitals));
  if (always((vitals) => vitals.states.includes('D')))
    return hung('the kernel does not answer it (state D, a dead disk or network folder)');
  const isIdle = cpuMs !== undefined && cpuMs <= spanMs * idleShare;
  if (isIdle && always((vitals) => (vitals.unreadBytes ?? 0) > 0)) return hung('the source sends, and it does not read');
  if (isIdle && isLocal) return hung('it has its source at hand, and does nothing');
  const pace = outMs === undefined ? 0 : outMs / outSpanMs;
  if (pace >= playsShare) {
    return { cause: 'no-output', message: `the source plays, and yet ${still}`, evidence };
  }
  const slow = pace > 0.05 ? `: the source sends only ${Math.round(pace * 100)} % of real time` : ': the source sends nothing';
  return { cause: 'stalled', message: still + slow, evidence };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
