// One stream under supervision: ties its process to its output, its legs and its rules.

import type { StreamConfig } from '../core/config.ts';
import type { SourceFacts } from '../core/facts.ts';
import type { JobPlan } from '../core/job-plan.ts';
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
  sourceOf,
  type PlanInput,
} from './job-command.ts';
import { createCodecGuard } from './codec-guard.ts';
import { createCodecMemory } from './codec-memory.ts';
import { createJobOutput } from './job-output.ts';
import { isAlive, readRecord, writeRecord } from './job-record.ts';
import { isWhole, judge, stillness } from './judge.ts';
import { createLegWatches, notSeen } from './leg-watch.ts';
import type { Failure, Lifecycle, LifecycleEvent } from './lifecycle.ts';
import { createManagedProcess, type AliveProcess } from './managed-process.ts';
import { createSourceKeeper } from './source-keeper.ts';
import { planStart, rememberSequences, watchedRungs, withRungs } from './plan-start.ts';
import { stallBoundMs, type StallInput } from './stall.ts';
import { stallInputOf } from './stall-input.ts';
import { createStallWitness } from './stall-witness.ts';
import type { StartLimiter } from './start-limiter.ts';
import { createStreamStory } from './stream-story.ts';
import type { Surroundings } from './surroundings.ts';
import type { JobUnit } from './unit.ts';

