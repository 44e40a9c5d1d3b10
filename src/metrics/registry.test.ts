import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

import { statusOf } from '../../tests/fakes/command-context.ts';
import { snapshotOf } from '../../tests/fakes/metrics-snapshot.ts';
import { createMetricsRegistry, metricDefinitions } from './registry.ts';

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe('the metrics', () => {
  it('are text with one line per value', async () => {
    const { contentType, text } = await createMetricsRegistry().expose(snapshotOf(), '');
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const line of [
      'iptv_stream_ordered{stream="news",group="tv"} 1',
      'iptv_stream_verdict{stream="news",group="tv",verdict="healthy"} 1',
      'iptv_stream_verdict{stream="news",group="tv",verdict="source-dead"} 0',
      'iptv_stream_restarts_total{stream="news",group="tv",cause="auth"} 2',
      'iptv_stream_first_segment_seconds{stream="news",group="tv"} 2.5',
      'iptv_leg_segment_age_seconds{stream="news",group="tv",leg="backup"} 0.4',
      'iptv_leg_bytes_per_second{stream="news",group="tv",leg="primary"} 300000',
      'iptv_job_cpu_seconds_total{stream="news",group="tv"} 12.5',
      'iptv_channel_viewers{stream="news",group="tv"} 1',
      'iptv_channel_sent_bytes_total{stream="news",group="tv"} 1500',
      'iptv_provider_connections_limit{provider="acme"} 2',
      'iptv_rtmp_received_bytes_total{stream="news",group="tv"} 5000',
      'iptv_supervisor_info{version="1.2.3",runtime="local"} 1',
      'iptv_nginx_up 1',
      'iptv_edge_requests_total{cache="hit"} 1',
      'iptv_edge_hit_ratio 1',
    ])
      expect(text.split('\n')).toContain(line);
  });

  it('are OpenMetrics where that is asked for', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
    const { contentType, text } = await createMetricsRegistry().expose(snapshotOf(), accept);
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(text.endsWith('# EOF\n')).toBe(true);
  });

  it('leave out what is not known, and what is gone', async () => {
    const registry = createMetricsRegistry();
    await registry.expose(snapshotOf(), '');
    const { text } = await registry.expose({ ...snapshotOf(), jobs: new Map(), rtmp: new Map(), volume: null }, '');
    expect(text).not.toMatch(/^iptv_(?:job_cpu|rtmp_received|rtmp_publishing|hls_volume_free_bytes)\S* /m);
    const { text: empty } = await registry.expose(snapshotOf([]), '');
    expect(empty).not.toContain('stream="');
  });

  it('name no address and no secret', async () => {
    const source = { index: 0, kind: 'http-ts', url: 'http://tv.example.com/live/joe/s3cret/1.ts', count: 1, provider: null };
    const { text } = await createMetricsRegistry().expose(snapshotOf([{ ...statusOf('news'), source }]), '');
    expect(text).not.toMatch(/s3cret|example\.com|:\/\//);
  });

  it('follow the conventions of Prometheus', () => {
    for (const { name, type, help, labels } of metricDefinitions) {
      expect(name).toMatch(/^iptv_[a-z]+(?:_[a-z]+)+$/);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      expect(help).toMatch(/^\S.{8,}\.$/);
      for (const label of labels) expect(label).toMatch(/^[a-z_]+$/);
    }
    expect(new Set(metricDefinitions.map(({ name }) => name)).size).toBe(metricDefinitions.length);
  });

  it.skipIf(!hasPromtool)('pass promtool check metrics', async () => {
    const { text } = await createMetricsRegistry().expose(snapshotOf(), '');
    expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('');
  });

  it('are bounded: so many lines per stream, whatever happens', async () => {
    const streams = Array.from({ length: 200 }, (_, index) => statusOf(`ch${index}`));
    const { text } = await createMetricsRegistry().expose(snapshotOf(streams), '');
    expect(text.split('\n').length).toBeLessThan(200 * 60 + 500);
  });
});
