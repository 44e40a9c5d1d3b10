import { beforeEach, describe, expect, it } from 'vitest';

import { AppError } from '../core/errors.ts';
import { createFakeProcesses, type FakeProcesses } from '../../tests/fakes/fake-processes.ts';
import { createVirtualClock, type VirtualClock } from '../../tests/fakes/virtual-clock.ts';
import type { Failure } from './lifecycle.ts';
import { createManagedProcess, type ManagedProcess } from './managed-process.ts';
import { createStartLimiter } from './start-limiter.ts';

const crash: Failure = { cause: 'crash', message: 'it ended', evidence: [], pace: 'normal' };
const spec = { file: 'ffmpeg', argv: [], env: {}, cwd: '/', stderrPath: '/dev/null' };

let clock: VirtualClock;
let processes: FakeProcesses;
let managed: ManagedProcess;
let prepareFails: Error | undefined;
let preparing: Promise<void>;
let onStarted: () => void;
let onExited: () => Promise<Failure>;
let errors: string[];

beforeEach(() => {
  clock = createVirtualClock(() => 0.999_999);
  processes = createFakeProcesses();
  prepareFails = undefined;
  preparing = Promise.resolve();
  onStarted = () => undefined;
  onExited = async () => crash;
  errors = [];
  managed = createManagedProcess({
    ports: { process: processes, clock },
    policy: () => ({ minDelayMs: 1000, maxDelayMs: 60_000, stableAfterMs: 60_000 }),
    limiter: createStartLimiter(clock, { burst: 1, intervalMs: 100 }),
    target: {
      prepare: async () => {
        if (prepareFails !== undefined) throw prepareFails;
        await preparing;
        return spec;
      },
      onStarted: () => onStarted(),
      onExited: () => onExited(),
      onChange: () => undefined,
      onError: (message) => errors.push(message),
    },
  });
});

const crashes = async (): Promise<void> => {
  processes.living()[0]?.end({ code: 1, signal: undefined });
  await clock.advance(0);
};

