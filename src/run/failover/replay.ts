// Replays recorded events of a stream against a policy: what would be decided, and when. Pure.

import { reduceFailover } from './reduce.ts';
import { initialFailover, type FailoverEffect, type FailoverEvent, type FailoverPolicy, type FailoverState } from './state.ts';

/** One line of a record. */
export interface RecordedEvent {
  /** RFC 3339, for people. */
  readonly at: string;
  /** Milliseconds; only differences mean something. */
  readonly t: number;
  readonly event: FailoverEvent;
}

export interface ReplayStep {
  readonly at: string;
  /** Milliseconds since the first event. */
  readonly t: number;
  readonly event: FailoverEvent;
  readonly effects: readonly FailoverEffect[];
  /** The record started another source than this policy would have. */
  readonly differs: boolean;
  readonly next: number;
}

export interface Replay {
  readonly steps: readonly ReplayStep[];
  readonly final: FailoverState;
}

/** The record says what happened; decisions that differ from it are marked, and the record goes on as it was. */
export function replay(record: readonly RecordedEvent[], keys: readonly string[], policy: FailoverPolicy): Replay {
  let state = initialFailover(keys);
  const begin = record[0]?.t ?? 0;
  const steps = record.map(({ at, t, event }): ReplayStep => {
    const decided = state.next.source;
    const step = reduceFailover(state, event, t, policy);
    state = step.state;
    const differs = event.type === 'started' && !event.delivering && event.source !== decided;
    return { at, t: t - begin, event, effects: step.effects, differs, next: state.next.source };
  });
  return { steps, final: state };
}

const kinds: ReadonlySet<string> = new Set([
  'ordered',
  'sources',
  'starting',
  'started',
  'delivering',
  'failed',
  'blocked',
  'wake',
  'probed',
  'force',
]);

/** undefined for a line that is no recorded event. */
export function readRecordLine(line: string): RecordedEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { at, t, event } = value as { at?: unknown; t?: unknown; event?: unknown };
  if (typeof t !== 'number' || !Number.isFinite(t) || !isEvent(event)) return undefined;
  return { at: typeof at === 'string' ? at : '', t, event };
}

/** A file may come from anywhere: every field that the reducer reads is checked. */
function isEvent(value: unknown): value is FailoverEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event = value as Readonly<Record<string, unknown>>;
  if (typeof event['type'] !== 'string' || !kinds.has(event['type'])) return false;
  const isFlags = (flags: unknown): boolean => Array.isArray(flags) && flags.every((flag) => typeof flag === 'boolean');
  const isIndex = (index: unknown): boolean => typeof index === 'number' && Number.isInteger(index) && index >= 0;
  const isWait = (wait: unknown): boolean => wait === undefined || (typeof wait === 'number' && wait >= 0);
  switch (event['type'] as FailoverEvent['type']) {
    case 'sources':
      return Array.isArray(event['keys']) && event['keys'].every((key) => typeof key === 'string');
    case 'started':
      return isIndex(event['source']) && typeof event['delivering'] === 'boolean';
    case 'failed':
      return (
        typeof event['cause'] === 'string' &&
        typeof event['message'] === 'string' &&
        typeof event['neverStarted'] === 'boolean' &&
        typeof event['renewable'] === 'boolean' &&
        isWait(event['retryAfterMs'])
      );
    case 'blocked':
      return isFlags(event['open']) && (event['freeInMs'] === null || typeof event['freeInMs'] === 'number');
    case 'wake':
      return isFlags(event['open']);
    case 'probed':
      return isIndex(event['source']) && (event['cause'] === null || typeof event['cause'] === 'string') && isWait(event['retryAfterMs']);
    case 'force':
      return event['source'] === null || isIndex(event['source']);
    case 'ordered':
    case 'starting':
    case 'delivering':
      return true;
  }
}
