// Option groups that several source kinds share.

import type { SourceConfig } from '../../core/config.ts';
import { option, step, type Step } from '../step.ts';
import { microseconds, schemeOf, type InputContext } from './input-kind.ts';

export const whitelists = {
  http: 'http,https,tcp,tls,crypto,httpproxy,data',
  rtmp: 'rtmp,rtmps,rtmpt,rtmpts,ffrtmphttp,http,https,tcp,tls',
  rtsp: 'rtsp,rtp,rtcp,udp,tcp,tls',
  rtp: 'rtp,rtcp,udp',
  srt: 'srt',
  udp: 'udp',
  file: 'file,crypto,data',
} as const;

export function whitelist(kind: keyof typeof whitelists): Step {
  return option(
    'protocol_whitelist',
    whitelists[kind],
    'a hostile playlist or redirect cannot make ffmpeg open local files or other protocols',
  );
}

/** Bounded probing, missing timestamps made up, broken packets dropped: what an endless TS needs for copying. */
export function livePackets(): readonly Step[] {
  return [
    option('fflags', '+genpts+discardcorrupt', 'make up missing timestamps and drop packets the demuxer knows to be broken'),
    ...boundedProbe(),
  ];
}

export function boundedProbe(): readonly Step[] {
  return [
    option('analyzeduration', 3_000_000, 'look at no more than 3 s of the source before starting'),
    option('probesize', 3_000_000, 'look at no more than 3 MB of the source before starting'),
  ];
}

/** Time-out, reconnects, identity: for everything that ffmpeg reads through its http protocol. */
export function httpOptions(context: InputContext): readonly Step[] {
  const { source, gate } = context;
  const { reconnect } = source;
  const scope = schemeOf(source.url) === 'https' ? 'https' : 'http';
  const steps: Step[] = [
    option(
      'rw_timeout',
      microseconds(reconnect.timeoutSeconds),
      `a read that brings nothing for ${reconnect.timeoutSeconds} s fails; the default waits for ever`,
    ),
  ];
  if (reconnect.enabled) {
    steps.push(
      ...gate.usual(scope, 'reconnect', 1, 'a connection cut in the middle is opened again in place'),
      ...gate.usual(scope, 'reconnect_streamed', 1, 'the same for live sources that cannot seek'),
      ...gate.usual(scope, 'reconnect_on_network_error', 1, 'the same when the first connect fails'),
      ...gate.usual(
        scope,
        'reconnect_on_http_error',
        '5xx,429',
        'the same for answers that mean "later"; a refusal (401, 403, 404) ends the job at once',
      ),
      ...gate.usual(
        scope,
        'reconnect_delay_max',
        reconnect.maxDelaySeconds,
        'the longest single wait; longer ones belong to the supervisor',
      ),
    );
  }
  return [...steps, ...identity(context, scope)];
}

function identity(context: InputContext, scope: string): readonly Step[] {
  const { source, gate } = context;
  return [
    ...(source.userAgent === undefined ? [] : gate.usual(scope, 'user_agent', oneLine(source.userAgent), 'user agent of streams.yaml')),
    ...(source.referer === undefined ? [] : gate.usual(scope, 'referer', oneLine(source.referer), 'referer of streams.yaml')),
    ...headers(source),
  ];
}

/** Header values whose meaning is public; any other value may be a credential and is never shown. */
const publicHeaders = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'connection',
  'host',
  'icy-metadata',
  'origin',
  'range',
  'referer',
  'user-agent',
]);

function headers(source: SourceConfig): readonly Step[] {
  const entries = Object.entries(source.headers);
  if (entries.length === 0) return [];
  const text = (shown: boolean): string =>
    entries
      .map(([name, value]) => `${oneLine(name)}: ${shown && !publicHeaders.has(name.toLowerCase()) ? '***' : oneLine(value)}\r\n`)
      .join('');
  return [step(['-headers', text(false)], 'headers of streams.yaml', ['-headers', text(true)])];
}

/** A line break would end a header and start another one. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').trim();
}

/** Tells when streams.yaml asks for what a protocol cannot carry. */
export function unusedIdentity(source: SourceConfig, carries: { readonly userAgent: boolean }): readonly string[] {
  const unused = [
    ...(Object.keys(source.headers).length > 0 ? ['headers'] : []),
    ...(source.referer === undefined ? [] : ['referer']),
    ...(source.userAgent === undefined || carries.userAgent ? [] : ['user agent']),
  ];
  return unused.length === 0 ? [] : [`${unused.join(', ')}: not used, a ${source.kind} source has no place for it`];
}
