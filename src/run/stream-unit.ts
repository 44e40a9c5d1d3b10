// One stream under supervision: ties its process to its output, its legs and its rules.

import type { StreamConfig } from '../core/config.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { AppError } from '../core/errors.ts';
import type { SourceFacts } from '../core/facts.ts';
import { legPlaylistName } from '../core/ids.ts';
import type { JobPlan } from '../core/job-plan.ts';
import type { Order, StartStage, StreamStatus } from '../core/status.ts';
import { classifyFailure } from '../observe/failure-class.ts';
import type { LogSink } from '../observe/log-sink.ts';
import { planJob } from '../plan/job-plan.ts';
import { jobPaths, jobSpec, lockHeldExitCode, planHash, prepareBackupLeg, sourceOf, type PlanInput } from './job-command.ts';
import { createJobOutput, type JobOutput } from './job-output.ts';
import { isAlive, readRecord, type FoundJob, type JobRecord } from './job-record.ts';
import { createLegWatch, type LegWatch } from './leg-watch.ts';
import type { Failure, Lifecycle, LifecycleEvent } from './lifecycle.ts';
import { createManagedProcess, type AliveProcess, type ManagedProcess } from './managed-process.ts';
import { legMendDelayMs, stallBoundMs, startBoundMs, type StallInput } from './stall.ts';
import type { StartLimiter } from './start-limiter.ts';
import type { Surroundings } from './surroundings.ts';

/** A source that keeps changing its mind about codecs must not restart its job for ever. */
const mostReplans = 3;

export interface StreamUnit {
  readonly id: string;
  readonly stream: () => StreamConfig;
  readonly process: ManagedProcess;
  readonly legs: { readonly primary: LegWatch; readonly backup: LegWatch };
  readonly output: JobOutput;
  readonly plan: () => JobPlan | undefined;
  readonly sourceIndex: () => number;
  readonly definition: () => 'current' | 'changed' | 'removed';
  readonly stage: () => StartStage;
  readonly lastFailure: () => StreamStatus['lastFailure'];
  /** A new definition from streams.yaml (undefined: removed); a running job keeps its old one until it is restarted. */
  redefine(stream: StreamConfig | undefined): void;
  order(order: Order): void;
  restart(): void;
  /** Takes over a job that an earlier supervisor started. */
  adopt(found: FoundJob, order: Order): Promise<void>;
  /** One look at everything that may have changed. */
  tick(): Promise<void>;
}

