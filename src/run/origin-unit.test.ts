import { beforeEach, describe, expect, it } from 'vitest';

import { createFakeProcesses, type FakeProcesses } from '../../tests/fakes/fake-processes.ts';
import { createMemoryFiles, type MemoryFiles } from '../../tests/fakes/memory-files.ts';
import { createVirtualClock, type VirtualClock } from '../../tests/fakes/virtual-clock.ts';
import { endpoints } from '../../tests/helpers/plans.ts';
import type { EventDraft } from '../core/events.ts';
import type { ProcessInfo } from '../core/ports.ts';
import { statePaths } from '../core/state-paths.ts';
import { createLocalOrigin, type OriginUnit } from './origin-unit.ts';
import { createStartLimiter } from './start-limiter.ts';

const record = '/state/jobs/nginx-rtmp.json';
const bootId = '/proc/sys/kernel/random/boot_id';

let clock: VirtualClock;
let processes: FakeProcesses;
let files: MemoryFiles;
let origin: OriginUnit;
let healthy: boolean;
let holder: number | undefined;
let members: readonly ProcessInfo[];
let events: EventDraft[];

const member = (pid: number, startTime: string): ProcessInfo => ({ pid, startTime, state: 'S', parentPid: 1, groupId: 77 });

beforeEach(() => {
  clock = createVirtualClock();
  processes = createFakeProcesses();
  files = createMemoryFiles(clock);
  healthy = true;
  holder = undefined;
  members = [];
  events = [];
  processes.groupMembers = () => members;
  files.put(bootId, 'boot-2\n');
  origin = createLocalOrigin({
    ports: {
      clock,
      files,
      process: processes,
      net: {
        get: async () => (healthy ? { status: 200, headers: {}, body: '' } : undefined),
        post: async () => undefined,
        canConnect: async () => true,
        portHolder: async (port) => (holder === undefined ? undefined : { port, pid: holder }),
      },
    },
    endpoints,
    paths: statePaths('/state', undefined),
    limiter: createStartLimiter(clock, { burst: 10, intervalMs: 100 }),
    log: { ffmpeg: (line) => line, nginx: (line) => line, note: () => undefined, tail: () => [], close: async () => undefined },
    events: { record: (event) => void events.push(event) },
    nginx: async () => ({ path: '/usr/sbin/nginx', conf: 'conf' }),
  });
});

describe('the local nginx', () => {
  it('is not looked for among the processes of another boot: whoever has its old number lives', async () => {
    const bystander = processes.plant();
    members = [member(bystander.pid, bystander.startTime)];
    files.put(record, JSON.stringify({ pid: 77, startTime: '5', startedAtMs: 1, bootId: 'boot-1' }));
    await origin.start();
    expect(bystander.signals).toEqual([]);
  });

  it('leaves a group alone whose number is somebody else’s now', async () => {
    const bystander = processes.plant();
    members = [member(bystander.pid, bystander.startTime)];
    files.put(record, JSON.stringify({ pid: bystander.pid, startTime: '5', startedAtMs: 1, bootId: 'boot-2' }));
    await origin.start();
    expect(bystander.signals).toEqual([]);
  });

  it('ends the workers that a killed master left behind, which hold the ports', async () => {
    const worker = processes.plant();
    members = [member(worker.pid, worker.startTime)];
    files.put(record, JSON.stringify({ pid: 77, startTime: '5', startedAtMs: 1, bootId: 'boot-2' }));
    await origin.start();
    expect(worker.signals).toEqual(['SIGKILL']);
  });

  it('is started again only after the workers of a killed master are gone', async () => {
    await origin.start();
    await clock.advance(0);
    const [master] = processes.started;
    const worker = processes.plant();
    members = [member(worker.pid, worker.startTime)];
    master?.end({ code: undefined, signal: 'SIGKILL' });
    await clock.advance(0);
    expect(worker.signals).toEqual(['SIGKILL']);
    await clock.advance(1000);
    expect(processes.started).toHaveLength(2);
  });

  it('is adopted by its pid file when its record was lost and it holds the port', async () => {
    const lost = processes.plant();
    files.put('/state/nginx/nginx.pid', `${lost.pid}\n`);
    holder = lost.pid;
    await origin.start();
    await clock.advance(0);
    expect(origin.status()).toMatchObject({ pid: lost.pid, state: 'running' });
    expect(processes.started).toEqual([]);
  });

  it('is not somebody whose pid an old pid file names', async () => {
    const other = processes.plant();
    files.put('/state/nginx/nginx.pid', `${other.pid}\n`);
    await origin.start();
    await clock.advance(0);
    expect(origin.status().pid).toBe(processes.started[0]?.pid);
  });

  it('starts again on a full disk with the configuration that is there', async () => {
    await origin.start();
    await clock.advance(0);
    files.writeError = new Error('ENOSPC');
    processes.living()[0]?.end({ code: 1, signal: undefined });
    await clock.advance(5000);
    expect(processes.started).toHaveLength(2);
    expect(processes.living()).toHaveLength(1);
  });

  it('is replaced when it hangs, and tells since when it answers', async () => {
    await origin.start();
    await clock.advance(0);
    await origin.tick();
    expect(origin.answersSince()).toBe(clock.monotonic());
    healthy = false;
    for (let second = 0; second < 12; second += 1) {
      await clock.advance(1000);
      await origin.tick();
    }
    expect(processes.started[0]?.signals).toContain('SIGTERM');
    expect(origin.answersSince()).toBeUndefined();
  });

  it('tells its story: started, answers, hung, answers again', async () => {
    await origin.start();
    await clock.advance(0);
    await origin.tick();
    healthy = false;
    for (let second = 0; second < 12; second += 1) {
      await clock.advance(1000);
      await origin.tick();
    }
    healthy = true;
    for (let second = 0; second < 5; second += 1) {
      await clock.advance(1000);
      await origin.tick();
    }
    expect(events.map(({ kind, cause }) => `${kind} ${cause}`)).toEqual([
      'origin started',
      'origin answers',
      'origin silent',
      'origin nginx-hung',
      'origin started',
      'origin answers',
    ]);
    expect(events.at(-1)?.message).toMatch(/^nginx answers again after \d+(?:\.\d)? s$/);
  });
});
