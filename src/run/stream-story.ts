// Tells what happens to one stream's job: in words for its log, and as events with cause, evidence and action.

import type { EventSink } from '../core/events.ts';
import type { ClockPort } from '../core/ports.ts';
import type { StreamStatus } from '../core/status.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Failure, Lifecycle, LifecycleEvent } from './lifecycle.ts';
import type { AliveProcess } from './managed-process.ts';

export interface StreamStory {
  readonly lastFailure: () => StreamStatus['lastFailure'];
  started(process: AliveProcess, source: { readonly index: number; readonly display: string }): void;
  /** Every transition; `nextRetryAtMs` is wall clock. */
  changed(before: Lifecycle, after: Lifecycle, event: LifecycleEvent, nextRetryAtMs: number | undefined): void;
}

const startCauses: Partial<Record<LifecycleEvent['type'], string>> = {
  order: 'ordered',
  restart: 'ordered',
  retry: 'retry',
  replan: 'replanned',
};

export function createStreamStory(
  id: string,
  { events, clock, log }: { readonly events: EventSink; readonly clock: Pick<ClockPort, 'now' | 'monotonic'>; readonly log: LogSink },
): StreamStory {
  let lastFailure: StreamStatus['lastFailure'] = null;
  let startCause = 'ordered';
  let startedAt: number | undefined;
  let source = { index: 0, display: '' };
  let deliveringAt: number | undefined;
  /** A stall is told when it is seen, not again when the job is gone. */
  let told: Failure | undefined;
  /** Ended by order to be started again: that it waits for the connection which it has just given up is no failure. */
  let isPlanned = false;

  const secondsSince = (from: number | undefined): number | null =>
    from === undefined ? null : Math.round((clock.monotonic() - from) / 100) / 10;

  function failed(failure: Failure, life: Lifecycle, action: string): void {
    told = failure;
    events.record({
      stream: id,
      kind: 'job-failed',
      cause: failure.cause,
      message: failure.message,
      evidence: failure.evidence,
      action,
      data: {
        source: source.index + 1,
        ranSeconds: secondsSince(startedAt),
        deliveredSeconds: secondsSince(deliveringAt),
        failures: life.failures,
        restarts: life.restarts,
      },
    });
  }

  return {
    lastFailure: () => lastFailure,
    started(process, from) {
      source = from;
      startedAt = clock.monotonic() - (process.adopted ? Math.max(0, clock.now() - process.startedAtMs) : 0);
      if (!process.adopted) deliveringAt = undefined;
      const what = `${process.adopted ? 'adopted' : 'started'} job pid ${process.pid}, source ${from.index + 1}: ${from.display}`;
      log.note('info', what);
      events.record({
        stream: id,
        kind: 'job-started',
        cause: process.adopted ? 'adopted' : startCause,
        message: what,
        data: { pid: process.pid, source: from.index + 1, url: from.display, adopted: process.adopted },
      });
    },
    changed(before, after, event, nextRetryAtMs) {
      startCause = startCauses[event.type] ?? startCause;
      if (before.phase === after.phase) return;
      if (after.phase === 'stopping') isPlanned = event.type === 'restart';
      else if (after.phase === 'running' || after.phase === 'stopped') isPlanned = false;
      const { failure } = after;
      if (failure !== undefined && failure !== before.failure) {
        const { cause, message, evidence } = failure;
        lastFailure = { cause, message, at: new Date(clock.now()).toISOString(), evidence };
      }
      const isOver = after.phase === 'backing-off' || after.phase === 'failed';
      const why = isOver || event.type === 'stalled' ? `: ${failure?.message ?? ''}` : '';
      log.note(isOver ? 'error' : 'info', `${before.phase} -> ${after.phase} (${event.type})${why}`);
      if (after.phase === 'running') {
        deliveringAt = clock.monotonic();
        if (event.type !== 'delivering') return;
        const afterSeconds = secondsSince(startedAt);
        events.record({
          stream: id,
          kind: 'delivering',
          cause: 'first-segment',
          message: `the first new segment is there, ${afterSeconds ?? 0} s after the start`,
          data: { afterSeconds, source: source.index + 1 },
        });
      }
      if (failure === undefined) return;
      if (event.type === 'stalled') failed(failure, after, 'the job is ended and started again');
      else if (isOver && failure !== told && !(isPlanned && failure.cause === 'provider-limit'))
        failed(failure, after, nextTry(after, nextRetryAtMs));
      if (after.process === 'none') startedAt = deliveringAt = undefined;
    },
  };

  function nextTry(life: Lifecycle, atMs: number | undefined): string {
    const seconds = atMs === undefined ? undefined : Math.max(0, Math.round((atMs - clock.now()) / 100) / 10);
    const when = seconds === undefined ? 'started again' : `next try in ${seconds} s`;
    return life.phase === 'failed' ? `given up for now; ${when}` : when;
  }
}
