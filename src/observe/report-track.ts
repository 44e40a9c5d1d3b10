// The life of one stream as its events tell it: when it was ordered to run, when it was out and why, what it was started for. Pure.

import { beganMs, type StreamEvent } from '../core/events.ts';
import type { Span } from './spans.ts';

export interface Reason extends Span {
  /** The word of the event that opened it. */
  readonly cause: string;
  readonly isSlate: boolean;
}

export interface Track {
  readonly ordered: readonly Span[];
  /** From an order, or a change of the list, to the first segment: neither up nor down. */
  readonly starting: readonly Span[];
  /** May overlap: a dead source is a failure of the job, a verdict and a slate. */
  readonly reasons: readonly Reason[];
  readonly slate: readonly Span[];
  readonly restarts: readonly { readonly at: number; readonly cause: string; readonly url: string }[];
  /** Which source was in use; `url` as it may be shown. */
  readonly uses: readonly (Span & { readonly url: string })[];
}

/** A stream that has no events of its own may have run all the time. */
export type Known = 'run' | 'stop' | undefined;

export interface TrackRecorder {
  take(event: StreamEvent): void;
  houseDown(name: string, at: number): void;
  houseUp(name: string, at: number): void;
  /** `iptv down`: the order stays, and nothing runs until the supervisor comes back. */
  suspend(at: number): void;
  /** A new supervisor is there: it tells anew what is bad, and says nothing of what is good. */
  resume(at: number): void;
  end(at: number): Track;
}

const job = 'job';
const verdict = 'verdict';
const slateReason = 'slate';

export function createTrack(initial: Known, firstAt: number): TrackRecorder {
  const ordered: Span[] = [];
  const starting: Span[] = [];
  const reasons: Reason[] = [];
  const slate: Span[] = [];
  const restarts: { at: number; cause: string; url: string }[] = [];
  const uses: (Span & { url: string })[] = [];
  const open = new Map<string, { readonly at: number; readonly cause: string }>();
  let orderedAt: number | undefined;
  let startingAt: number | undefined;
  let use: { readonly at: number; readonly url: string } | undefined;
  let suspended = false;
  let pending: 'start' | 'restart' | undefined;
  let failedFor = 'unknown';
  if (initial === 'run') begin(firstAt);

  function begin(at: number): void {
    orderedAt ??= at;
    use ??= { at, url: '' };
  }

  function close(name: string, at: number): void {
    const found = open.get(name);
    if (found === undefined) return;
    open.delete(name);
    reasons.push({ from: found.at, to: Math.max(found.at, at), cause: found.cause, isSlate: name === slateReason });
    if (name === slateReason) slate.push({ from: found.at, to: at });
  }

  function fail(name: string, at: number, cause: string): void {
    endStart(at);
    if (!open.has(name)) open.set(name, { at, cause });
  }

  function endStart(at: number): void {
    if (startingAt !== undefined) starting.push({ from: startingAt, to: Math.max(startingAt, at) });
    startingAt = undefined;
  }

  function plays(at: number): void {
    endStart(at);
    close(job, at);
  }

  function halt(at: number): void {
    endStart(at);
    for (const name of [...open.keys()]) close(name, at);
    if (use !== undefined) uses.push({ from: use.at, to: at, url: use.url });
    use = undefined;
    if (orderedAt !== undefined) ordered.push({ from: orderedAt, to: at });
    orderedAt = undefined;
  }

  function ordering(event: StreamEvent, at: number): void {
    if (event.cause === 'stop') {
      // The oldest order there is tells what was before it.
      pending = undefined;
      return halt(at);
    }
    const runs = event.data['state'] !== undefined && event.data['state'] !== 'stopped';
    const isNew = orderedAt === undefined && !runs;
    begin(runs && orderedAt === undefined ? firstAt : at);
    if (isNew) pending = 'start';
    else if (event.cause === 'restart') pending = 'restart';
    if ((isNew || event.cause === 'restart') && open.size === 0) startingAt ??= at;
  }

  function jobStarted(event: StreamEvent, at: number): void {
    begin(at);
    const url = typeof event.data['url'] === 'string' ? event.data['url'] : '';
    // What played before the first start that is known was most likely the same.
    if (use !== undefined) uses.push({ from: use.at, to: at, url: use.url === '' ? url : use.url });
    use = { at, url };
    if (event.cause === 'adopted') return close(job, at);
    if (pending === 'restart') restarts.push({ at, cause: 'ordered', url });
    else if (pending === undefined && event.cause === 'retry') restarts.push({ at, cause: failedFor, url });
    else if (pending === undefined && event.cause === 'replanned') {
      restarts.push({ at, cause: 'replanned', url });
      if (open.size === 0) startingAt ??= at;
    } else if (pending === undefined && open.has(job)) restarts.push({ at, cause: failedFor, url });
    else if (pending === undefined && open.size === 0 && startingAt === undefined) {
      // Nobody ordered it and nothing was seen to fail: it was lost with the supervisor or the machine.
      restarts.push({ at, cause: 'job-lost', url });
      fail(job, at, 'job-lost');
    }
    pending = undefined;
  }

  /** Between viewers it is neither up nor down, as between a stop and a start. */
  function demanded(cause: string, at: number): void {
    if (cause === 'idle' || cause === 'gave-way') {
      pending = undefined;
      halt(at);
    } else if (cause === 'viewer' || cause === 'prewarm') {
      begin(at);
      pending = 'start';
      startingAt ??= at;
    }
  }

  function judged(event: StreamEvent, at: number): void {
    const name = event.cause;
    if (name === 'healthy') {
      close(verdict, at);
      plays(at);
    } else if (name === 'idle') halt(at);
    else if (name === 'degraded' || name === 'starting' || name === 'stopped') close(verdict, at);
    else {
      begin(at);
      close(verdict, at);
      fail(verdict, at, name);
    }
  }

  return {
    take(event) {
      const at = Date.parse(event.at);
      if (suspended && event.kind !== 'order') return;
      switch (event.kind) {
        case 'order':
          return ordering(event, at);
        case 'demand':
          return demanded(event.cause, at);
        case 'job-started':
          return jobStarted(event, at);
        case 'job-failed':
          begin(at);
          failedFor = event.cause;
          return fail(job, at, event.cause);
        case 'delivering':
          begin(at);
          return plays(at);
        case 'verdict':
          return judged(event, beganMs(event));
        case 'slate-on':
          begin(at);
          return fail(slateReason, at, event.cause);
        case 'slate-off': {
          const shownMs = event.data['shownMs'];
          // Its beginning is in a file that is gone.
          if (!open.has(slateReason) && typeof shownMs === 'number') open.set(slateReason, { at: at - shownMs, cause: 'no-live-leg' });
          return close(slateReason, at);
        }
        default:
          return;
      }
    },
    houseDown(name, at) {
      if (orderedAt === undefined || suspended) return;
      close(verdict, at);
      fail(`house ${name}`, at, name);
    },
    houseUp: (name, at) => close(`house ${name}`, at),
    suspend(at) {
      if (orderedAt === undefined) return;
      halt(at);
      suspended = true;
    },
    resume(at) {
      close(verdict, at);
      close(slateReason, at);
      if (!suspended) return;
      suspended = false;
      pending = 'start';
      begin(at);
      startingAt = at;
    },
    end(at) {
      halt(at);
      return { ordered, starting, reasons, slate, restarts, uses };
    },
  };
}
