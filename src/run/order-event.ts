// The event of an order given to one stream, and what is said about it.

import type { EventDraft } from '../core/events.ts';
import type { JobPhase } from '../core/status.ts';

const nothingToDo: Readonly<Record<string, JobPhase>> = { start: 'running', stop: 'stopped' };

export function orderEvent(stream: string, action: 'start' | 'stop' | 'restart', state: JobPhase): EventDraft {
  return {
    stream,
    kind: 'order',
    cause: action,
    message: `ordered to ${action}`,
    outcome: nothingToDo[action] === state ? `it was ${state} already` : null,
    data: { state },
  };
}

/** What whoever ordered it should know; undefined: nothing. */
export function orderNote(
  id: string,
  order: { readonly action: 'start' | 'stop' | 'restart'; readonly phase: JobPhase; readonly wasIdle: boolean; readonly isIdle: boolean },
): string | undefined {
  const { action, phase, wasIdle, isIdle } = order;
  switch (action) {
    case 'start':
      if (isIdle) return `${id} starts with its first viewer`;
      return phase === 'running' ? `${id} was already running` : undefined;
    case 'stop':
      if (phase !== 'stopped') return undefined;
      return `${id} was ${wasIdle ? 'idle' : 'not running'}`;
    case 'restart':
      return isIdle ? `${id} is idle: its first viewer starts it anew` : undefined;
  }
}
