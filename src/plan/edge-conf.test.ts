import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Config, EdgeConfig } from '../core/config.ts';
import { cacheLimits, edgeValues, upstreamServers, type EdgePlace } from './edge-conf.ts';
import { renderNginxConf } from './nginx-conf.ts';

const docker = join(import.meta.dirname, '../../docker');
const mib = 1024 ** 2;
const edge: EdgeConfig = { port: 8089, upstreams: [], memoryBytes: 256e6, diskBytes: 1e9, popularFrom: 3 };
const place: EdgePlace = {
  memoryDirectory: '/dev/shm/edge',
  memoryTotalBytes: 8000 * mib,
  diskDirectory: '/var/lib/iptv/edge',
  diskTotalBytes: 100_000 * mib,
  socket: '/run/edge.sock',
  servers: ['127.0.0.1:8088'],
  host: '127.0.0.1:8088',
  accessLog: 'syslog:server=127.0.0.1:8088,nohostname,tag=iptv',
};

function configOf(segmentSeconds: number, windowSegments = 10): Config {
  const server: Config['server'] = {
    runtime: 'local',
    publicUrl: 'http://localhost:8088',
    hlsDirectory: '/tmp/hls',
    permissions: 'compat',
    ports: { rtmp: 1935, http: 8000, publicHttp: 8088 },
    segmentSeconds,
    windowSegments,
    edge,
  };
  return { path: '/etc/iptv/streams.yaml', secrets: [], streams: [], server };
}

const valuesOf = (segmentSeconds: number, more: Partial<EdgeConfig> = {}) =>
  edgeValues(configOf(segmentSeconds), { ...edge, ...more }, place);

describe('edgeValues', () => {
  it('say what the template asks for, and nothing else', () => {
    const template = readFileSync(join(docker, 'edge/edge.conf.template'), 'utf8');
    const asked = new Set(Array.from(template.matchAll(/\$\{(IPTV_[A-Z_]+)\}/g), ([, name]) => name ?? ''));
    expect([...asked].sort()).toEqual(Object.keys(valuesOf(2)).sort());
    expect(renderNginxConf(template, valuesOf(2))).not.toContain('${IPTV');
  });

  it.each([
    [1, '"~^(?<iptv_edge_now>[0-9]+)" "@$iptv_edge_now";', '1'],
    [2, '"~^(?<iptv_edge_now>[0-9]+)" "@$iptv_edge_now";', '1'],
    [6, 'default 1;', '2'],
    [10, 'default 2;', '3'],
  ])('hold a playlist for a third of a segment of %d s', (seconds, holds, revalidate) => {
    const values = valuesOf(seconds);
    expect([values.IPTV_EDGE_HOLDS, values.IPTV_EDGE_REVALIDATE]).toEqual([holds, revalidate]);
  });

  it('follow the shortest segment of any stream', () => {
    const stream = { output: { segmentSeconds: 2, windowSegments: 30 } } as Config['streams'][number];
    const values = edgeValues({ ...configOf(10), streams: [stream] }, edge, place);
    expect([values.IPTV_EDGE_REVALIDATE, values.IPTV_EDGE_OTHERS_STAY]).toEqual(['1', '110s']);
  });

  it.each([
    [1, 2, '30r/m', 'burst=17 delay=2'],
    [3, 2, '150r/m', 'burst=81 delay=6'],
    [100, 6, '1990r/m', 'burst=1195 delay=200'],
  ])('call a channel popular from %d viewers on', (popularFrom, seconds, rate, burst) => {
    const values = valuesOf(seconds, { popularFrom });
    expect([values.IPTV_EDGE_POPULAR_RATE, values.IPTV_EDGE_POPULAR_BURST]).toEqual([rate, burst]);
  });

  it('log nowhere when nobody listens', () => {
    expect(edgeValues(configOf(2), edge, { ...place, accessLog: undefined }).IPTV_EDGE_ACCESS_LOG).toBe('access_log off;');
  });

  it('refuse a path that would break out of its quotes', () => {
    expect(() => edgeValues(configOf(2), edge, { ...place, diskDirectory: '/a"b' })).toThrow('cannot be given the path');
  });
});

describe('the limits of a cache', () => {
  it.each([
    ['a large disk', 1e9, 100_000 * mib, { sizeBytes: 1e9, minFreeBytes: 256 * mib, reserveBytes: 128 * mib }],
    ['a small one', 1e9, 64 * mib, { sizeBytes: 40 * mib, minFreeBytes: 16 * mib, reserveBytes: 8 * mib }],
  ])('leave room on %s', (_what, asked, total, limits) => {
    expect(cacheLimits(asked, total)).toEqual(limits);
  });
});

it.each([
  [[], 'server 127.0.0.1:9 down;'],
  [['10.0.0.1:80'], 'server 10.0.0.1:80 max_fails=2 fail_timeout=5s;'],
  [['10.0.0.1:80', '[::1]:81'], 'server 10.0.0.1:80 max_fails=2 fail_timeout=5s; server [::1]:81 max_fails=2 fail_timeout=5s backup;'],
])('asks the servers %j in this order', (servers, text) => {
  expect(upstreamServers(servers)).toBe(text);
});
