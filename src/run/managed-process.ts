// One supervised process: runs the lifecycle's effects through the ports and feeds what happens back to it.

import { AppError } from '../core/errors.ts';
import type { RestartConfig } from '../core/config.ts';
import type { CancelTimer, Daemon, DaemonSpec, ExitInfo, Ports } from '../core/ports.ts';
import type { Order } from '../core/status.ts';
import { initialLifecycle, transition, type Failure, type Lifecycle, type LifecycleEvent, type TimerName } from './lifecycle.ts';
import type { StartLimiter } from './start-limiter.ts';

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
  dispatch(event: LifecycleEvent): void;
  /** Takes over a process that an earlier supervisor started, instead of starting one. */
  adopt(process: Omit<AliveProcess, 'adopted'>, found: { readonly order: Order; readonly delivering: boolean; readonly restarts: number }): void;
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
  const timers = new Map<TimerName, CancelTimer>();

  function cancel(name: TimerName): void {
    timers.get(name)?.();
    timers.delete(name);
    if (name === 'retry') nextRetryAtMs = undefined;
  }

  function dispatch(event: LifecycleEvent): void {
    if (detached) return;
    const before = state;
    const step = transition(state, event, { restart: options.policy(), random: ports.clock.random() });
    state = step.state;
    if (state.process === 'none') alive = undefined;
    for (const effect of step.effects) {
      switch (effect.type) {
        case 'spawn':
          limiter.enqueue(() => spawn());
          break;
        case 'signal':
          if (alive !== undefined) ports.process.signalGroup(alive.pid, alive.startTime, effect.signal);
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
    target.onChange(before, state, event);
  }

  async function spawn(): Promise<void> {
    if (detached) return;
    if (state.phase !== 'starting') {
      // Ordered to stop while it waited for its turn.
      dispatch({ type: 'spawn-failed', failure: { cause: 'cancelled', message: 'stopped before it started', evidence: [], pace: 'fast' } });
      return;
    }
    let daemon: Daemon;
    try {
      const spec = await target.prepare();
      daemon = await ports.process.startDaemon(spec);
    } catch (error) {
      dispatch({ type: 'spawn-failed', failure: spawnFailure(error) });
      return;
    }
    alive = { pid: daemon.pid, startTime: daemon.startTime, startedAtMs: ports.clock.now(), adopted: false };
    target.onStarted(alive);
    dispatch({ type: 'spawned' });
    const exit = await daemon.exited;
    await finish(exit);
  }

  async function finish(exit: ExitInfo): Promise<void> {
    const failure = await target.onExited(exit);
    dispatch({ type: 'exited', failure });
  }

  return {
    lifecycle: () => state,
    alive: () => alive,
    nextRetryAtMs: () => nextRetryAtMs,
    order: (order) => dispatch({ type: 'order', order }),
    dispatch,
    adopt(process, found) {
      if (alive !== undefined) return;
      alive = { pid: process.pid, startTime: process.startTime, startedAtMs: process.startedAtMs, adopted: true };
      dispatch({ type: 'adopted', ...found });
      target.onStarted(alive);
    },
    checkAdopted() {
      if (alive === undefined || !alive.adopted) return;
      const info = ports.process.inspect(alive.pid);
      if (info !== undefined && info.startTime === alive.startTime && info.state !== 'Z') return;
      alive = undefined;
      void finish({ code: undefined, signal: undefined });
    },
    detach() {
      detached = true;
      for (const name of [...timers.keys()]) cancel(name);
    },
  };
}

function spawnFailure(error: unknown): Failure {
  if (error instanceof AppError) {
    return { cause: error.code, message: error.message, evidence: error.evidence, pace: 'normal' };
  }
  return { cause: 'bug', message: `could not start: ${String(error)}`, evidence: [], pace: 'slow' };
}
