// Streams as `config` would make them, with everything filled in.

import type { OutputConfig, SourceConfig, SourceKind, StreamConfig } from '../../src/core/config.ts';

export function sourceOf(kind: SourceKind, url: string, more: Partial<SourceConfig> = {}): SourceConfig {
  return {
    kind,
    url,
    display: url,
    headers: {},
    reconnect: { enabled: true, maxDelaySeconds: 4, timeoutSeconds: 10 },
    inputOptions: {},
    ...more,
  };
}

export function streamOf(source: SourceConfig, output: Partial<OutputConfig> = {}, id = 'news'): StreamConfig {
  return {
    id,
    name: id,
    sources: [source],
    output: { segmentSeconds: 2, windowSegments: 10, video: 'auto', audio: 'auto', ...output },
    restart: { minDelayMs: 1000, maxDelayMs: 60_000, stableAfterMs: 60_000 },
    slate: { enabled: true },
    failover: { retries: 1, windowMs: 60_000, cooldownMs: 30_000, pauseMs: 1000, failBackAfterMs: 120_000 },
    enabled: true,
    tags: [],
  };
}

/** A channel with HTTP-TS sources. */
export function channelOf(id: string, ...urls: readonly string[]): StreamConfig {
  const sources = (urls.length === 0 ? [`http://tv.example/${id}.ts`] : urls).map((url) => sourceOf('http-ts', url));
  return { ...streamOf(sourceOf('http-ts', 'http://tv.example/x.ts'), {}, id), sources };
}
