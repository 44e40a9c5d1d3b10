// The life of one supervised process as a pure function: (state, event) -> state and effects as data.

import type { RestartConfig } from '../core/config.ts';
import type { JobPhase, Order } from '../core/status.ts';
import { failuresUntilFailed, retryDelayMs, type RetryPace } from './backoff.ts';

/** Legal successors of each phase; anything else is a bug and throws. */
export const successors: Readonly<Record<JobPhase, readonly JobPhase[]>> = {
  stopped: ['starting', 'running', 'stopping'],
  starting: ['running', 'stopping', 'backing-off', 'failed'],
  running: ['stopping', 'backing-off', 'failed'],
  stopping: ['stopped', 'starting', 'backing-off', 'failed'],
  'backing-off': ['starting', 'running', 'stopped'],
  failed: ['starting', 'running', 'stopped'],
};

export interface Failure {
  /** Stable word, such as `auth`, `timeout`, `stalled`. */
  readonly cause: string;
  /** Plain words for people. */
  readonly message: string;
  readonly evidence: readonly string[];
  readonly pace: RetryPace;
}

export interface Lifecycle {
  readonly phase: JobPhase;
  readonly order: Order;
  /** A process exists or is being made. */
  readonly process: 'none' | 'spawning' | 'alive';
  /** What follows once the process is gone; read in `stopping` only. */
  readonly afterwards: 'stop' | 'restart' | 'back-off';
  /** Signals sent in this stop so far. */
  readonly stopStep: number;
  readonly stopReason: 'ordered' | 'hung';
  /** Consecutive failures; forgotten after a stable run. */
  readonly failures: number;
  /** Starts that nobody ordered, since the order to run. */
  readonly restarts: number;
  readonly hasDelivered: boolean;
  readonly failure: Failure | undefined;
}

export type LifecycleEvent =
  | { readonly type: 'order'; readonly order: Order }
  | { readonly type: 'restart' }
  | { readonly type: 'spawned' }
  | { readonly type: 'spawn-failed'; readonly failure: Failure }
  | { readonly type: 'adopted'; readonly order: Order; readonly delivering: boolean; readonly restarts: number }
  | { readonly type: 'delivering' }
  | { readonly type: 'stable' }
  | { readonly type: 'stalled'; readonly failure: Failure }
  /** The command must change (other codecs, other source): start anew without counting a failure. */
  | { readonly type: 'replan' }
  | { readonly type: 'exited'; readonly failure: Failure }
  | { readonly type: 'retry' }
  | { readonly type: 'escalate' };

export type TimerName = 'retry' | 'escalate' | 'stable';

