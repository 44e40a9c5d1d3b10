import { describe, expect, it } from 'vitest';

import { sourceOf, streamOf } from '../../../tests/helpers/streams.ts';
import type { SourceConfig, SourceKind } from '../../core/config.ts';
import type { ChannelStatus } from '../../core/status.ts';
import { createProviders } from '../providers.ts';
import { whyNotBridge, type Crossable } from './why-not.ts';

const live: ChannelStatus = { state: 'live', leg: 'primary', ageSeconds: 1, mediaSequence: 1, discontinuitySequence: 0, url: '' };

function input(source: SourceConfig, more: Partial<Crossable> = {}): Crossable {
  const providers = createProviders({ monotonic: () => 0, after: () => () => undefined }, [
    { name: 'tv', maxConnections: 2, releaseDelayMs: 0 },
    { name: 'open', releaseDelayMs: 0 },
  ]);
  const rest = { verdict: undefined, channel: live, segmentSeconds: 2, standing: 0, providers };
  return { asked: true, stream: streamOf(source), source, isRunning: true, ...rest, ...more };
}

const why = (kind: SourceKind, url: string, provider?: string): string | undefined =>
  whyNotBridge(input(sourceOf(kind, url, provider === undefined ? {} : { provider })));

describe('whyNotBridge', () => {
  it('needs a provider that is known to have a connection free', () => {
    const source = sourceOf('http-ts', 'http://tv.example/a.ts', { provider: 'tv' });
    const given = input(source);
    const providers = given.providers as ReturnType<typeof createProviders>;
    providers.take('tv', 'news');
    expect(whyNotBridge(given)).toBeUndefined();
    providers.take('tv', 'sport');
    expect(whyNotBridge(given)).toBe('provider tv has no free connection: 2 of 2 in use');
    expect(why('hls', 'http://tv.example/a.m3u8', 'open')).toBeUndefined();
    expect(why('hls', 'http://tv.example/a.m3u8')).toContain('names no provider');
  });

  it.each<[SourceKind, string, string | undefined]>([
    ['file', '/clips/a.ts', undefined],
    ['udp', 'udp://239.1.2.3:5000', undefined],
    ['udp', 'udp://@239.1.2.3:5000?localaddr=10.0.0.1', undefined],
    ['rtp', 'rtp://[ff15::1]:5000', undefined],
    ['udp', 'udp://0.0.0.0:5000', 'only one job can receive a unicast stream'],
    ['udp', 'udp://127.0.0.1:5000', 'only one job can receive a unicast stream'],
    ['rtp', 'rtp://[2001:db8::1]:5000', 'only one job can receive a unicast stream'],
    ['srt', 'srt://0.0.0.0:9000?mode=listener', 'only one job can listen on its port'],
    ['test', 'test:', 'a test picture begins anew with each job'],
  ])('%s %s', (kind, url, expected) => {
    expect(why(kind, url)).toBe(expected);
  });

  it('is for streams that are well, when it is wanted, and for a few at a time', () => {
    const source = sourceOf('file', '/clips/a.ts');
    const refused = (more: Partial<Crossable>): string | undefined => whyNotBridge(input(source, more));
    const stream = streamOf(source);
    expect(refused({ asked: false })).toBe('not asked for (--no-seamless)');
    expect(refused({ stream: { ...stream, restart: { ...stream.restart, seamless: 'off' } } })).toBe('restart.seamless is off');
    for (const unwell of [
      { isRunning: false },
      { channel: undefined },
      { channel: { ...live, ageSeconds: 6 } },
      { channel: { ...live, state: 'slate' as const } },
    ]) {
      expect(refused(unwell)).toContain('not well');
    }
    const renditions = [{ name: 'low', height: 240, videoBitrate: 400_000, audioBitrate: 64_000 }] as unknown as NonNullable<
      typeof stream.renditions
    >;
    expect(refused({ stream: { ...stream, renditions } })).toContain('renditions');
    expect(refused({ standing: 10 })).toContain('10 restarts');
  });
});
