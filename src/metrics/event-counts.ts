// Counts events by stream and cause on their way to the record.

import type { EventDraft, EventKind, EventSink } from '../core/events.ts';

export interface EventCount {
  /** null: about the house. */
  readonly stream: string | null;
  readonly cause: string;
  readonly count: number;
}

export interface EventCounts {
  of(kind: EventKind): readonly EventCount[];
  /** Seconds from the last start of a job to its first segment, by stream. */
  readonly firstSegmentSeconds: ReadonlyMap<string, number>;
}

export interface CountingSink extends EventSink {
  readonly counts: EventCounts;
  /** A stream that left the list leaves the metrics. */
  forget(known: ReadonlySet<string>): void;
}

/** Causes are words of ours, but a bound keeps a slip from filling memory and Prometheus. */
const mostCauses = 40;

export function createCountingSink(sink: EventSink): CountingSink {
  const counts = new Map<EventKind, Map<string, { stream: string | null; cause: string; count: number }>>();
  const firstSegmentSeconds = new Map<string, number>();

  function count({ kind, stream, cause, data }: EventDraft): void {
    const ofKind = counts.get(kind) ?? new Map<string, { stream: string | null; cause: string; count: number }>();
    counts.set(kind, ofKind);
    const causes = [...ofKind.values()].filter((one) => one.stream === stream).length;
    const shown = ofKind.has(`${stream} ${cause}`) || causes < mostCauses ? cause : 'other';
    const entry = ofKind.get(`${stream} ${shown}`) ?? { stream, cause: shown, count: 0 };
    entry.count += 1;
    ofKind.set(`${stream} ${shown}`, entry);
    const seconds = data?.['afterSeconds'];
    if (kind === 'delivering' && stream !== null && typeof seconds === 'number') firstSegmentSeconds.set(stream, seconds);
  }

  return {
    counts: { of: (kind) => [...(counts.get(kind)?.values() ?? [])], firstSegmentSeconds },
    record(draft) {
      count(draft);
      sink.record(draft);
    },
    forget(known) {
      for (const ofKind of counts.values())
        for (const [key, { stream }] of ofKind) if (stream !== null && !known.has(stream)) ofKind.delete(key);
      for (const id of firstSegmentSeconds.keys()) if (!known.has(id)) firstSegmentSeconds.delete(id);
    },
  };
}
