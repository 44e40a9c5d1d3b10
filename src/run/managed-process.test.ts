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

beforeEach(() => {
  clock = createVirtualClock(() => 0.999_999);
  processes = createFakeProcesses();
  prepareFails = undefined;
  managed = createManagedProcess({
    ports: { process: processes, clock },
    policy: () => ({ minDelayMs: 1000, maxDelayMs: 60_000, stableAfterMs: 60_000 }),
    limiter: createStartLimiter(clock, { burst: 1, intervalMs: 100 }),
    target: {
      prepare: async () => {
        if (prepareFails !== undefined) throw prepareFails;
        return spec;
      },
      onStarted: () => undefined,
      onExited: async () => crash,
      onChange: () => undefined,
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

  it('leaves its process alone once detached', async () => {
    managed.order('run');
    await clock.advance(0);
    managed.detach();
    await crashes();
    await clock.advance(100_000);
    expect(processes.started).toHaveLength(1);
    expect(clock.pending()).toBe(0);
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
