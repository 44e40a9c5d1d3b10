// A snapshot for the metrics, with one of everything.

import type { StreamStatus } from '../../src/core/status.ts';
import { createAudienceCounter } from '../../src/metrics/audience.ts';
import { createCountingSink } from '../../src/metrics/event-counts.ts';
import type { MetricsSnapshot } from '../../src/metrics/snapshot.ts';
import { documentOf, statusOf } from './command-context.ts';

export function snapshotOf(
  streams: readonly StreamStatus[] = [
    {
      ...statusOf('news'),
      group: 'tv',
      verdict: { name: 'healthy', layer: null, reason: '', evidence: [], since: '2026-01-01T12:00:00.000Z' },
    },
  ],
): MetricsSnapshot {
  const sink = createCountingSink({ record: () => undefined });
  const audience = createAudienceCounter({ now: () => 0, salt: '', isKnown: () => true });
  for (const { id } of streams) {
    for (const kind of ['job-failed', 'source-switched', 'leg-switched', 'content', 'order', 'slate-on'] as const)
      for (let count = 0; count < 2; count += 1) sink.record({ stream: id, kind, cause: 'auth', message: '' });
    sink.record({ stream: id, kind: 'delivering', cause: 'first-segment', message: '', data: { afterSeconds: 2.5 } });
    audience.take(`<190>Jan  1 12:00:00 iptv: 10.0.0.1|200|1000|/live/${id}/index.m3u8|VLC`);
    audience.take(`<190>Jan  1 12:00:00 iptv: 10.0.0.1|200|500|/live/${id}/${id}-5.ts|VLC`);
    audience.take('<190>Jan  1 12:00:00 iptv: @HIT|10.0.0.1|200|50|/live/|VLC');
  }
  const job = { cpuSeconds: 12.5, residentBytes: 30_000_000, droppedFrames: 3, dtsErrors: 1 };
  return {
    status: { ...documentOf(streams), providers: [{ name: 'acme', inUse: 1, limit: 2, waiting: 0 }] },
    jobs: new Map(streams.map(({ id }) => [id, job])),
    rtmp: new Map(streams.map(({ id }) => [id, { receivedBytes: 5000, sentBytes: 10, isPublishing: true }])),
    counts: sink.counts,
    audience: audience.audience(),
    supervisor: { cpuSeconds: 1, residentBytes: 7e7, loopLagMeanSeconds: 0.001, loopLagMaxSeconds: 0.01 },
    volume: { freeBytes: 1e9, totalBytes: 2e9 },
  };
}
