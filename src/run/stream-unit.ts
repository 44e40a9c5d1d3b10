// One stream under supervision: ties its process to its output, its legs and its rules.

import type { StreamConfig } from '../core/config.ts';
import type { SourceFacts } from '../core/facts.ts';
import { legPlaylistName } from '../core/ids.ts';
import type { JobPlan } from '../core/job-plan.ts';
import type { StreamStatus } from '../core/status.ts';
import { classifyFailure } from '../observe/failure-class.ts';
import type { LogSink } from '../observe/log-sink.ts';
import { planJob } from '../plan/job-plan.ts';
import {
  createHashMemo,
  jobPaths,
  jobSpec,
  lockHeld,
  lockHeldExitCode,
  missingFfmpeg,
  planHash,
  prepareBackupLeg,
  sourceOf,
  type PlanInput,
} from './job-command.ts';
import { createJobOutput } from './job-output.ts';
import { isAlive, readRecord, type JobRecord } from './job-record.ts';
import { isWhole, judge, type JudgeInput } from './judge.ts';
import { createLegWatch } from './leg-watch.ts';
import type { Failure, Lifecycle, LifecycleEvent } from './lifecycle.ts';
import { createManagedProcess, type AliveProcess } from './managed-process.ts';
import { nextSource } from './source-choice.ts';
import { stallBoundMs, type StallInput } from './stall.ts';
import type { StartLimiter } from './start-limiter.ts';
import { createStreamStory } from './stream-story.ts';
import type { Surroundings } from './surroundings.ts';
import type { StreamUnit } from './unit.ts';

