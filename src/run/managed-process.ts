// One supervised process: runs the lifecycle's effects through the ports and feeds what happens back to it.

import { AppError } from '../core/errors.ts';
import type { RestartConfig } from '../core/config.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { CancelTimer, Daemon, DaemonSpec, ExitInfo, Ports } from '../core/ports.ts';
import type { Order } from '../core/status.ts';
import {
  initialLifecycle,
  transition,
  type Effect,
  type Failure,
  type Lifecycle,
  type LifecycleEvent,
  type TimerName,
} from './lifecycle.ts';
import type { StartLimiter } from './start-limiter.ts';
import { within } from './within.ts';

/** Covers the first question to ffmpeg about its abilities, which may need 20 s on a busy machine. */
const prepareLimitMs = 30_000;
/** The last words of a process are worth a wait; its next start is worth more. */
const lastWordsLimitMs = 5000;

/** What a kind of process brings along: how to start it and how to read its end. */
export interface Target {
  /** Makes the command; throws AppError when it cannot be started now. */
  prepare(): Promise<DaemonSpec>;
  /** Called once the process exists, before anything else happens. */
  onStarted(process: AliveProcess): void;
  /** Reads the cause from what the process left behind. */
  onExited(exit: ExitInfo): Promise<Failure>;
  /** Every transition, for the log and the records. */
  onChange(before: Lifecycle, after: Lifecycle, event: LifecycleEvent): void;
  /** Something failed that must not stop supervision: a signal that was refused, a bug. */
  onError(message: string): void;
}

export interface AliveProcess {
  readonly pid: number;
  readonly startTime: string;
  /** Wall clock, for people and for records. */
  readonly startedAtMs: number;
  readonly adopted: boolean;
}

export interface ManagedProcess {
  readonly lifecycle: () => Lifecycle;
  readonly alive: () => AliveProcess | undefined;
  /** Wall clock of the next try, while backing off. */
  readonly nextRetryAtMs: () => number | undefined;
  order(order: Order): void;
  /** Moves the next try, while one is set: to this time from now, or (`within`) at most to it. */
  retryIn(delayMs: number, within?: 'within'): void;
  dispatch(event: LifecycleEvent): void;
  /** Takes over a process that an earlier supervisor started, instead of starting one. */
  adopt(
    process: Omit<AliveProcess, 'adopted'>,
    found: { readonly order: Order; readonly delivering: boolean; readonly restarts: number },
  ): void;
  /** Adopted processes are not our children: called by the sweep to see whether one is gone. */
  checkAdopted(): void;
  /** Forgets timers; processes go on. */
  detach(): void;
}

export interface ManagedProcessOptions {
  readonly ports: Pick<Ports, 'process' | 'clock'>;
  readonly policy: () => RestartConfig;
  readonly limiter: StartLimiter;
  readonly target: Target;
}