export type Effect =
  | { readonly type: 'spawn' }
  | { readonly type: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  | { readonly type: 'timer'; readonly name: TimerName; readonly delayMs: number }
  | { readonly type: 'cancel'; readonly name: TimerName };

export interface Step {
  readonly state: Lifecycle;
  readonly effects: readonly Effect[];
}

export interface Policy {
  readonly restart: RestartConfig;
  /** Uniform in [0, 1), drawn by the caller for this transition. */
  readonly random: number;
  /** For how long the present run has delivered, in milliseconds. */
  readonly playedMs: number;
}

export const initialLifecycle: Lifecycle = {
  phase: 'stopped',
  order: 'stop',
  process: 'none',
  afterwards: 'stop',
  stopStep: 0,
  stopReason: 'ordered',
  failures: 0,
  restarts: 0,
  hasDelivered: false,
  failure: undefined,
};

/**
 * TERM, 2 s, TERM, 3 s, KILL: ffmpeg ignores the first TERM while its input stalls (measured on 5.1 and 7.1).
 * A process that hangs has nothing to close properly: one TERM, 1 s, KILL.
 */
const stopLadderMs = { ordered: [2000, 3000], hung: [1000] } as const;
const killAgainMs = 5000;

export function transition(state: Lifecycle, event: LifecycleEvent, policy: Policy): Step {
  const step = decide(state, event, policy);
  if (step.state.phase !== state.phase && !successors[state.phase].includes(step.state.phase)) {
    throw new Error(`illegal transition ${state.phase} -> ${step.state.phase} on ${event.type}`);
  }
  return step;
}

function decide(state: Lifecycle, event: LifecycleEvent, policy: Policy): Step {
  switch (event.type) {
    case 'order':
      return event.order === 'run' ? orderRun(state) : orderStop(state);
    case 'restart':
      // What plays has overcome its failures; they say nothing about a start that somebody ordered.
      return restart({ ...state, order: 'run', failures: state.phase === 'running' ? 0 : state.failures });
    case 'replan':
      return state.process === 'alive' && state.phase !== 'stopping' ? restart(state) : stay(state);
    case 'adopted':
      return adopt({ ...state, order: event.order }, event.delivering, event.restarts, policy);
    case 'spawned':
      return spawned(state);
    case 'spawn-failed':
    case 'exited':
      return gone(state, event.failure, policy);
    case 'delivering':
      if (state.phase !== 'starting') return stay(state);
      return {
        state: { ...state, phase: 'running', hasDelivered: true },
        effects: [{ type: 'timer', name: 'stable', delayMs: policy.restart.stableAfterMs }],
      };
    case 'stable':
      return state.phase === 'running' ? stay({ ...state, failures: 0 }) : stay(state);
    case 'stalled':
      if (state.process !== 'alive' || state.phase === 'stopping') return stay(state);
      return stopProcess({ ...state, failure: event.failure }, 'back-off', 'hung');
    case 'retry':
      if (state.phase !== 'backing-off' && state.phase !== 'failed') return stay(state);
      // A start that had only waited for its turn is the same start.
      return spawn(state.failure?.pace === 'wait' ? state : { ...state, restarts: state.restarts + 1 });
    case 'escalate':
      return state.phase === 'stopping' && state.process === 'alive' ? escalate(state) : stay(state);
  }
}

function stay(state: Lifecycle): Step {
  return { state, effects: [] };
}

function spawn(state: Lifecycle): Step {
  return {
    state: { ...state, phase: 'starting', process: 'spawning', hasDelivered: false },
    effects: [{ type: 'cancel', name: 'retry' }, { type: 'cancel', name: 'escalate' }, { type: 'spawn' }],
  };
}

function orderRun(state: Lifecycle): Step {
  const ordered: Lifecycle = { ...state, order: 'run' };
  switch (state.phase) {
    case 'stopped':
      return spawn({ ...ordered, failures: 0, restarts: 0, failure: undefined });
    case 'backing-off':
    case 'failed':
      return spawn({ ...ordered, failures: 0 });
    case 'stopping':
      return stay(state.afterwards === 'stop' ? { ...ordered, afterwards: 'restart' } : ordered);
    case 'starting':
    case 'running':
      return stay(ordered);
  }
}

function orderStop(state: Lifecycle): Step {
  const ordered: Lifecycle = { ...state, order: 'stop' };
  switch (state.phase) {
    case 'stopped':
      return stay(ordered);
    case 'backing-off':
    case 'failed':
      return { state: { ...ordered, phase: 'stopped', failures: 0 }, effects: [{ type: 'cancel', name: 'retry' }] };
    case 'stopping':
      return stay({ ...ordered, afterwards: 'stop' });
    case 'starting':
    case 'running':
      return stopProcess(ordered, 'stop', 'ordered');
  }
}

function restart(state: Lifecycle): Step {
  switch (state.phase) {
    case 'stopped':
    case 'backing-off':
    case 'failed':
      return spawn({ ...state, failures: 0 });
    case 'stopping':
      return stay({ ...state, afterwards: 'restart' });
    case 'starting':
    case 'running':
      return stopProcess(state, 'restart', 'ordered');
  }
}

function adopt(state: Lifecycle, delivering: boolean, restarts: number, policy: Policy): Step {
  if (state.process !== 'none') return stay(state);
  const alive: Lifecycle = { ...state, process: 'alive', restarts, hasDelivered: delivering };
  if (state.order === 'stop') return stopProcess({ ...alive, phase: 'stopped' }, 'stop', 'ordered');
  const cancel: Effect = { type: 'cancel', name: 'retry' };
  if (!delivering) return { state: { ...alive, phase: 'starting' }, effects: [cancel] };
  const stable: Effect = { type: 'timer', name: 'stable', delayMs: policy.restart.stableAfterMs };
  return { state: { ...alive, phase: 'running' }, effects: [cancel, stable] };
}

function spawned(state: Lifecycle): Step {
  const alive: Lifecycle = { ...state, process: 'alive' };
  // A stop that was ordered while the process was being made takes effect now.
  return state.phase === 'stopping' ? stopProcess(alive, state.afterwards, state.stopReason) : stay(alive);
}

function stopProcess(state: Lifecycle, afterwards: Lifecycle['afterwards'], reason: Lifecycle['stopReason']): Step {
  const stopping: Lifecycle = { ...state, phase: 'stopping', afterwards, stopReason: reason, stopStep: 1 };
  const cancel: Effect = { type: 'cancel', name: 'stable' };
  if (state.process !== 'alive') return { state: stopping, effects: [cancel] };
  return {
    state: stopping,
    effects: [cancel, { type: 'signal', signal: 'SIGTERM' }, { type: 'timer', name: 'escalate', delayMs: stopLadderMs[reason][0] }],
  };
}

function escalate(state: Lifecycle): Step {
  const ladder: readonly number[] = stopLadderMs[state.stopReason];
  const wait = ladder[state.stopStep];
  const next: Lifecycle = { ...state, stopStep: state.stopStep + 1 };
  const signal = wait === undefined ? 'SIGKILL' : 'SIGTERM';
  return {
    state: next,
    effects: [
      { type: 'signal', signal },
      { type: 'timer', name: 'escalate', delayMs: wait ?? killAgainMs },
    ],
  };
}

/** The process is gone, or could not be made. Exit codes are not asked: any end that was not ordered is a failure. */
function gone(state: Lifecycle, failure: Failure, policy: Policy): Step {
  if (state.process === 'none') return stay(state);
  const none: Lifecycle = { ...state, process: 'none' };
  const cancels: Effect[] = [
    { type: 'cancel', name: 'escalate' },
    { type: 'cancel', name: 'stable' },
  ];
  if (state.phase === 'stopping') {
    if (state.afterwards === 'stop') return { state: { ...none, phase: 'stopped', failures: 0 }, effects: cancels };
    if (state.afterwards === 'restart') {
      const step = spawn(none);
      return { state: step.state, effects: [...cancels, ...step.effects] };
    }
    return backOff(none, state.failure ?? failure, policy, cancels);
  }
  return backOff(none, failure, policy, cancels);
}

function backOff(state: Lifecycle, failure: Failure, policy: Policy, cancels: readonly Effect[]): Step {
  const failures = failure.pace === 'wait' ? state.failures : state.failures + 1;
  // `failed` is what people are told; the tries go on, so a source that returns is found again by itself.
  const givenUp = failure.pace === 'never' || failures >= failuresUntilFailed;
  const delayMs = retryDelayMs({
    failures,
    pace: failure.pace,
    hadDelivered: state.hasDelivered,
    playedMs: policy.playedMs,
    random: policy.random,
    policy: policy.restart,
  });
  return {
    state: { ...state, phase: givenUp ? 'failed' : 'backing-off', failures, failure },
    effects: [...cancels, { type: 'timer', name: 'retry', delayMs }],
  };
}