/** A source that keeps changing its mind about codecs must not restart its job for ever. */
const mostReplans = 3;

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
  const story = createStreamStory(id, { events: surroundings.events, clock: ports.clock, log });
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
  let seenChange = -Infinity;
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
    await output.read(true);
    output.reset();
    await ports.files.truncate(paths.progress);
    await look();
    return jobSpec(plan, input.ffmpeg.path, paths, surroundings.paths.directory, runningHash);
  }

  const hashOfWanted = createHashMemo((error) => log.note('warning', `the new definition cannot be run: ${error.message}`));

  function onStarted(process: AliveProcess): void {
    startedAt = ports.clock.monotonic();
    playable = false;
    story.started(process, { index: sourceIndex, display: sourceOf(stream, sourceIndex).display });
    const { pid, startTime, startedAtMs } = process;
    const record: Omit<JobRecord, 'bootId'> = {
      pid,
      startTime,
      startedAtMs,
      planHash: runningHash,
      sourceIndex,
      restarts: managed.lifecycle().restarts,
    };
    ports.files.writeAtomic(paths.record, `${JSON.stringify(record)}\n`, 0o600).catch((error: unknown) => {
      log.note('warning', `cannot write the job record: ${String(error)}`);
    });
  }

  async function onExited(exit: { code: number | undefined; signal: string | undefined }): Promise<Failure> {
    await output.finish();
    rememberSequence();
    if (exit.code === lockHeldExitCode) return lockHeld;
    const found = classifyFailure(output.lastLines(), exit);
    return { cause: found.cause, message: found.message, evidence: found.evidence, pace: found.retry };
  }

  function onChange(before: Lifecycle, after: Lifecycle, event: LifecycleEvent): void {
    // Also when it was just ordered to stop: the job that holds the lock must be found to be ended.
    if (event.type === 'exited' && event.failure === lockHeld) {
      surroundings.adoptStray(id).catch((error: unknown) => log.note('error', `cannot adopt the job that runs: ${String(error)}`));
    }
    story.changed(before, after, event, managed.nextRetryAtMs());
    if (before.phase === after.phase) return;
    const failure = after.failure;
    if (failure !== undefined && failure !== before.failure) {
      lastFailure = {
        cause: failure.cause,
        message: failure.message,
        at: new Date(ports.clock.now()).toISOString(),
        evidence: failure.evidence,
      };
    }
    if ((after.phase !== 'backing-off' && after.phase !== 'failed') || failure === undefined) return;
    sourceIndex = nextSource({
      current: sourceIndex,
      count: stream.sources.length,
      neverStarted: event.type === 'spawn-failed',
      cause: failure.cause,
      hasDelivered: after.hasDelivered,
      failures: after.failures,
    });
  }

  const managed = createManagedProcess({
    ports,
    limiter: options.limiter,
    policy: () => (wanted ?? stream).restart,
    target: { prepare, onStarted, onExited, onChange, onError: (message) => log.note('error', message) },
  });

  function rememberSequence(): void {
    const head = legs.backup.view().head;
    if (head !== undefined) stores.sequences.set(id, head.mediaSequence + head.segments - 1);
  }

  /** True when either leg has a new segment. */
  async function look(): Promise<boolean> {
    await Promise.all([legs.primary.look(), legs.backup.look()]);
    // The channel looks at the legs as well: what counts is whether there is more than at our own last look.
    const newest = Math.max(legs.primary.view().changedAt ?? -Infinity, legs.backup.view().changedAt ?? -Infinity);
    const moved = newest !== seenChange;
    seenChange = newest;
    return moved;
  }

  function stallInput(): StallInput {
    const durations = [legs.primary, legs.backup].map((leg) => leg.view().head?.targetDurationSeconds ?? 0);
    return {
      segmentSeconds: Math.max(stream.output.segmentSeconds, surroundings.segmentSeconds()),
      targetDurationSeconds: Math.max(...durations),
      configuredMs: stream.restart.stallAfterMs,
    };
  }

  function judged(): void {
    const { phase } = managed.lifecycle();
    const input: JudgeInput = {
      phase,
      now: ports.clock.monotonic(),
      startedAt,
      changedAt: { primary: legs.primary.view().changedAt, backup: legs.backup.view().changedAt },
      legs: plan?.legs ?? [],
      originAnswersSince: surroundings.originAnswersSince(),
      mends,
      stall: stallInput(),
    };
    const complaint = judge(input);
    if (complaint !== undefined) {
      if (complaint.cause === 'leg-dead') mends += 1;
      managed.dispatch({ type: 'stalled', failure: { ...complaint, evidence: output.lastLines().slice(-3), pace: 'fast' } });
      return;
    }
    if (!isWhole(input, stream.restart.stableAfterMs)) return;
    mends = 0;
    replans = 0;
  }

  function learn(): void {
    const facts = output.facts();
    if (facts === undefined || sourceOf(stream, sourceIndex).kind === 'test') return;
    if (facts.video?.codec === plannedFacts?.video?.codec && facts.audio?.codec === plannedFacts?.audio?.codec) return;
    plannedFacts = facts;
    stores.facts.set(factsKey(), facts);
    if (surroundings.ffmpeg() === undefined || planHash(planInput(stream, facts)) === runningHash) return;
    const named = `video ${facts.video?.codec ?? 'none'}, audio ${facts.audio?.codec ?? 'none'}`;
    if (replans >= mostReplans) {
      log.note(
        'warning',
        `the source now carries ${named}; its command was changed ${replans} times already, so this waits for the next start`,
      );
      return;
    }
    replans += 1;
    log.note('info', `the source carries ${named}: starting again with a command for that`);
    managed.dispatch({ type: 'replan' });
  }

  async function tick(): Promise<void> {
    managed.checkAdopted();
    if (managed.lifecycle().process !== 'alive') return;
    // A file that cannot be read must not hide that the job stands still.
    await output.read(!playable).catch((error: unknown) => log.note('warning', `cannot read what the job says: ${String(error)}`));
    const moved = await look().catch((error: unknown) => {
      log.note('warning', `cannot look at the legs: ${String(error)}`);
      return false;
    });
    if (managed.lifecycle().process !== 'alive') return;
    if (moved) managed.dispatch({ type: 'delivering' });
    judged();
    learn();
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
      return hashOfWanted(planInput(wanted, plannedFacts)) === runningHash ? 'current' : 'changed';
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
      const record = await readRecord(ports.files, paths.record).catch(() => undefined);
      const known = record !== undefined && record.pid === found.pid && isAlive(ports.process, record);
      // What is known of it is a help; a job must be adopted also when nothing can be known.
      await look().catch((error: unknown) => log.note('warning', `cannot look at the legs: ${String(error)}`));
      if (managed.lifecycle().process !== 'none') return;
      sourceIndex = known ? record.sourceIndex % stream.sources.length : 0;
      runningHash = found.planHash;
      plannedFacts = stores.facts.get(factsKey());
      try {
        plan = planJob({ ...planInput(stream, plannedFacts), startNumber: undefined });
      } catch (error) {
        log.note('warning', `adopting a job whose plan cannot be made again: ${error instanceof Error ? error.message : String(error)}`);
      }
      const freshFrom = ports.clock.monotonic() - stallBoundMs(stallInput());
      const delivering = [legs.primary, legs.backup].some((leg) => (leg.view().changedAt ?? -Infinity) >= freshFrom);
      managed.adopt(
        { pid: found.pid, startTime: found.startTime, startedAtMs: known ? record.startedAtMs : ports.clock.now() },
        { order: order(), delivering, restarts: known ? record.restarts : 0 },
      );
    },
    tick,
  };
}
