// One stream unit as the status document shows it. Reads, never changes.

import { legPlaylistName } from '../core/ids.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { ClockPort } from '../core/ports.ts';
import type { ChannelStatus, LegStatus, StreamStatus } from '../core/status.ts';
import { renditionStatus } from './rendition-status.ts';
import { stallBoundMs } from './stall.ts';
import type { LegWatch } from './leg-watch.ts';
import type { StreamUnit } from './unit.ts';

export function streamStatus(unit: StreamUnit, channel: ChannelStatus | undefined, endpoints: Endpoints, clock: ClockPort): StreamStatus {
  const stream = unit.stream();
  const life = unit.process.lifecycle();
  const alive = unit.process.alive();
  const plan = unit.plan();
  const sourceIndex = unit.sources.index();
  const source = unit.sources.effective(stream).sources[sourceIndex] ?? stream.sources[0];
  const progress = alive === undefined ? undefined : unit.output.progress();
  const legs = {
    primary: legStatus(unit.legs.primary, unit.id, endpoints, clock, stream.output.segmentSeconds),
    backup: legStatus(unit.legs.backup, unit.id, endpoints, clock, stream.output.segmentSeconds),
  };
  const retryAt = unit.process.nextRetryAtMs();
  return {
    id: unit.id,
    name: stream.name,
    order: unit.demand.order(),
    state: life.phase === 'stopped' && unit.demand.isIdle() ? 'idle' : life.phase,
    stage: unit.stage(),
    pid: alive?.pid ?? null,
    startedAt: alive === undefined ? null : new Date(alive.startedAtMs).toISOString(),
    uptimeSeconds: alive === undefined ? null : Math.max(0, Math.round((clock.now() - alive.startedAtMs) / 1000)),
    restarts: life.restarts,
    nextRetrySeconds: retryAt === undefined ? null : Math.max(0, Math.round((retryAt - clock.now()) / 1000)),
    lastFailure: unit.lastFailure(),
    source: {
      index: sourceIndex,
      kind: source?.kind ?? '',
      url: source?.display ?? '',
      count: stream.sources.length,
      provider: source?.provider ?? null,
    },
    video: alive === undefined ? null : (plan?.video ?? null),
    audio: alive === undefined ? null : (plan?.audio ?? null),
    fps: progress?.fps ?? null,
    speed: progress?.speed ?? null,
    bitrateBps: alive === undefined ? null : (legs.backup.bitrateBps ?? legs.primary.bitrateBps),
    legs,
    ...renditionStatus(unit, endpoints, clock),
    ...(channel === undefined ? {} : { channel }),
    url: channel?.url ?? legs.primary.url,
    enabled: stream.enabled,
    tags: stream.tags,
    group: stream.group ?? null,
    definition: unit.definition(),
  };
}

function legStatus(watch: LegWatch, id: string, endpoints: Endpoints, clock: ClockPort, segmentSeconds: number): LegStatus {
  // Of a ladder, the best rung's.
  const playlist = legPlaylistName(watch.parts()[0]?.id ?? id, watch.leg);
  const url = `${endpoints.publicHlsUrl}/${playlist}`;
  const { head, changedAt, bitrateBps } = watch.view();
  const ageMs = changedAt === undefined ? undefined : clock.monotonic() - changedAt;
  const ageSeconds = ageMs === undefined ? null : Math.round(ageMs / 100) / 10;
  if (head === undefined || ageMs === undefined) {
    return { state: 'missing', playlist, ageSeconds, mediaSequence: null, segments: 0, bitrateBps: null, url };
  }
  const bound = stallBoundMs({ segmentSeconds, targetDurationSeconds: head.targetDurationSeconds, configuredMs: undefined });
  return {
    state: ageMs <= bound ? 'fresh' : 'stale',
    playlist,
    ageSeconds,
    mediaSequence: head.mediaSequence,
    segments: head.segments,
    bitrateBps: bitrateBps ?? null,
    url,
  };
}
