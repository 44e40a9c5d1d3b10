// The verdicts of all streams: gathers witnesses within the sweep, judges, and tells changes as events, one for what hits all.

import type { EventSink } from '../core/events.ts';
import type { Endpoints } from '../core/job-plan.ts';
import { channelPlaylistName } from '../core/ids.ts';
import type { Ports } from '../core/ports.ts';
import type { ChannelStatus } from '../core/status.ts';
import { calmVerdicts, houseVerdicts, type Verdict, type VerdictName } from '../core/verdict.ts';
import { createPaceWatch, type PaceWatch } from '../observe/pace.ts';
import { holdVerdict, type HeldVerdict } from '../observe/verdict-hold.ts';
import { judgeStream, type FailureWitness, type Witnesses } from '../observe/verdict.ts';
import type { ContentChecker } from './content-checks.ts';
import type { Hooks } from './hooks/hooks.ts';
import { createHouseWitness, type Asked } from './house-witness.ts';
import type { OriginUnit } from './origin-unit.ts';
import { createOriginWitness } from './origin-witness.ts';
import { rtmpOf, rungFolder } from './ladder-witness.ts';
import { stallBoundMs } from './stall.ts';
import type { StreamUnit } from './unit.ts';
import { houseVerdictEvent, verdictEvent } from './verdict-events.ts';

export interface Verdicts {
  /** After the units looked: judges every one and asks what is due, without waiting for it. */
  round(units: readonly StreamUnit[], channel: (id: string) => ChannelStatus | undefined): void;
  /** What the status document says of it; nothing before the first round. */
  readonly statusOf: (id: string) => { readonly verdict?: Verdict };
}

export interface VerdictsOptions {
  readonly ports: Pick<Ports, 'clock' | 'files' | 'net'>;
  readonly endpoints: Endpoints;
  readonly events: EventSink;
  readonly origin: Pick<OriginUnit, 'answersSince' | 'status' | 'process'>;
  readonly segmentSeconds: () => number;
  readonly content: ContentChecker;
  readonly hooks: Pick<Hooks, 'step'>;
}

interface Watched {
  readonly pace: PaceWatch;
  held: HeldVerdict | undefined;
  job: string;
  jobSince: number;
  failure: FailureWitness | undefined;
  /** The failure that `failure` was made from. */
  seen: unknown;
}

/** The pictures of a failure that need no second one: somebody looked closer. */
const seenClosely = new Set(['stalled', 'job-hung', 'no-output', 'leg-dead', 'codec-changed']);

