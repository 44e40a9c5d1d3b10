// The shape of a metric: what it is called, what it means, and how its values come out of a snapshot.

import type { StreamStatus } from '../core/status.ts';
import type { MetricsSnapshot } from './snapshot.ts';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricDefinition {
  /** With its unit; counters end in `_total` (prometheus.io/docs/practices/naming). */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: (snapshot: MetricsSnapshot) => Iterable<Sample>;
}

/** Streams are told apart by id and group, never by address. */
export const streamLabels = ['stream', 'group'] as const;

export function labelsOf(stream: Pick<StreamStatus, 'id' | 'group'>): Readonly<Record<string, string>> {
  return { stream: stream.id, group: stream.group ?? '' };
}

/** One sample per stream, none where the value is not known. */
export function perStream(value: (stream: StreamStatus, snapshot: MetricsSnapshot) => number | null | undefined): MetricDefinition['read'] {
  return function* (snapshot) {
    for (const stream of snapshot.status.streams) {
      const found = value(stream, snapshot);
      if (typeof found === 'number' && Number.isFinite(found)) yield { labels: labelsOf(stream), value: found };
    }
  };
}

/** 1 for the state it is in, 0 for all others: a state set, as OpenMetrics calls it. */
export function stateSet(
  label: string,
  states: readonly string[],
  state: (stream: StreamStatus) => string | undefined,
): MetricDefinition['read'] {
  return function* ({ status }) {
    for (const stream of status.streams) {
      const found = state(stream);
      if (found === undefined) continue;
      const labels = labelsOf(stream);
      for (const one of states) yield { labels: { ...labels, [label]: one }, value: one === found ? 1 : 0 };
    }
  };
}
