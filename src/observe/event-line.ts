// The form of an event in its file: one bounded line of JSON, read back with suspicion.

import type { EventDraft, EventKind, StreamEvent } from '../core/events.ts';

/** A line stays far below the block that readers take at once, whatever a program or a provider said. */
const longest = { message: 500, line: 300, evidence: 8, data: 40 } as const;

/** `redact` sees every text before it is cut: half a secret would pass. */
export function completeEvent(draft: EventDraft, seq: number, nowMs: number, redact: (text: string) => string): StreamEvent {
  const text = (value: string, most: number): string => cut(redact(value).replace(/[\r\n]+/g, ' '), most);
  const data = Object.entries(draft.data ?? {}).slice(0, longest.data);
  return {
    seq,
    at: new Date(nowMs).toISOString(),
    stream: draft.stream,
    kind: draft.kind,
    cause: draft.cause,
    message: text(draft.message, longest.message),
    evidence: (draft.evidence ?? []).slice(-longest.evidence).map((line) => text(line, longest.line)),
    action: draft.action === undefined || draft.action === null ? null : text(draft.action, longest.message),
    outcome: draft.outcome === undefined || draft.outcome === null ? null : text(draft.outcome, longest.message),
    data: Object.fromEntries(data.map(([name, value]) => [name, typeof value === 'string' ? text(value, longest.message) : value])),
  };
}

/** undefined for what is no event: half a line after a crash, a file that somebody edited. */
export function parseEvent(line: string): StreamEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  let value: Partial<Record<keyof StreamEvent, unknown>>;
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    return undefined;
  }
  const { seq, at, stream, kind, cause, message, evidence, action, outcome, data } = value;
  if (typeof seq !== 'number' || typeof at !== 'string' || typeof kind !== 'string' || Number.isNaN(Date.parse(at))) return undefined;
  return {
    seq,
    at,
    stream: typeof stream === 'string' ? stream : null,
    kind: kind as EventKind,
    cause: typeof cause === 'string' ? cause : '',
    message: typeof message === 'string' ? message : '',
    evidence: Array.isArray(evidence) ? evidence.filter((item): item is string => typeof item === 'string') : [],
    action: typeof action === 'string' ? action : null,
    outcome: typeof outcome === 'string' ? outcome : null,
    data: typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as StreamEvent['data']) : {},
  };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
