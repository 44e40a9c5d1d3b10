// Looks closer at a job whose segments stop, so that it can be said why before it is ended.

import type { Ports } from '../core/ports.ts';
import { explainStandstill, type Look } from '../observe/standstill.ts';
import type { Complaint, JudgeInput } from './judge.ts';
import type { Failure } from './lifecycle.ts';

export interface StallWitness {
  /** No segment for half of the bound: what the job does is worth knowing at once. */
  readonly isSuspicious: () => boolean;
  look(
    now: number,
    stillness: { readonly stillMs: number; readonly boundMs: number },
    pid: number | undefined,
    outTimeUs: number | null,
  ): void;
  /** The same, with what is known of the process: a job may be stopped before its first segment, when it has much time. */
  watched(pid: number | undefined, input: JudgeInput): JudgeInput;
  explain(complaint: Complaint, stillMs: number, lastLines: readonly string[]): Failure;
}

/** A bound of minutes with a look a second is bounded, too. */
const mostLooks = 20;

export function createStallWitness(options: {
  readonly process: Pick<Ports['process'], 'vitals' | 'inspect'>;
  /** Connections to nginx carry output only; what nginx says there is nobody's input. */
  readonly rtmpUrl: string;
  readonly isLocal: () => boolean;
}): StallWitness {
  const exceptPort = Number(new URL(options.rtmpUrl).port || 1935);
  let looks: Look[] = [];
  let stopped: { readonly pid: number; readonly since: number } | undefined;
  return {
    isSuspicious: () => looks.length > 0,
    look(now, { stillMs, boundMs }, pid, outTimeUs) {
      if (pid === undefined || stillMs < boundMs / 2) {
        if (looks.length > 0) looks = [];
        return;
      }
      // Progress is read seldom while all is well: what is known at the first look may be seconds old, and would seem to move at the second.
      const known = looks.length === 0 ? null : outTimeUs;
      looks = [...looks.slice(-mostLooks), { at: now, vitals: options.process.vitals(pid, exceptPort), outTimeUs: known }];
    },
    watched(pid, input) {
      // One that runs is known by its segments.
      const isStopped = input.phase === 'starting' && pid !== undefined && options.process.inspect(pid)?.state === 'T';
      stopped = isStopped ? { pid, since: stopped?.pid === pid ? stopped.since : input.now } : undefined;
      return stopped === undefined ? input : { ...input, stoppedSince: stopped.since };
    },
    explain(complaint, stillMs, lastLines) {
      if (complaint.cause !== 'stalled') return { ...complaint, evidence: lastLines.slice(-3), pace: 'fast' };
      const found = explainStandstill({ looks, stillMs, isLocal: options.isLocal() });
      looks = [];
      return { ...found, evidence: [...found.evidence, ...lastLines.slice(-2)], pace: 'fast' };
    },
  };
}
