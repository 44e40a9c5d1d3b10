// Cuts a stream's events into interruptions: when it was off air or not well, why, and how that ended. Pure.

import { beganMs, type StreamEvent } from '../../core/events.ts';
import { calmVerdicts, type VerdictName } from '../../core/verdict.ts';

export interface Episode {
  readonly fromMs: number;
  /** undefined: it goes on. */
  readonly untilMs: number | undefined;
  /** Of the first thing that happened: everything later may be its consequence. */
  readonly cause: string;
  readonly message: string;
  /** A verdict of the house holds others, too. */
  readonly isHouse: boolean;
  /** It played all the while, only not well. */
  readonly isMild: boolean;
  readonly evidence: readonly string[];
  /** Jobs that failed within it. */
  readonly failures: number;
  /** What was done, in plain words, in the order of time, each once. */
  readonly actions: readonly string[];
  /** How it ended. */
  readonly outcome: string | undefined;
}

type Draft = { -readonly [Key in keyof Episode]: Episode[Key] };

/** What is well again for so long ends an interruption, although nobody said `healthy`. */
const actionKinds: ReadonlySet<string> = new Set(['source-switched', 'source-resolved', 'leg-switched', 'slate-on', 'slate-off']);

/** `events`: of one stream and of the house, oldest first. */
export function toEpisodes(events: readonly StreamEvent[]): readonly Episode[] {
  const episodes: Draft[] = [];
  let open: Draft | undefined;

  const close = (event: StreamEvent, outcome: string): void => {
    if (open === undefined) return;
    open.untilMs = Math.max(open.fromMs, beganMs(event));
    open.outcome = outcome;
    open = undefined;
  };
  const begin = (event: StreamEvent, isMild: boolean): Draft => {
    if (open !== undefined) {
      // What was mild has become worse: the cause is the worse one's.
      if (open.isMild && !isMild)
        Object.assign(open, { cause: event.cause, message: event.message, isMild: false, isHouse: event.stream === null });
      open.evidence = [...new Set([...open.evidence, ...event.evidence])].slice(-6);
      return open;
    }
    open = {
      fromMs: Date.parse(event.at),
      untilMs: undefined,
      cause: event.cause,
      message: event.message,
      isHouse: event.stream === null,
      isMild,
      evidence: event.evidence,
      failures: 0,
      actions: [],
      outcome: undefined,
    };
    episodes.push(open);
    return open;
  };

  for (const event of events) {
    switch (event.kind) {
      case 'job-failed': {
        const episode = begin(event, false);
        episode.failures += 1;
        if (event.action !== null && !event.action.startsWith('next try'))
          episode.actions = [...new Set([...episode.actions, event.action])];
        break;
      }
      case 'verdict':
        if (event.cause === 'healthy') {
          if (open !== undefined && (event.stream !== null || open.isHouse)) close(event, 'it was well again');
        } else if (!calmVerdicts.has(event.cause as VerdictName)) begin(event, event.cause === 'degraded');
        else if (event.cause === 'stopped') close(event, 'it was stopped by order');
        else if (event.cause === 'idle') close(event, 'nobody watched any more');
        break;
      case 'content':
        if (event.cause !== 'recovered') begin(event, true);
        break;
      case 'order':
        if (event.cause === 'stop') close(event, 'it was stopped by order');
        else if (open !== undefined) open.actions = [...open.actions, event.message];
        break;
      case 'delivering':
        if (open !== undefined && open.failures > 0) open.outcome = `played again after ${seconds(Date.parse(event.at) - open.fromMs)}`;
        break;
      default:
        if (open !== undefined && actionKinds.has(event.kind)) open.actions = [...new Set([...open.actions, event.message])];
    }
  }
  return episodes;
}

function seconds(ms: number): string {
  return `${Math.max(0, Math.round(ms / 1000))} s`;
}