export function createStreamUnit(options: {
  readonly stream: StreamConfig;
  readonly surroundings: Surroundings;
  readonly limiter: StartLimiter;
  readonly log: LogSink;
}): JobUnit {
  const { surroundings, log } = options;
  const { ports, endpoints, stores } = surroundings;
  const id = options.stream.id;
  const paths = jobPaths(surroundings.paths, id);
  const output = createJobOutput(ports, paths, log, () => managed.alive());
  const story = createStreamStory(id, { events: surroundings.events, clock: ports.clock, log });
  const isLocal = (): boolean => ['test', 'file'].includes(sourceOf(stream, sources.index()).kind);
  const stall = createStallWitness({ process: ports.process, rtmpUrl: endpoints.rtmpUrl, isLocal });
  const legs = createLegWatches(ports, endpoints.hlsDirectory, id, () => watchedRungs(stream, plan));
  /** The definition for the next start, and the one the present job was made from. */
  let wanted: StreamConfig | undefined = options.stream;
  let stream = options.stream;
  /** What last delivered. */
  let good: StreamConfig | undefined;
  let plan: JobPlan | undefined;
  let runningHash = '';
  let startedAt = 0;
  let playable = false;
  let mends = 0;
  let seenChange = -Infinity;

  function planInput(of: StreamConfig, facts: SourceFacts | undefined): PlanInput {
    const ffmpeg = surroundings.ffmpeg();
    if (ffmpeg === undefined) throw missingFfmpeg();
    const sourceIndex = sources.index();
    return { stream: sources.effective(of), sourceIndex, endpoints, ffmpeg, source: facts, secrets: surroundings.secrets() };
  }

  const factsKey = (): string => `${id} ${sourceOf(stream, sources.index()).display}`;
  async function prepare() {
    if (wanted !== undefined) stream = wanted;
    await sources.prepare(stream);
    const facts = codecs.recall(factsKey());
    await surroundings.ffmpegReady();
    const input = planInput(stream, facts);
    plan = await planStart(ports, input, stores.sequences);
    runningHash = planHash(input);
    await output.read(true);
    await output.begin();
    await look();
    return jobSpec(plan, input.ffmpeg.path, paths, surroundings.paths.directory, runningHash);
  }

  const hashOfNext = createHashMemo(() => undefined);
  const differs = (next: StreamConfig): boolean =>
    surroundings.ffmpeg() !== undefined && hashOfNext(planInput(next, codecs.planned())) !== runningHash;
  const hashOfWanted = createHashMemo((error) => log.note('warning', `the new definition cannot be run: ${error.message}`));

  function onStarted(process: AliveProcess): void {
    startedAt = ports.clock.monotonic();
    guard.started();
    playable = false;
    sources.started(managed.lifecycle().phase === 'running');
    const sourceIndex = sources.index();
    story.started(process, { index: sourceIndex, display: sourceOf(sources.effective(stream), sourceIndex).display });
    const { pid, startTime, startedAtMs } = process;
    const { restarts } = managed.lifecycle();
    writeRecord(ports.files, paths.record, { pid, startTime, startedAtMs, planHash: runningHash, sourceIndex, restarts }).catch(
      (error: unknown) => log.note('warning', `cannot write the job record: ${String(error)}`),
    );
  }

  async function onExited(exit: { code: number | undefined; signal: string | undefined }): Promise<Failure> {
    sources.gone();
    await output.finish();
    rememberSequences(legs.backup, stores.sequences);
    // A ladder for a picture that is not there, or is another one, ends before the next look.
    if (stream.renditions !== undefined) codecs.learn(factsKey(), output.facts());
    if (exit.code === lockHeldExitCode) return lockHeld;
    const found = classifyFailure(output.lastLines(), exit);
    return { cause: found.cause, message: found.message, evidence: found.evidence, pace: found.retry };
  }

  function onChange(before: Lifecycle, after: Lifecycle, event: LifecycleEvent): void {
    // Also when it was just ordered to stop: the job that holds the lock must be found to be ended.
    if (event.type === 'exited' && event.failure === lockHeld) {
      surroundings.adoptStray(id).catch((error: unknown) => log.note('error', `cannot adopt the job that runs: ${String(error)}`));
    }
    followSources(before, after, event);
    story.changed(before, after, event, managed.nextRetryAtMs());
  }

  /** Before the story is told: when and how the next try comes is a part of it. */
  function followSources(before: Lifecycle, after: Lifecycle, event: LifecycleEvent): void {
    if (before.phase === after.phase) return;
    if (event.type === 'delivering') {
      good = stream;
      sources.delivering();
    }
    if (after.phase === 'stopped') sources.idle();
    const isOver = after.phase === 'backing-off' || after.phase === 'failed';
    if (isOver && after.failure !== undefined) sources.failed(after.failure, event.type === 'spawn-failed');
  }

  const managed = createManagedProcess({
    ports,
    limiter: options.limiter,
    policy: () => (wanted ?? stream).restart,
    target: { prepare, onStarted, onExited, onChange, onError: (message) => log.note('error', message) },
  });

  function fits(input: PlanInput): boolean {
    const same = planHash(input) === runningHash;
    if (same) plan = withRungs(plan, input);
    return same;
  }

  const codecs = createCodecMemory({
    facts: stores.facts,
    log,
    fits: (facts) => surroundings.ffmpeg() === undefined || fits(planInput(stream, facts)),
    replan() {
      guard.unfit();
      managed.dispatch({ type: 'replan' });
    },
    sizeCounts: () => stream.renditions !== undefined || stream.output.audioTrack !== undefined,
  });
  const guard = createCodecGuard({ clock: ports.clock, signs: output.signs, turn: (track) => codecs.turn(factsKey(), track) });

  const sources = createSourceKeeper({
    stream,
    surroundings,
    log,
    job: {
      lifecycle: managed.lifecycle,
      retryIn: (delayMs) => managed.retryIn(delayMs),
      retryWithin: (delayMs) => managed.retryIn(delayMs, 'within'),
      replan: () => managed.dispatch({ type: 'replan' }),
    },
  });

  /** True when either leg has a new segment. */
  async function look(): Promise<boolean> {
    await Promise.all([legs.primary.look(), legs.backup.look()]);
    // The channel looks at the legs as well: what counts is whether there is more than at our own last look.
    const newest = Math.max(legs.primary.view().changedAt ?? -Infinity, legs.backup.view().changedAt ?? -Infinity);
    const moved = newest !== seenChange;
    seenChange = newest;
    return moved;
  }

  const stallInput = (): StallInput => stallInputOf(stream, legs, surroundings.segmentSeconds());

  function judged(): void {
    const { phase } = managed.lifecycle();
    const input = stall.watched(managed.alive()?.pid, {
      phase,
      now: ports.clock.monotonic(),
      startedAt,
      changedAt: { primary: legs.primary.view().changedAt, backup: legs.backup.view().changedAt },
      legs: plan?.legs ?? [],
      originAnswersSince: surroundings.originAnswersSince(),
      mends,
      stall: stallInput(),
    });
    const still = stillness(input);
    stall.look(input.now, still, managed.alive()?.pid, output.progress()?.outTimeUs ?? null);
    const changed = phase === 'running' ? guard.judge(still, output.progress()?.outTimeUs ?? null) : undefined;
    if (changed !== undefined) return managed.dispatch({ type: 'stalled', failure: changed });
    const complaint = judge(input);
    if (complaint !== undefined) {
      if (complaint.cause === 'leg-dead') mends += 1;
      managed.dispatch({ type: 'stalled', failure: stall.explain(complaint, still.stillMs, output.lastLines()) });
      return;
    }
    if (!isWhole(input, stream.restart.stableAfterMs)) return;
    mends = 0;
    codecs.forgive();
  }

  async function tick(): Promise<void> {
    managed.checkAdopted();
    if (managed.lifecycle().process !== 'alive') return;
    // A file that cannot be read must not hide that the job stands still.
    await output
      .read(!playable || stall.isSuspicious())
      .catch((error: unknown) => log.note('warning', `cannot read what the job says: ${String(error)}`));
    const moved = await look().catch(notSeen(log));
    // What we cannot see is not known, and no reason to end a job that may be well.
    if (moved === undefined || managed.lifecycle().process !== 'alive') return;
    if (moved) managed.dispatch({ type: 'delivering' });
    judged();
    if (sourceOf(stream, sources.index()).kind !== 'test') codecs.learn(factsKey(), output.facts());
    sources.tick();
    if (!playable && managed.lifecycle().phase === 'running') playable = await surroundings.isServed(id);
  }

  return {
    id,
    stream: () => stream,
    process: managed,
    legs,
    output,
    plan: () => plan,
    spoilt: guard.spoilt,
    sources,
    lastFailure: story.lastFailure,
    definition() {
      if (wanted === undefined) return 'removed';
      if (managed.alive() === undefined || surroundings.ffmpeg() === undefined) return 'current';
      return hashOfWanted(planInput(wanted, codecs.planned())) === runningHash ? 'current' : 'changed';
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
      if (next === undefined) return;
      const alive = managed.alive() !== undefined;
      // A name or a tag needs no restart.
      if (!alive || !differs(next)) stream = next;
      if (!alive) sources.redefine(next);
    },
    differs,
    rollback() {
      if (good === undefined || wanted === undefined || good === wanted) return false;
      wanted = good;
      managed.dispatch({ type: 'restart' });
      return true;
    },
    order(order, how) {
      if (order === 'run') codecs.forgive();
      if (order === 'run' && how === undefined && managed.lifecycle().process === 'none') sources.ordered();
      managed.order(order);
    },
    restart() {
      codecs.forgive();
      managed.dispatch({ type: 'restart' });
    },
    async adopt(found, order) {
      const record = await readRecord(ports.files, paths.record).catch(() => undefined);
      const known = record !== undefined && record.pid === found.pid && isAlive(ports.process, record);
      // What is known of it is a help; a job must be adopted also when nothing can be known.
      await look().catch((error: unknown) => log.note('warning', `cannot look at the legs: ${String(error)}`));
      if (managed.lifecycle().process !== 'none') return;
      sources.adopt(stream, known ? record.sourceIndex % stream.sources.length : 0);
      runningHash = found.planHash;
      try {
        plan = planJob({ ...planInput(stream, codecs.recall(factsKey())), startNumber: undefined });
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