export function createVerdicts(options: VerdictsOptions): Verdicts {
  const { ports, endpoints, events } = options;
  const { clock } = ports;
  const house = createHouseWitness({ ports, endpoints });
  const origin = createOriginWitness(options.origin, clock, endpoints.healthUrl);
  const watched = new Map<string, Watched>();
  /** The verdict of the house that was told, and how many streams it holds. */
  const told = new Map<VerdictName, { readonly sinceMs: number; readonly ids: Set<string> }>();
  let refreshing = false;

  function watch(unit: StreamUnit, now: number): Watched {
    const known = watched.get(unit.id) ?? {
      pace: createPaceWatch(),
      held: undefined,
      job: '',
      jobSince: now,
      failure: undefined,
      seen: undefined,
    };
    watched.set(unit.id, known);
    const alive = unit.process.alive();
    const job = alive === undefined ? '' : `${alive.pid} ${alive.startTime}`;
    if (job !== known.job) {
      known.job = job;
      known.jobSince = now;
    }
    known.pace.take(alive === undefined ? undefined : unit.output.progress(), now);
    const { failure, hasDelivered } = unit.process.lifecycle();
    if (failure !== known.seen) {
      known.seen = failure;
      const isTelling = failure !== undefined && (failure.pace === 'slow' || failure.pace === 'never' || seenClosely.has(failure.cause));
      known.failure = failure === undefined ? undefined : { ...failure, isTelling, hadDelivered: hasDelivered, at: now };
    }
    return known;
  }

  function witnessesOf(unit: StreamUnit, known: Watched, channel: ChannelStatus | undefined, now: number): Witnesses {
    const { phase, failures } = unit.process.lifecycle();
    const { output, restart } = unit.stream();
    const heads = [unit.legs.primary.view(), unit.legs.backup.view()];
    return {
      now,
      order: unit.demand.order(),
      isIdle: unit.demand.isIdle(),
      phase,
      failures,
      failure: known.failure,
      stallBoundMs: stallBoundMs({
        segmentSeconds: Math.max(output.segmentSeconds, options.segmentSeconds()),
        targetDurationSeconds: Math.max(...heads.map(({ head }) => head?.targetDurationSeconds ?? 0)),
        configuredMs: restart.stallAfterMs,
      }),
      jobSince: known.jobSince,
      written: unit.plan()?.legs ?? [],
      changedAt: { primary: heads[0]?.changedAt, backup: heads[1]?.changedAt },
      origin: origin.view(),
      volume: house.volume(),
      rtmp: rtmpOf(unit, house.rtmp),
      http: house.http(unit.id),
      channel,
      speed: known.pace.speed(),
      droppedShare: known.pace.droppedShare(),
      content: options.content.reasons(unit.id),
      lines: unit.output.lastLines(),
    };
  }

  function tell(id: string, before: Verdict | undefined, after: Verdict, heldMs: number): void {
    if (before?.name === after.name || (before === undefined && calmVerdicts.has(after.name))) return;
    const isHouse = houseVerdicts.has(after.name);
    if (before !== undefined && houseVerdicts.has(before.name)) leave(before.name, id, heldMs);
    if (isHouse) return enter(after, id);
    // What ends with the trouble of the house is told with it.
    if (before !== undefined && houseVerdicts.has(before.name) && calmVerdicts.has(after.name)) return;
    events.record(verdictEvent(id, before, after, clock.now(), heldMs));
  }

  function enter(verdict: Verdict, id: string): void {
    const known = told.get(verdict.name);
    if (known !== undefined) known.ids.add(id);
    else {
      told.set(verdict.name, { sinceMs: clock.now(), ids: new Set([id]) });
      fresh.add(verdict);
    }
  }

  function leave(name: VerdictName, id: string, heldMs = 0): void {
    const known = told.get(name);
    known?.ids.delete(id);
    if (known === undefined || known.ids.size > 0) return;
    told.delete(name);
    events.record(
      houseVerdictEvent({ kind: 'over', name, seconds: Math.max(0, Math.round((clock.now() - heldMs - known.sinceMs) / 1000)), heldMs }),
    );
  }

  function forget(present: ReadonlySet<string>): void {
    for (const [id, { held }] of watched) {
      if (present.has(id)) continue;
      watched.delete(id);
      if (held !== undefined) leave(held.verdict.name, id);
    }
  }

  /** Told at the end of the round, when it is known how many streams it holds. */
  const fresh = new Set<Verdict>();

  async function refresh(units: readonly StreamUnit[], channel: (id: string) => ChannelStatus | undefined): Promise<void> {
    if (refreshing) return;
    refreshing = true;
    const running = units.filter((unit) => unit.process.lifecycle().phase === 'running').map((unit) => asked(unit, channel(unit.id)));
    const isTrouble = units.some((unit) => {
      const name = watched.get(unit.id)?.held?.verdict.name;
      return name !== undefined && name !== 'healthy' && name !== 'stopped' && name !== 'idle';
    });
    await house.refresh(running, isTrouble || running.some(({ isSuspect }) => isSuspect)).finally(() => (refreshing = false));
  }

  function asked(unit: StreamUnit, channel: ChannelStatus | undefined): Asked {
    const now = clock.monotonic();
    const views = (unit.plan()?.legs ?? []).map((leg) => unit.legs[leg].view());
    const segmentMs = 1000 * Math.max(unit.stream().output.segmentSeconds, options.segmentSeconds());
    // A channel that never had an entry has no playlist yet.
    const isWritten = channel !== undefined && channel.ageSeconds !== null;
    return {
      id: unit.id,
      url: isWritten ? `${endpoints.liveUrl}/${unit.id}${rungFolder(unit)}/${channelPlaylistName}` : undefined,
      isSuspect: views.some(({ changedAt }) => now - (changedAt ?? now) > 2 * segmentMs + 1000),
      segmentBytes: Math.max(0, ...views.map(({ bitrateBps }) => ((bitrateBps ?? 0) * segmentMs) / 8000)),
    };
  }

  return {
    round(units, channel) {
      const now = clock.monotonic();
      const at = new Date(clock.now()).toISOString();
      origin.look();
      if (watched.size > units.length) forget(new Set(units.map(({ id }) => id)));
      for (const unit of units) {
        const known = watch(unit, now);
        const { verdict: before, candidate } = known.held ?? {};
        known.held = holdVerdict(known.held, judgeStream(witnessesOf(unit, known, channel(unit.id), now)), now, at);
        tell(unit.id, before, known.held.verdict, candidate?.name === known.held.verdict.name ? now - candidate.at : 0);
      }
      for (const verdict of fresh) {
        events.record(houseVerdictEvent({ kind: 'begins', verdict, ids: [...(told.get(verdict.name)?.ids ?? [])] }));
      }
      fresh.clear();
      options.hooks.step(
        units.flatMap((unit) => {
          const verdict = watched.get(unit.id)?.held?.verdict;
          return verdict === undefined ? [] : { id: unit.id, tags: unit.stream().tags, verdict };
        }),
      );
      options.content.tick(units);
      void refresh(units, channel);
    },
    statusOf(id) {
      const verdict = watched.get(id)?.held?.verdict;
      return verdict === undefined ? {} : { verdict };
    },
  };
}
