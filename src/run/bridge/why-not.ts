// Whether a restart may be carried over a second connection, and if not, why: in words for the user. Pure.

import type { SourceConfig, StreamConfig } from '../../core/config.ts';
import type { ChannelStatus } from '../../core/status.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Providers } from '../providers.ts';

export interface Crossable {
  /** The order says that it may. */
  readonly asked: boolean;
  readonly stream: StreamConfig;
  readonly source: SourceConfig | undefined;
  readonly isRunning: boolean;
  readonly verdict: Verdict | undefined;
  readonly channel: ChannelStatus | undefined;
  readonly segmentSeconds: number;
  /** Bridges that stand already. */
  readonly standing: number;
  readonly providers: Pick<Providers, 'slotsFree' | 'limit' | 'holders'>;
}

/** So many restarts are carried at the same time: each one costs a job more for a quarter of a minute. */
const mostAtOnce = 10;

/** undefined: it may. */
export function whyNotBridge(input: Crossable): string | undefined {
  const { stream, source, providers } = input;
  if (!input.asked) return 'not asked for (--no-seamless)';
  if (stream.restart.seamless === 'off') return 'restart.seamless is off';
  if (stream.renditions !== undefined) return 'it has renditions: a second job would encode all of them once more';
  if (!isWell(input) || source === undefined) return 'it was not well, so it was restarted at once';
  const impossible = onlyOnce(source);
  if (impossible !== undefined) return impossible;
  if (input.standing >= mostAtOnce) return `${input.standing} restarts are carried over second connections already`;
  const { provider } = source;
  if (provider === undefined) {
    return ['http-ts', 'hls', 'rtmp', 'rtsp', 'srt'].includes(source.kind)
      ? 'its source names no provider, so nobody knows whether it allows a second connection'
      : undefined;
  }
  if (providers.slotsFree(provider) > 0) return undefined;
  return `provider ${provider} has no free connection: ${providers.holders(provider).length} of ${providers.limit(provider)} in use`;
}

function isWell({ isRunning, verdict, channel, segmentSeconds }: Crossable): boolean {
  if (!isRunning || channel?.state !== 'live') return false;
  if (verdict !== undefined && verdict.name !== 'healthy') return false;
  return (channel.ageSeconds ?? Infinity) <= 2.5 * segmentSeconds;
}

/** A second reader would take the first one's packets, find the port taken, or show another picture anyway. */
function onlyOnce({ kind, url }: SourceConfig): string | undefined {
  if (kind === 'test') return 'a test picture begins anew with each job';
  if ((kind === 'udp' || kind === 'rtp') && !isMulticast(url)) return 'only one job can receive a unicast stream';
  if (kind === 'srt' && /[?&]mode=(listener|rendezvous)\b/.test(url)) return 'only one job can listen on its port';
  if (/[?&]listen(=|&|$)/.test(url)) return 'only one job can listen on its port';
  return undefined;
}

/** 224.0.0.0/4 (RFC 5771) and ff00::/8 (RFC 4291 2.7); ffmpeg shares the port of such groups by itself (udp.c, `reuse`). */
function isMulticast(url: string): boolean {
  const host = /^[a-z]+:\/\/(?:[^/?#@]*@)?(\[[^\]]+\]|[^:/?#]+)/i.exec(url)?.[1] ?? '';
  if (host.startsWith('[')) return /^\[ff/i.test(host);
  const first = Number(host.split('.')[0]);
  return first >= 224 && first <= 239;
}
