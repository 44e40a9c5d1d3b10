import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  initialLifecycle,
  successors,
  transition,
  type Effect,
  type Failure,
  type Lifecycle,
  type LifecycleEvent,
  type Policy,
} from './lifecycle.ts';

const policy: Policy = { restart: { minDelayMs: 1000, maxDelayMs: 60_000, stableAfterMs: 60_000 }, random: 0.999_999, playedMs: 0 };
const failure: Failure = { cause: 'timeout', message: 'the source did not answer', evidence: [], pace: 'normal' };

function run(events: readonly LifecycleEvent[], from: Lifecycle = initialLifecycle): { state: Lifecycle; effects: readonly Effect[] } {
  let state = from;
  let effects: readonly Effect[] = [];
  for (const event of events) ({ state, effects } = transition(state, event, policy));
  return { state, effects };
}

const start: readonly LifecycleEvent[] = [{ type: 'order', order: 'run' }, { type: 'spawned' }];
const playing: readonly LifecycleEvent[] = [...start, { type: 'delivering' }];

describe('lifecycle', () => {
  it('runs when it delivers, not when its process exists', () => {
    expect(run(start).state.phase).toBe('starting');
    expect(run(playing).state.phase).toBe('running');
  });

  it('treats every exit that was not ordered as a failure, whatever its code', () => {
    const { state, effects } = run([...playing, { type: 'exited', failure }]);
    expect(state).toMatchObject({ phase: 'backing-off', failures: 1, process: 'none' });
    expect(effects).toContainEqual({ type: 'timer', name: 'retry', delayMs: 50 });
  });

  it('counts a restart only when it is tried again', () => {
    expect(run([...playing, { type: 'exited', failure }]).state.restarts).toBe(0);
    expect(run([...playing, { type: 'exited', failure }, { type: 'retry' }]).state.restarts).toBe(1);
  });

  it('forgets failures after a stable run', () => {
    const events: LifecycleEvent[] = [
      ...playing,
      { type: 'exited', failure },
      { type: 'retry' },
      { type: 'spawned' },
      { type: 'delivering' },
    ];
    expect(run(events).state.failures).toBe(1);
    expect(run([...events, { type: 'stable' }]).state.failures).toBe(0);
  });

  it('shows failed after ten failures in a row, and goes on trying', () => {
    const again: LifecycleEvent[] = [{ type: 'retry' }, { type: 'spawned' }, { type: 'exited', failure }];
    const { state, effects } = run([...start, { type: 'exited', failure }, ...Array.from({ length: 9 }, () => again).flat()]);
    expect(state.phase).toBe('failed');
    expect(effects).toContainEqual({ type: 'timer', name: 'retry', delayMs: 60_000 });
  });

  it('fails at once on what cannot work as configured, and still tries every five minutes', () => {
    const { state, effects } = run([...start, { type: 'exited', failure: { ...failure, pace: 'never' } }]);
    expect(state.phase).toBe('failed');
    expect(effects).toContainEqual({ type: 'timer', name: 'retry', delayMs: 300_000 });
  });

  it('stops with TERM, 2 s, TERM, 3 s, KILL', () => {
    const stop = run([...playing, { type: 'order', order: 'stop' }]);
    expect(stop.effects).toEqual([
      { type: 'cancel', name: 'stable' },
      { type: 'signal', signal: 'SIGTERM' },
      { type: 'timer', name: 'escalate', delayMs: 2000 },
    ]);
    const second = run([{ type: 'escalate' }], stop.state);
    expect(second.effects).toEqual([
      { type: 'signal', signal: 'SIGTERM' },
      { type: 'timer', name: 'escalate', delayMs: 3000 },
    ]);
    const third = run([{ type: 'escalate' }], second.state);
    expect(third.effects[0]).toEqual({ type: 'signal', signal: 'SIGKILL' });
    expect(run([{ type: 'exited', failure }], third.state).state.phase).toBe('stopped');
  });

  it('kills a job that stands still after one second and backs off', () => {
    const stalled = run([...playing, { type: 'stalled', failure: { ...failure, cause: 'stalled' } }]);
    expect(stalled.effects).toContainEqual({ type: 'timer', name: 'escalate', delayMs: 1000 });
    const killed = run([{ type: 'escalate' }], stalled.state);
    expect(killed.effects[0]).toEqual({ type: 'signal', signal: 'SIGKILL' });
    expect(run([{ type: 'exited', failure }], killed.state).state).toMatchObject({ phase: 'backing-off', failure: { cause: 'stalled' } });
  });

  it('stops a process that was ordered to stop while it was being made', () => {
    const state = run([
      { type: 'order', order: 'run' },
      { type: 'order', order: 'stop' },
    ]).state;
    expect(state.phase).toBe('stopping');
    const { effects } = run([{ type: 'spawned' }], state);
    expect(effects).toContainEqual({ type: 'signal', signal: 'SIGTERM' });
  });

  it('starts again when the order comes back during a stop', () => {
    const { state, effects } = run([
      ...playing,
      { type: 'order', order: 'stop' },
      { type: 'order', order: 'run' },
      { type: 'exited', failure },
    ]);
    expect(state.phase).toBe('starting');
    expect(effects).toContainEqual({ type: 'spawn' });
  });

  it('replans without counting a failure', () => {
    const { state } = run([...playing, { type: 'replan' }, { type: 'exited', failure }]);
    expect(state).toMatchObject({ phase: 'starting', failures: 0, restarts: 0 });
  });

  it('hears the end of a process that it knows to be gone without a word', () => {
    const stopped = run([...playing, { type: 'order', order: 'stop' }, { type: 'exited', failure }]).state;
    expect(transition(stopped, { type: 'exited', failure }, policy)).toEqual({ state: stopped, effects: [] });
  });

  it('kills again what even SIGKILL did not end at once', () => {
    const { effects } = run([
      ...playing,
      { type: 'order', order: 'stop' },
      { type: 'escalate' },
      { type: 'escalate' },
      { type: 'escalate' },
    ]);
    expect(effects).toEqual([
      { type: 'signal', signal: 'SIGKILL' },
      { type: 'timer', name: 'escalate', delayMs: 5000 },
    ]);
  });

  it('adopts nothing while a process is being made', () => {
    const spawning = run([{ type: 'order', order: 'run' }]).state;
    expect(transition(spawning, { type: 'adopted', order: 'run', delivering: true, restarts: 0 }, policy)).toEqual({
      state: spawning,
      effects: [],
    });
  });

  it('adopts a process instead of starting one, and ends one that was ordered to stop', () => {
    const adopted = run([{ type: 'adopted', order: 'run', delivering: true, restarts: 3 }]);
    expect(adopted.state).toMatchObject({ phase: 'running', restarts: 3 });
    expect(adopted.effects).not.toContainEqual({ type: 'spawn' });
    const unwanted = run([{ type: 'adopted', order: 'stop', delivering: true, restarts: 0 }]);
    expect(unwanted.effects).toContainEqual({ type: 'signal', signal: 'SIGTERM' });
  });
});

