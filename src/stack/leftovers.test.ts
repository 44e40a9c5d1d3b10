import { beforeEach, describe, expect, it } from 'vitest';

import { createFakeProcesses, type FakeProcesses } from '../../tests/fakes/fake-processes.ts';
import { createMemoryFiles, type MemoryFiles } from '../../tests/fakes/memory-files.ts';
import { createVirtualClock, type VirtualClock } from '../../tests/fakes/virtual-clock.ts';
import { jobMark, statePaths } from '../core/state-paths.ts';
import { endLeftovers } from './leftovers.ts';

const paths = statePaths('/state', undefined);
const record = '/state/jobs/nginx-rtmp.json';

let clock: VirtualClock;
let processes: FakeProcesses;
let files: MemoryFiles;

beforeEach(() => {
  clock = createVirtualClock();
  processes = createFakeProcesses();
  files = createMemoryFiles(clock);
});

async function end(): Promise<boolean> {
  const done = endLeftovers({ process: processes, files, clock }, paths);
  done.catch(() => undefined);
  await clock.advance(15_000);
  return done;
}

describe('endLeftovers', () => {
  it('finds nothing where nothing runs, and leaves other folders’ jobs alone', async () => {
    const other = processes.plant({ [jobMark.state]: '/elsewhere' });
    expect(await end()).toBe(false);
    expect(other.signals).toEqual([]);
  });

  it('ends jobs by their marks and nginx by its record', async () => {
    const job = processes.plant({ [jobMark.state]: '/state' });
    const nginx = processes.plant();
    files.put(record, JSON.stringify({ pid: nginx.pid, startTime: nginx.startTime }));
    expect(await end()).toBe(true);
    expect([job.signals, nginx.signals]).toEqual([['SIGTERM'], ['SIGTERM']]);
  });

  it('does not believe a record whose pid is somebody else’s now', async () => {
    const bystander = processes.plant();
    files.put(record, JSON.stringify({ pid: bystander.pid, startTime: '1' }));
    expect(await end()).toBe(false);
    expect(bystander.signals).toEqual([]);
  });

  it('kills what ignores signals, and says what not even that ends', async () => {
    const deaf = processes.plant({ [jobMark.state]: '/state' });
    processes.onSignal = (process, signal) => {
      if (signal === 'SIGKILL') process.end({ code: undefined, signal });
    };
    expect(await end()).toBe(true);
    expect(deaf.signals).toEqual(['SIGTERM', 'SIGTERM', 'SIGKILL']);
    const stuck = processes.plant({ [jobMark.state]: '/state' });
    processes.onSignal = () => undefined;
    await expect(end()).rejects.toThrow(String(stuck.pid));
  });
});