export function createStreamUnit(options: {
  readonly stream: StreamConfig;
  readonly surroundings: Surroundings;
  readonly limiter: StartLimiter;
  readonly log: LogSink;
}): StreamUnit {
  const { surroundings, log } = options;
  const { ports, endpoints, stores } = surroundings;
  const id = options.stream.id;
  const paths = jobPaths(surroundings.paths, id);
  const output = createJobOutput(ports, paths, log);
  const legs = {
    primary: createLegWatch(ports, 'primary', endpoints.hlsDirectory, `${endpoints.hlsDirectory}/${legPlaylistName(id, 'primary')}`),
    backup: createLegWatch(ports, 'backup', endpoints.hlsDirectory, `${endpoints.hlsDirectory}/${legPlaylistName(id, 'backup')}`),
  };
  /** The definition for the next start, and the one the present job was made from. */
  let wanted: StreamConfig | undefined = options.stream;
  let stream = options.stream;
  let plan: JobPlan | undefined;
  let runningHash = '';
  let plannedFacts: SourceFacts | undefined;
  let sourceIndex = 0;
  let startedAt = 0;
  let playable = false;
  let replans = 0;
  let mends = 0;
  let lastFailure: StreamStatus['lastFailure'] = null;

  function planInput(of: StreamConfig, facts: SourceFacts | undefined): PlanInput {
    const ffmpeg = surroundings.ffmpeg();
    if (ffmpeg === undefined) throw missingFfmpeg();
    return { stream: of, sourceIndex, endpoints, ffmpeg, source: facts, secrets: surroundings.secrets() };
  }

  const factsKey = (): string => `${id} ${sourceOf(stream, sourceIndex).display}`;

  async function prepare() {
    if (wanted !== undefined) stream = wanted;
    sourceIndex %= stream.sources.length;
    plannedFacts = stores.facts.get(factsKey());
    await surroundings.ffmpegReady();
    const input = planInput(stream, plannedFacts);
    const startNumber = await prepareBackupLeg(ports.files, {
      stream,
      endpoints,
      lastSequence: stores.sequences.get(id),
      nowMs: ports.clock.now(),
    });
    plan = planJob({ ...input, startNumber });
    runningHash = planHash(input);
    await output.read();
    output.reset();
    await ports.files.truncate(paths.progress);
    await look();
    return jobSpec(plan, input.ffmpeg.path, paths, surroundings.paths.directory, runningHash);
  }

  function onStarted(process: AliveProcess): void {
    startedAt = ports.clock.monotonic();
    playable = false;
    log.note('info', `${process.adopted ? 'adopted' : 'started'} job pid ${process.pid}, source ${sourceIndex + 1}: ${sourceOf(stream, sourceIndex).display}`);
    const record: JobRecord = {
      pid: process.pid,
      startTime: process.startTime,
      startedAtMs: process.startedAtMs,
      planHash: runningHash,
      sourceIndex,
      restarts: managed.lifecycle().restarts,
    };
    ports.files.writeAtomic(paths.record, `${JSON.stringify(record)}\n`, 0o600).catch((error: unknown) => {
      log.note('warning', `cannot write the job record: ${String(error)}`);
    });
  }

  async function onExited(exit: { code: number | undefined; signal: string | undefined }): Promise<Failure> {
    await output.read();
    rememberSequence();
    if (exit.code === lockHeldExitCode) void surroundings.adoptStray(id);
    const found = classifyFailure(output.lastLines(), exit);
    return { cause: found.cause, message: found.message, evidence: found.evidence, pace: found.retry };
  }

  function onChange(before: Lifecycle, after: Lifecycle, event: LifecycleEvent): void {
    if (before.phase === after.phase) return;
    const failure = after.failure;
    if (failure !== undefined && failure !== before.failure) {
      lastFailure = { cause: failure.cause, message: failure.message, at: new Date(ports.clock.now()).toISOString(), evidence: failure.evidence };
    }
    const failed = after.phase === 'backing-off' || after.phase === 'failed';
    const why = failed || event.type === 'stalled' ? `: ${failure?.message ?? ''}` : '';
    log.note(failed ? 'error' : 'info', `${before.phase} -> ${after.phase} (${event.type})${why}`);
    // The first answer to a source that never delivered is the next one in the list; one that had delivered is tried again first.
    if (failed && !after.hasDelivered) sourceIndex = (sourceIndex + 1) % stream.sources.length;
    if (event.type === 'stable') mends = 0;
  }

  const managed = createManagedProcess({
    ports,
    limiter: options.limiter,
    policy: () => (wanted ?? stream).restart,
    target: { prepare, onStarted, onExited, onChange },
  });

  function rememberSequence(): void {
    const head = legs.backup.view().head;
    if (head !== undefined) stores.sequences.set(id, head.mediaSequence + head.segments - 1);
  }

  /** True when either leg has a new segment. */
  async function look(): Promise<boolean> {
    const [primary, backup] = await Promise.all([legs.primary.look(), legs.backup.look()]);
    return primary || backup;
  }

  function stallInput(): StallInput {
    const durations = [legs.primary, legs.backup].map((leg) => leg.view().head?.targetDurationSeconds ?? 0);
    return {
      segmentSeconds: Math.max(stream.output.segmentSeconds, surroundings.segmentSeconds()),
      targetDurationSeconds: Math.max(...durations),
      configuredMs: stream.restart.stallAfterMs,
    };
  }

  function judge(now: number): void {
    const { phase } = managed.lifecycle();
    const ages = [legs.primary, legs.backup].map((leg) => now - Math.max(leg.view().changedAt ?? startedAt, startedAt));
    const [primaryAge = 0, backupAge = 0] = ages;
    const bound = phase === 'starting' ? startBoundMs(stallInput()) : stallBoundMs(stallInput());
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    if (Math.min(primaryAge, backupAge) > bound) {
      const message = `no new segment in either leg for ${seconds(Math.min(primaryAge, backupAge))} (bound ${seconds(bound)})`;
      managed.dispatch({ type: 'stalled', failure: { cause: 'stalled', message, evidence: output.lastLines().slice(-3), pace: 'fast' } });
      return;
    }
    if (phase !== 'running' || plan === undefined) return;
    const mendAfter = Math.max(legMendDelayMs(mends), 2 * stallBoundMs(stallInput()));
    const primaryDead = primaryAge > mendAfter && plan.legs.includes('primary') && surroundings.originAnswers();
    const backupDead = backupAge > mendAfter && plan.legs.includes('backup');
    if (!primaryDead && !backupDead) return;
    mends += 1;
    const message = `the ${primaryDead ? 'primary' : 'backup'} leg has no new segment for ${seconds(mendAfter)} while the other one moves`;
    managed.dispatch({ type: 'stalled', failure: { cause: 'leg-dead', message, evidence: output.lastLines().slice(-3), pace: 'fast' } });
  }

  function learn(): void {
    const facts = output.facts();
    if (facts === undefined || sourceOf(stream, sourceIndex).kind === 'test') return;
    if (facts.video?.codec === plannedFacts?.video?.codec && facts.audio?.codec === plannedFacts?.audio?.codec) return;
    plannedFacts = facts;
    stores.facts.set(factsKey(), facts);
    if (planHash(planInput(stream, facts)) === runningHash || replans >= mostReplans) return;
    replans += 1;
    const named = `video ${facts.video?.codec ?? 'none'}, audio ${facts.audio?.codec ?? 'none'}`;
    log.note('info', `the source carries ${named}: starting again with a command for that`);
    managed.dispatch({ type: 'replan' });
  }

  async function tick(): Promise<void> {
    managed.checkAdopted();
    if (managed.lifecycle().process !== 'alive') return;
    await output.read();
    const moved = await look();
    if (managed.lifecycle().process !== 'alive') return;
    learn();
    if (moved) {
      managed.dispatch({ type: 'delivering' });
    }
    judge(ports.clock.monotonic());
    if (!playable && managed.lifecycle().phase === 'running') playable = await surroundings.isServed(id);
  }

  return {
    id,
    stream: () => stream,
    process: managed,
    legs,
    output,
    plan: () => plan,
    sourceIndex: () => sourceIndex,
    lastFailure: () => lastFailure,
    definition() {
      if (wanted === undefined) return 'removed';
      if (managed.alive() === undefined || surroundings.ffmpeg() === undefined) return 'current';
      return planHash(planInput(wanted, plannedFacts)) === runningHash ? 'current' : 'changed';
    },
    stage() {
      const { phase, process } = managed.lifecycle();
      if (phase === 'running') return playable ? 'playable' : 'http';
      if (phase !== 'starting') return 'none';
      if (process === 'spawning') return 'queued';
      return (output.progress()?.outTimeUs ?? 0) > 0 ? 'first-segment' : 'opening-source';
    },
    redefine(next) {
      wanted = next;
      if (managed.alive() === undefined && next !== undefined) stream = next;
    },
    order(order) {
      if (order === 'run') replans = 0;
      if (order === 'run' && managed.lifecycle().process === 'none') sourceIndex = 0;
      managed.order(order);
    },
    restart() {
      replans = 0;
      managed.dispatch({ type: 'restart' });
    },
    async adopt(found, order) {
      const record = await readRecord(ports.files, paths.record);
      const known = record !== undefined && record.pid === found.pid && isAlive(ports.process, record);
      sourceIndex = known ? record.sourceIndex % stream.sources.length : 0;
      runningHash = found.planHash;
      plannedFacts = stores.facts.get(factsKey());
      if (surroundings.ffmpeg() !== undefined) plan = planJob({ ...planInput(stream, plannedFacts), startNumber: undefined });
      await look();
      const bound = stallBoundMs(stallInput());
      const now = ports.clock.monotonic();
      const delivering = [legs.primary, legs.backup].some((leg) => now - (leg.view().changedAt ?? -Infinity) <= bound);
      managed.adopt(
        { pid: found.pid, startTime: found.startTime, startedAtMs: known ? record.startedAtMs : ports.clock.now() },
        { order, delivering, restarts: known ? record.restarts : 0 },
      );
    },
    tick,
  };
}

function missingFfmpeg(): AppError {
  return new AppError({ exitCode: ExitCode.unavailable, code: 'ffmpeg-missing', message: 'ffmpeg was not found', next: 'iptv setup' });
}