const anyEvent: fc.Arbitrary<LifecycleEvent> = fc.oneof(
  fc.constantFrom<LifecycleEvent>(
    { type: 'order', order: 'run' },
    { type: 'order', order: 'stop' },
    { type: 'restart' },
    { type: 'replan' },
    { type: 'delivering' },
    { type: 'stable' },
    { type: 'retry' },
    { type: 'escalate' },
  ),
  fc
    .constantFrom('fast' as const, 'normal' as const, 'never' as const)
    .map((pace) => ({ type: 'exited' as const, failure: { ...failure, pace } })),
  fc.constant({ type: 'stalled' as const, failure }),
);

/** Plays the world: what is asked to be spawned is spawned (or fails), timers and exits come in any order. */
function world(script: readonly { event: LifecycleEvent; spawnWorks: boolean }[]) {
  let state = initialLifecycle;
  let processes = 0;
  let spawning = 0;
  const timers = new Set<string>();
  const feed = (event: LifecycleEvent): void => {
    const before = state;
    const step = transition(state, event, policy);
    state = step.state;
    expect(before.phase === state.phase || successors[before.phase].includes(state.phase)).toBe(true);
    for (const effect of step.effects) {
      if (effect.type === 'spawn') spawning += 1;
      if (effect.type === 'timer') timers.add(effect.name);
      if (effect.type === 'cancel') timers.delete(effect.name);
    }
    expect(processes + spawning).toBeLessThanOrEqual(1);
  };
  for (const { event, spawnWorks } of script) {
    if (event.type === 'exited') {
      if (processes === 0) continue;
      processes -= 1;
    }
    if ((event.type === 'retry' || event.type === 'escalate' || event.type === 'stable') && !timers.delete(event.type)) continue;
    feed(event);
    if (spawning > 0) {
      spawning -= 1;
      if (spawnWorks) processes += 1;
      feed(spawnWorks ? { type: 'spawned' } : { type: 'spawn-failed', failure });
    }
  }
  return { state: () => state, processes: () => processes, timers, feed, end: () => (processes = 0) };
}

describe('lifecycle, whatever happens', () => {
  const scripts = fc.array(fc.record({ event: anyEvent, spawnWorks: fc.boolean() }), { maxLength: 60 });

  it('never has two processes, takes only legal steps, and knows whether one lives', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const end = world(script);
        expect(end.state().process).toBe(end.processes() > 0 ? 'alive' : 'none');
      }),
      { numRuns: 500 },
    );
  });

  it('never rests without a way on: ordered to run means a process, or a timer that will make one', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const { state, processes, timers } = world(script);
        if (state().order === 'run' && processes() === 0) expect(timers.has('retry')).toBe(true);
        if (state().phase === 'stopping') expect(timers.has('escalate')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('ends stopped, without a timer left, when ordered to stop and the process goes', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const end = world(script);
        end.feed({ type: 'order', order: 'stop' });
        if (end.processes() > 0) {
          end.end();
          end.feed({ type: 'exited', failure });
        }
        expect(end.state().phase).toBe('stopped');
        expect([...end.timers]).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
