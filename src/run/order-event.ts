// The event of an order given to one stream.

import type { EventDraft } from '../core/events.ts';
import type { StreamState } from '../core/status.ts';

const nothingToDo: Readonly<Record<string, StreamState>> = { start: 'running', stop: 'stopped' };

export function orderEvent(stream: string, action: 'start' | 'stop' | 'restart', state: StreamState): EventDraft {
  return {
    stream,
    kind: 'order',
    cause: action,
    message: `ordered to ${action}`,
    outcome: nothingToDo[action] === state ? `it was ${state} already` : null,
    data: { state },
  };
}
