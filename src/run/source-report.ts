// What is known of a stream's sources, for people and programs: clocks turned into dates and seconds. Reads, never changes.

import type { StreamConfig } from '../core/config.ts';
import type { FailoverReport, SourceReport } from '../core/failover.ts';
import type { Order, StreamState } from '../core/status.ts';
import { betterThan, isBarred } from './failover/choose.ts';
import { neededGoodMs } from './failover/fail-back.ts';
import type { Moment } from './failover/saved.ts';
import type { FailoverPolicy, FailoverState } from './failover/state.ts';
import type { Providers } from './providers.ts';
import type { SourceAddresses } from './source-addresses.ts';

export interface ReportInput {
  readonly id: string;
  readonly order: Order;
  readonly phase: StreamState;
  readonly stream: StreamConfig;
  readonly state: FailoverState;
  readonly policy: FailoverPolicy;
  readonly providers: Pick<Providers, 'status'>;
  readonly addresses: Pick<SourceAddresses, 'held'>;
  readonly record: readonly string[];
  readonly waitsFor: string | null;
  readonly at: Moment;
}

export function reportSources(input: ReportInput): FailoverReport {
  const { id, order, phase, stream, state } = input;
  const own = new Set(stream.sources.map(({ provider }) => provider));
  return {
    schemaVersion: 1,
    id,
    order,
    state: phase,
    source: state.run?.source ?? state.next.source,
    forced: state.forced,
    waitsFor: input.waitsFor,
    sources: stream.sources.map((_, index) => reportOne(input, index)),
    providers: input.providers.status().filter(({ name }) => own.has(name)),
    record: input.record,
  };
}

function reportOne(input: ReportInput, index: number): SourceReport {
  const { stream, state, at } = input;
  const source = stream.sources[index];
  const health = state.sources[index];
  const now = at.monotonic;
  const date = (time: number | null | undefined): string | null =>
    time === null || time === undefined ? null : new Date(at.wall + time - now).toISOString();
  const wallDate = (time: number): string => new Date(time).toISOString();
  const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1000));
  const until = Math.max(health?.restUntil ?? -Infinity, health?.barredUntil ?? -Infinity);
  const isRun = state.run?.source === index;
  const held = source === undefined ? undefined : input.addresses.held(source);
  return {
    index,
    kind: source?.kind ?? 'test',
    url: source?.display ?? '',
    provider: source?.provider ?? null,
    condition: isRun
      ? state.run?.deliveringSince === null
        ? 'starting'
        : 'on-air'
      : isBarred(health, now)
        ? 'barred'
        : until > now
          ? 'resting'
          : 'ready',
    restSeconds: !isRun && until > now ? seconds(until - now) : null,
    failures: health?.failures ?? 0,
    lastGoodAt: isRun && state.run?.deliveringSince !== null ? wallDate(at.wall) : date(health?.goodAt),
    lastFailure:
      health?.cause === null || health === undefined
        ? null
        : { cause: health.cause, message: health.message ?? '', at: date(health.failedAt) ?? '' },
    failBack: reportFailBack(input, index, seconds),
    resolved: held === undefined ? null : { at: wallDate(held.at), expiresAt: held.expiresAt === null ? null : wallDate(held.expiresAt) },
  };
}

function reportFailBack(input: ReportInput, index: number, seconds: (ms: number) => number): SourceReport['failBack'] {
  const { state, policy, at } = input;
  const { run } = state;
  if (run === null || run.deliveringSince === null || policy.failBackAfterMs === undefined) return null;
  if (!betterThan(state, run.source).includes(index)) return null;
  const look = state.probing.find(({ source }) => source === index);
  return {
    goodSeconds: look === undefined || look.goodSince === null ? 0 : seconds(at.monotonic - look.goodSince),
    neededSeconds: seconds(neededGoodMs(state, policy)),
    nextProbeSeconds: look === undefined ? 0 : seconds(look.nextAt - at.monotonic),
    withoutConnection: look?.withoutSlot ?? false,
  };
}
