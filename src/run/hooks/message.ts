// What a hook sends: one JSON document, and the same as environment variables for commands. Pure. docs/hooks.md describes it.

import type { StreamEvent } from '../../core/events.ts';
import { houseVerdicts } from '../../core/verdict.ts';
import type { Notice } from './alarms.ts';

export interface HookMessage {
  readonly schemaVersion: 1;
  readonly kind: 'alarm' | 'recovered' | 'event' | 'test';
  readonly hook: string;
  /** RFC 3339. */
  readonly at: string;
  /** One line for people; chat services such as Slack and Mattermost show just this. */
  readonly text: string;
  readonly verdict: string | null;
  readonly layer: string | null;
  /** RFC 3339: since when; for `recovered`, since when it had been so. */
  readonly since: string | null;
  /** How many streams; the list is cut after a hundred. */
  readonly count: number;
  readonly streams: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly reason: string;
    readonly evidence: readonly string[];
  }[];
  readonly event: StreamEvent | null;
}

const mostStreams = 100;
const mostNamed = 5;

export function noticeMessage(hook: string, notice: Notice, nowMs: number): HookMessage {
  const [first] = notice.streams;
  const ids = notice.streams.map(({ id }) => id);
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(notice.since)) / 1000));
  // One cause for all: its own words. Else each stream has its own.
  const isOne = ids.length === 1 || houseVerdicts.has(notice.verdict);
  const reason = isOne && first !== undefined ? `: ${first.verdict.reason}` : '';
  const text =
    notice.kind === 'recovered'
      ? `${named(ids)}: ${notice.verdict} is over after ${seconds} s`
      : `${named(ids)}: ${notice.verdict}${reason}`;
  return {
    schemaVersion: 1,
    kind: notice.kind,
    hook,
    at: new Date(nowMs).toISOString(),
    text,
    verdict: notice.verdict,
    layer: notice.kind === 'recovered' ? null : (first?.verdict.layer ?? null),
    since: notice.since,
    count: ids.length,
    streams: notice.streams
      .slice(0, mostStreams)
      .map(({ id, verdict }) => ({ id, verdict: verdict.name, reason: verdict.reason, evidence: verdict.evidence })),
    event: null,
  };
}

export function eventMessage(hook: string, event: StreamEvent): HookMessage {
  const streams = event.stream === null ? [] : [{ id: event.stream, verdict: '', reason: event.message, evidence: event.evidence }];
  return {
    schemaVersion: 1,
    kind: 'event',
    hook,
    at: event.at,
    text: `${event.stream ?? 'iptv'}: ${event.message}`,
    verdict: null,
    layer: null,
    since: null,
    count: streams.length,
    streams,
    event,
  };
}

export function testMessage(hook: string, nowMs: number): HookMessage {
  return {
    schemaVersion: 1,
    kind: 'test',
    hook,
    at: new Date(nowMs).toISOString(),
    text: 'iptv: this is a test; nothing is wrong',
    verdict: null,
    layer: null,
    since: null,
    count: 0,
    streams: [],
    event: null,
  };
}

export function messageEnvironment(message: HookMessage): Readonly<Record<string, string>> {
  return {
    IPTV_HOOK: message.hook,
    IPTV_KIND: message.kind,
    IPTV_TEXT: message.text,
    IPTV_VERDICT: message.verdict ?? '',
    IPTV_LAYER: message.layer ?? '',
    IPTV_SINCE: message.since ?? '',
    IPTV_COUNT: String(message.count),
    IPTV_STREAM: message.streams[0]?.id ?? '',
    IPTV_STREAMS: message.streams.map(({ id }) => id).join(' '),
    IPTV_EVENT: message.event?.kind ?? '',
    IPTV_CAUSE: message.event?.cause ?? '',
  };
}

function named(ids: readonly string[]): string {
  if (ids.length <= mostNamed) return ids.join(', ');
  return `${ids.length} streams (${ids.slice(0, mostNamed).join(', ')} ...)`;
}
