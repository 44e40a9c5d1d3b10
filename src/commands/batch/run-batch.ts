// Restarts streams step by step, each step verified playing before the next one begins.

import type { ControlClient } from '../../control/protocol.ts';
import { AppError } from '../../core/errors.ts';
import type { StreamStatus } from '../../core/status.ts';
import type { Context } from '../context.ts';
import { judge, stageWords } from '../wait.ts';
import type { Skipped } from './choose.ts';
import type { BatchOptions } from './options.ts';

export interface Outcome {
  readonly restarted: readonly string[];
  /** Of those: channels that moved on all the time. */
  readonly seamless: readonly string[];
  readonly failed: readonly Failed[];
  readonly skipped: readonly Skipped[];
  /** Streams whose turn never came. */
  readonly left: readonly string[];
  /** Why it ended early; null when every stream had its turn. */
  readonly stopped: 'max-fail' | 'deadline' | 'interrupted' | null;
}

export interface Failed {
  readonly id: string;
  readonly reason: string;
  readonly evidence: readonly string[];
}

export interface BatchRun {
  readonly client: ControlClient;
  readonly todo: readonly StreamStatus[];
  readonly skipped: readonly Skipped[];
  readonly options: Pick<BatchOptions, 'rolling' | 'maxFail' | 'deadlineMs' | 'timeoutMs'> & { readonly seamless?: boolean };
  /** Milliseconds since the epoch at which the batch began. */
  readonly startedAt: number;
  /** What each stream is told; `restart` by default. */
  readonly action?: 'start' | 'restart';
  /** Told after each step. */
  readonly onProgress: (restarted: readonly string[], words: string) => Promise<void>;
  /** Told of each stream that did not come back, before the next one begins. */
  readonly onFailed?: (failed: Failed) => Promise<void>;
}

const pollMs = 250;

interface Underway {
  readonly id: string;
  readonly oldPid: number | null;
  until: number;
}

/**
 * A restart is one order that the supervisor carries out by itself: whatever happens to this process, no stream is left
 * stopped. Two failures at the same time count as two.
 */
export async function runBatch(run: BatchRun, context: Context): Promise<Outcome> {
  const { client, options } = run;
  const waiting = [...run.todo];
  const underway = new Map<string, Underway>();
  const restarted: string[] = [];
  const seamless: string[] = [];
  const failed: Failed[] = [];

  const stopReason = (): Outcome['stopped'] => {
    if (context.interrupt.aborted) return 'interrupted';
    if (failed.length > options.maxFail) return 'max-fail';
    if (options.deadlineMs !== undefined && context.now() - run.startedAt >= options.deadlineMs) return 'deadline';
    return null;
  };

  const fail = async (failure: Failed): Promise<void> => {
    failed.push(failure);
    await run.onFailed?.(failure);
  };

  const begin = async (stream: StreamStatus): Promise<void> => {
    try {
      const [now] = (await client.status([stream.id])).streams;
      await client.order({
        action: run.action ?? 'restart',
        ids: [stream.id],
        // Read when the batch began: a file that is being edited meanwhile is not this batch's.
        reload: false,
        ...(options.seamless === false ? { seamless: false } : {}),
      });
      underway.set(stream.id, { id: stream.id, oldPid: now?.pid ?? null, until: context.now() + options.timeoutMs });
    } catch (error) {
      // Taken out of the list meanwhile, say: that stream fails, the others go on. A supervisor that is gone ends the batch.
      if (!(error instanceof AppError) || error.code === 'supervisor-gone') throw error;
      await fail({ id: stream.id, reason: error.message, evidence: error.evidence });
    }
  };

  let stopped: Outcome['stopped'] = null;
  while (waiting.length > 0 || underway.size > 0) {
    stopped ??= stopReason();
    while (stopped === null && underway.size < options.rolling && waiting.length > 0) {
      await begin(waiting.shift() as StreamStatus);
      stopped = stopReason();
    }
    if (underway.size === 0) break;
    if (context.interrupt.aborted) break;
    for (const stream of (await client.status([...underway.keys()])).streams) {
      const step = underway.get(stream.id);
      if (step === undefined) continue;
      // Nothing was restarted yet: the time for that has not begun.
      if (stream.bridge === 'opening' || stream.bridge === 'leaving') step.until = context.now() + options.timeoutMs;
      const verdict = judgeStep(stream, step, context.now());
      if (verdict === undefined) continue;
      underway.delete(stream.id);
      if (verdict === 'plays') {
        restarted.push(stream.id);
        if (stream.orderedRestart?.seamless === true) seamless.push(stream.id);
      } else await fail(verdict);
      await run.onProgress(restarted, `${restarted.length} of ${run.todo.length} restarted`);
    }
    if (underway.size >= options.rolling || waiting.length === 0 || stopped !== null) await context.sleep(pollMs);
  }
  const left = [...underway.keys(), ...waiting.map((stream) => stream.id)];
  return { restarted, seamless, failed, skipped: run.skipped, left, stopped: stopped ?? (left.length === 0 ? null : 'interrupted') };
}

function judgeStep(stream: StreamStatus, step: Underway, now: number): 'plays' | Failed | undefined {
  const { kind } = judge(stream, 'playable', step.oldPid ?? undefined);
  if (kind === 'reached') return 'plays';
  const failure = stream.lastFailure;
  const evidence = failure === null ? [] : failure.evidence.slice(-3);
  if (kind === 'lost') return { id: stream.id, reason: failure?.message ?? `it is ${stream.state}, ordered to ${stream.order}`, evidence };
  return now < step.until ? undefined : { id: stream.id, reason: `does not play yet: ${stageWords(stream)}`, evidence };
}