export function createManagedProcess(options: ManagedProcessOptions): ManagedProcess {
  const { ports, target, limiter } = options;
  let state: Lifecycle = initialLifecycle;
  let alive: AliveProcess | undefined;
  let nextRetryAtMs: number | undefined;
  let detached = false;
  /** Monotonic: the first segment of the present run, or its adoption. */
  let deliversSince: number | undefined;
  /** An adopted process whose end was seen and is being told. */
  let ending: AliveProcess | undefined;
  const timers = new Map<TimerName, CancelTimer>();

  function cancel(name: TimerName): void {
    timers.get(name)?.();
    timers.delete(name);
    if (name === 'retry') nextRetryAtMs = undefined;
  }

  /** Called from timers and promises that nobody waits for: an exception here would end the supervisor. */
  function attempt(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      target.onError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  function dispatch(event: LifecycleEvent): void {
    if (!detached) attempt(event.type, () => advance(event));
  }

  function advance(event: LifecycleEvent): void {
    const before = state;
    const now = ports.clock.monotonic();
    const playedMs = deliversSince === undefined ? 0 : now - deliversSince;
    const step = transition(state, event, { restart: options.policy(), random: ports.clock.random(), playedMs });
    state = step.state;
    deliversSince = state.hasDelivered ? (deliversSince ?? now) : undefined;
    if (state.process === 'none') alive = undefined;
    for (const effect of step.effects) attempt(effect.type, () => perform(effect));
    attempt('after a change', () => target.onChange(before, state, event));
  }

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'spawn':
        limiter.enqueue(spawn);
        break;
      case 'signal':
        if (alive !== undefined) ports.process.signalGroup(alive.pid, alive.startTime, isFrozen(alive.pid) ? 'SIGKILL' : effect.signal);
        break;
      case 'timer':
        cancel(effect.name);
        if (effect.name === 'retry') nextRetryAtMs = ports.clock.now() + effect.delayMs;
        timers.set(
          effect.name,
          ports.clock.after(effect.delayMs, () => {
            timers.delete(effect.name);
            dispatch({ type: effect.name });
          }),
        );
        break;
      case 'cancel':
        cancel(effect.name);
        break;
    }
  }

  /** SIGTERM reaches a process that was stopped by SIGSTOP only when somebody continues it (signal(7)). */
  const isFrozen = (pid: number): boolean => ports.process.inspect(pid)?.state === 'T';
  const isWanted = (): boolean => state.phase === 'starting';

  /** Never rejects. */
  async function spawn(): Promise<void> {
    if (detached) return;
    let daemon: Daemon;
    try {
      // Ordered to stop while it waited for its turn, or while the command was made.
      if (!isWanted()) throw cancelled();
      const spec = await within(ports.clock, prepareLimitMs, 'making the command', target.prepare());
      // The next supervisor starts what is missing; a start of ours now would be one it does not know of.
      if (isDetached()) return;
      if (!isWanted()) throw cancelled();
      daemon = await ports.process.startDaemon(spec);
    } catch (error) {
      dispatch({ type: 'spawn-failed', failure: spawnFailure(error) });
      return;
    }
    const started: AliveProcess = { pid: daemon.pid, startTime: daemon.startTime, startedAtMs: ports.clock.now(), adopted: false };
    alive = started;
    attempt('after the start', () => target.onStarted(started));
    dispatch({ type: 'spawned' });
    await finish(await daemon.exited);
  }

  const isDetached = (): boolean => detached;

  /** Never rejects: whatever cannot be read, the end of a process must be known, or it is never started again. */
  async function finish(exit: ExitInfo): Promise<void> {
    // What it left behind is for the next supervisor to read.
    if (isDetached()) return;
    let failure: Failure;
    try {
      failure = await within(ports.clock, lastWordsLimitMs, 'reading its last words', target.onExited(exit));
    } catch (error) {
      const how = exit.signal ?? (exit.code === undefined ? 'ended' : `exit code ${exit.code}`);
      const message = `it ended (${how}); why is not known: ${error instanceof Error ? error.message : String(error)}`;
      failure = { cause: 'unknown', message, evidence: [], pace: 'normal' };
    }
    dispatch({ type: 'exited', failure });
  }

  return {
    lifecycle: () => state,
    alive: () => alive,
    nextRetryAtMs: () => nextRetryAtMs,
    order: (order) => dispatch({ type: 'order', order }),
    dispatch,
    retryIn(delayMs, within) {
      if (detached || nextRetryAtMs === undefined) return;
      const leftMs = nextRetryAtMs - ports.clock.now();
      if (within === undefined || delayMs < leftMs) perform({ type: 'timer', name: 'retry', delayMs });
    },
    adopt(process, found) {
      // Not while one is being made: its start would overwrite what is known of this one.
      if (detached || state.process !== 'none') return;
      const adopted: AliveProcess = { pid: process.pid, startTime: process.startTime, startedAtMs: process.startedAtMs, adopted: true };
      alive = adopted;
      dispatch({ type: 'adopted', ...found });
      attempt('after the adoption', () => target.onStarted(adopted));
    },
    checkAdopted() {
      if (alive === undefined || !alive.adopted || alive === ending) return;
      const info = ports.process.inspect(alive.pid);
      if (info !== undefined && info.startTime === alive.startTime && info.state !== 'Z') return;
      ending = alive;
      void finish({ code: undefined, signal: undefined });
    },
    detach() {
      detached = true;
      for (const name of [...timers.keys()]) cancel(name);
    },
  };
}

function cancelled(): AppError {
  return new AppError({ exitCode: ExitCode.tryAgain, code: 'cancelled', message: 'stopped before it started' });
}

function spawnFailure(error: unknown): Failure {
  if (error instanceof AppError) {
    const pace = error.code === 'provider-limit' ? 'wait' : 'normal';
    return { cause: error.code, message: error.message, evidence: error.evidence, pace };
  }
  return { cause: 'bug', message: `could not start: ${String(error)}`, evidence: [], pace: 'slow' };
}