describe('a managed process', () => {
  it('is started by an order and restarted with growing pauses when it crashes at once', async () => {
    managed.order('run');
    await clock.advance(0);
    const startsAt: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      expect(processes.living()).toHaveLength(1);
      startsAt.push(clock.monotonic());
      await crashes();
      for (let waited = 0; processes.living().length === 0 && waited < 100_000; waited += 100) await clock.advance(100);
    }
    const pauses = startsAt.slice(1).map((at, index) => at - (startsAt[index] ?? 0));
    expect(pauses).toEqual([1000, 2000, 4000, 8000]);
  });

  it('waits for a while when the command cannot be made, then tries again', async () => {
    prepareFails = new AppError({ exitCode: 69, code: 'ffmpeg-missing', message: 'ffmpeg was not found' });
    managed.order('run');
    await clock.advance(0);
    expect(managed.lifecycle()).toMatchObject({ phase: 'backing-off', failure: { cause: 'ffmpeg-missing' } });
    prepareFails = undefined;
    await clock.advance(2000);
    expect(processes.living()).toHaveLength(1);
  });

  it('is back within the shortest pause after each run that played well, however many there were', async () => {
    managed.order('run');
    await clock.advance(0);
    for (let round = 0; round < 6; round += 1) {
      managed.dispatch({ type: 'delivering' });
      await clock.advance(5000);
      await crashes();
      await clock.advance(1000);
      expect(processes.living()).toHaveLength(1);
    }
    managed.dispatch({ type: 'delivering' });
    await clock.advance(4000);
    await crashes();
    await clock.advance(9000);
    expect(processes.living()).toHaveLength(0);
  });

  it('climbs the whole ladder for a process that ignores signals', async () => {
    processes.onSignal = (process, signal) => {
      if (signal === 'SIGKILL') process.end({ code: undefined, signal });
    };
    managed.order('run');
    await clock.advance(0);
    managed.order('stop');
    await clock.advance(4999);
    expect(processes.started[0]?.signals).toEqual(['SIGTERM', 'SIGTERM']);
    await clock.advance(1);
    expect(processes.started[0]?.signals).toEqual(['SIGTERM', 'SIGTERM', 'SIGKILL']);
    expect(managed.lifecycle().phase).toBe('stopped');
    expect(clock.pending()).toBe(0);
  });

  it('kills one that is stopped by a signal at once: it would not hear of a milder one', async () => {
    managed.order('run');
    await clock.advance(0);
    const [process] = processes.living();
    if (process === undefined) throw new Error('nothing runs');
    process.state = 'T';
    managed.order('stop');
    await clock.advance(0);
    expect(process.signals).toEqual(['SIGKILL']);
    expect(managed.lifecycle().phase).toBe('stopped');
  });

  it('does not start what was stopped while it waited for its turn', async () => {
    await clock.advance(0);
    managed.order('run');
    await clock.advance(0);
    await crashes();
    await clock.advance(1000);
    managed.order('stop');
    await clock.advance(10_000);
    expect(processes.living()).toHaveLength(0);
    expect(managed.lifecycle().phase).toBe('stopped');
  });

  it('adopts a process, notices its end without being its parent, and starts the next one', async () => {
    const orphan = processes.plant();
    managed.adopt({ pid: orphan.pid, startTime: orphan.startTime, startedAtMs: 5 }, { order: 'run', delivering: true, restarts: 2 });
    await clock.advance(10_000);
    managed.checkAdopted();
    expect(processes.started).toHaveLength(0);
    expect(managed.alive()).toMatchObject({ pid: orphan.pid, adopted: true });
    orphan.end({ code: 0, signal: undefined });
    managed.checkAdopted();
    await clock.advance(500);
    expect(processes.started).toHaveLength(1);
    expect(managed.lifecycle().restarts).toBe(3);
  });

  it('keeps its pauses when the wall clock jumps', async () => {
    managed.order('run');
    await clock.advance(0);
    await crashes();
    clock.jumpWall(3_600_000);
    await clock.advance(900);
    expect(processes.living()).toHaveLength(0);
    clock.jumpWall(-7_200_000);
    await clock.advance(200);
    expect(processes.living()).toHaveLength(1);
  });

  it('leaves its process alone once detached, and its last words to the next supervisor', async () => {
    let read = 0;
    onExited = async () => {
      read += 1;
      return crash;
    };
    managed.order('run');
    await clock.advance(0);
    managed.detach();
    await crashes();
    expect(read).toBe(0);
    await clock.advance(100_000);
    expect(processes.started).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});

describe('a managed process when something around it fails', () => {
  it('starts again a process whose last words cannot be read', async () => {
    onExited = async () => Promise.reject(new Error('EMFILE'));
    managed.order('run');
    await clock.advance(0);
    await crashes();
    expect(managed.lifecycle()).toMatchObject({ phase: 'backing-off', failure: { cause: 'unknown' } });
    expect(managed.lifecycle().failure?.message).toContain('EMFILE');
    await clock.advance(1000);
    expect(processes.started).toHaveLength(2);
  });

  it('starts again a process whose last words hang in a dead file system', async () => {
    onExited = () => new Promise(() => undefined);
    managed.order('run');
    await clock.advance(0);
    await crashes();
    await clock.advance(10_000);
    expect(processes.started).toHaveLength(2);
  });

  it('tells of an adopted process that its last words cannot be read, once', async () => {
    let read = 0;
    onExited = async () => {
      read += 1;
      throw new Error('EIO');
    };
    const orphan = processes.plant();
    managed.adopt({ pid: orphan.pid, startTime: orphan.startTime, startedAtMs: 5 }, { order: 'run', delivering: true, restarts: 0 });
    orphan.end({ code: 0, signal: undefined });
    managed.checkAdopted();
    managed.checkAdopted();
    await clock.advance(0);
    expect(managed.lifecycle()).toMatchObject({ phase: 'backing-off', failures: 1 });
    expect(read).toBe(1);
  });

  it('watches a process whose start could not be recorded', async () => {
    onStarted = () => {
      throw new Error('disk full');
    };
    managed.order('run');
    await clock.advance(0);
    expect(errors.join()).toContain('disk full');
    expect(managed.lifecycle().process).toBe('alive');
    await crashes();
    await clock.advance(1000);
    expect(processes.started).toHaveLength(2);
  });

  it('climbs the ladder although the kernel refuses a signal', async () => {
    processes.onSignal = (process, signal) => {
      if (signal !== 'SIGKILL') throw new Error('not permitted');
      process.end({ code: undefined, signal });
    };
    managed.order('run');
    await clock.advance(0);
    managed.order('stop');
    await clock.advance(5000);
    expect(managed.lifecycle().phase).toBe('stopped');
    expect(errors.join()).toContain('not permitted');
  });

  it('gives up making a command that hangs, and can be stopped meanwhile', async () => {
    preparing = new Promise(() => undefined);
    managed.order('run');
    await clock.advance(0);
    managed.order('stop');
    await clock.advance(30_000);
    expect(managed.lifecycle().phase).toBe('stopped');
    expect(processes.started).toHaveLength(0);
    expect(clock.pending()).toBe(0);
  });

  it('starts nothing once detached or stopped while the command was made', async () => {
    const first = Promise.withResolvers<void>();
    preparing = first.promise;
    managed.order('run');
    await clock.advance(0);
    managed.order('stop');
    first.resolve();
    await clock.advance(0);
    expect(managed.lifecycle().phase).toBe('stopped');
    const second = Promise.withResolvers<void>();
    preparing = second.promise;
    managed.order('run');
    await clock.advance(1000);
    managed.detach();
    second.resolve();
    await clock.advance(1000);
    expect(processes.started).toHaveLength(0);
  });

  it('adopts nothing while a start of its own is under way', async () => {
    const gate = Promise.withResolvers<void>();
    preparing = gate.promise;
    managed.order('run');
    await clock.advance(0);
    const stray = processes.plant();
    managed.adopt({ pid: stray.pid, startTime: stray.startTime, startedAtMs: 5 }, { order: 'run', delivering: true, restarts: 0 });
    gate.resolve();
    await clock.advance(0);
    expect(managed.alive()?.pid).toBe(processes.started[0]?.pid);
    expect(managed.lifecycle().process).toBe('alive');
  });
});

describe('the start limiter', () => {
  it('lets a burst through and spreads the rest', async () => {
    const limiter = createStartLimiter(clock, { burst: 3, intervalMs: 100 });
    const startedAt: number[] = [];
    const begin = clock.monotonic();
    for (let index = 0; index < 6; index += 1) {
      limiter.enqueue(async () => {
        startedAt.push(clock.monotonic() - begin);
      });
    }
    expect(limiter.waiting()).toBe(3);
    await clock.advance(1000);
    expect(startedAt).toEqual([0, 0, 0, 100, 200, 300]);
  });
});
