// Metrics of what all streams share: supervisor, providers, nginx, disk.

import { edgeStatus } from './edge-status.ts';
import { labelsOf, type MetricDefinition } from './metric.ts';
import type { MetricsSnapshot } from './snapshot.ts';

function one(value: (snapshot: MetricsSnapshot) => number | null | undefined): MetricDefinition['read'] {
  return function* (snapshot) {
    const found = value(snapshot);
    if (typeof found === 'number') yield { labels: {}, value: found };
  };
}

function gauge(name: string, help: string, value: Parameters<typeof one>[0]): MetricDefinition {
  return { name, type: 'gauge', help, labels: [], read: one(value) };
}

function counter(name: string, help: string, value: Parameters<typeof one>[0]): MetricDefinition {
  return { name, type: 'counter', help, labels: [], read: one(value) };
}

function perProvider(
  name: string,
  help: string,
  value: (provider: NonNullable<MetricsSnapshot['status']['providers']>[number]) => number | null,
): MetricDefinition {
  return {
    name,
    type: 'gauge',
    help,
    labels: ['provider'],
    *read({ status }) {
      for (const provider of status.providers ?? []) {
        const found = value(provider);
        if (found !== null) yield { labels: { provider: provider.name }, value: found };
      }
    },
  };
}

export const houseMetrics: readonly MetricDefinition[] = [
  {
    name: 'iptv_stream_info',
    type: 'gauge',
    help: 'Always 1; says what a stream is made of, to be joined with the others.',
    labels: ['stream', 'group', 'source_kind', 'provider'],
    *read({ status }) {
      for (const stream of status.streams)
        yield {
          labels: { ...labelsOf(stream), source_kind: stream.source.kind, provider: stream.source.provider ?? '' },
          value: 1,
        };
    },
  },
  gauge(
    'iptv_list_in_force',
    '1 while streams.yaml is in force, 0 while the list of before stands in for it: it could not be used when the supervisor started.',
    ({ status }) => (status.supervisor.listProblem === undefined ? 1 : 0),
  ),
  perProvider('iptv_provider_connections', 'Connections in use: jobs, probes, and those closed a moment ago.', ({ inUse }) => inUse),
  perProvider('iptv_provider_connections_limit', 'How many the provider allows.', ({ limit }) => limit),
  perProvider('iptv_provider_waiting_streams', 'Streams that wait for a free connection.', ({ waiting }) => waiting),
  {
    name: 'iptv_supervisor_info',
    type: 'gauge',
    help: 'Always 1; version and runtime.',
    labels: ['version', 'runtime'],
    *read({ status: { supervisor } }) {
      yield { labels: { version: supervisor.version, runtime: supervisor.runtime }, value: 1 };
    },
  },
  gauge(
    'iptv_supervisor_start_time_seconds',
    'When the supervisor started, as Unix time.',
    ({ status }) => Date.parse(status.supervisor.startedAt) / 1000,
  ),
  gauge('iptv_supervisor_resident_memory_bytes', 'Memory of the supervisor.', ({ supervisor }) => supervisor.residentBytes),
  counter('iptv_supervisor_cpu_seconds_total', 'CPU time of the supervisor.', ({ supervisor }) => supervisor.cpuSeconds),
  gauge('iptv_supervisor_event_loop_lag_seconds', 'How late timers are, on average.', ({ supervisor }) => supervisor.loopLagMeanSeconds),
  gauge(
    'iptv_supervisor_event_loop_lag_max_seconds',
    'How late a timer was at worst since the last scrape.',
    ({ supervisor }) => supervisor.loopLagMaxSeconds,
  ),
  gauge('iptv_nginx_up', '1 while nginx answers.', ({ status }) => (status.origin.answers ? 1 : 0)),
  counter('iptv_nginx_restarts_total', 'Restarts of nginx by the supervisor (local runtime).', ({ status }) =>
    status.origin.state === 'external' ? undefined : status.origin.restarts,
  ),
  {
    name: 'iptv_nginx_http_responses_total',
    type: 'counter',
    help: 'Answers to requests below /live and /hls, by class of status.',
    labels: ['code'],
    *read({ audience }) {
      for (const [code, value] of audience.responses) yield { labels: { code }, value };
    },
  },
  counter('iptv_nginx_http_sent_bytes_total', 'Bytes of those answers.', ({ audience }) => audience.sentBytes),
  {
    name: 'iptv_edge_requests_total',
    type: 'counter',
    help: 'Answers of the edge to its viewers, by what its cache did: hit, miss, expired, stale, updating, pass. Hits, stale and updating came from the cache.',
    labels: ['cache'],
    *read({ audience }) {
      for (const [cache, { requests }] of audience.edge) yield { labels: { cache }, value: requests };
    },
  },
  {
    name: 'iptv_edge_sent_bytes_total',
    type: 'counter',
    help: 'Bytes of those answers.',
    labels: ['cache'],
    *read({ audience }) {
      for (const [cache, { sentBytes }] of audience.edge) yield { labels: { cache }, value: sentBytes };
    },
  },
  {
    name: 'iptv_edge_hit_ratio',
    type: 'gauge',
    help: 'Part of those answers that came from the cache, since the supervisor came up; for a shorter time take the rates of the counters.',
    labels: [],
    *read({ audience }) {
      const edge = edgeStatus(audience);
      if (edge !== undefined) yield { labels: {}, value: edge.hitRatio };
    },
  },
  gauge('iptv_hls_volume_free_bytes', 'Free space on the file system of the HLS folder.', ({ volume }) => volume?.freeBytes),
  gauge('iptv_hls_volume_size_bytes', 'Size of that file system.', ({ volume }) => volume?.totalBytes),
];
