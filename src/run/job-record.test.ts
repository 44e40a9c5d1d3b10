import { describe, expect, it } from 'vitest';

import { createFakeProcesses } from '../../tests/fakes/fake-processes.ts';
import type { MarkedProcess } from '../core/ports.ts';
import { jobMark } from '../core/state-paths.ts';
import { findJobs, isAlive } from './job-record.ts';

const marked = (pid: number, groupId: number, state = 'S'): MarkedProcess => ({
  pid,
  groupId,
  state,
  startTime: String(pid),
  parentPid: 1,
  env: { [jobMark.id]: 'news', [jobMark.plan]: 'hash' },
});

describe('findJobs', () => {
  it('names the job before its children, also when pids have wrapped round, and no zombies', () => {
    const process = { ...createFakeProcesses(), findMarked: () => [marked(20, 900), marked(30, 30, 'Z'), marked(900, 900)] };
    expect(findJobs(process, '/state').map(({ pid }) => pid)).toEqual([900, 20]);
  });
});

describe('isAlive', () => {
  it('believes a pid only with its start time', () => {
    const process = createFakeProcesses();
    const { pid, startTime } = process.plant();
    expect(isAlive(process, { pid, startTime })).toBe(true);
    expect(isAlive(process, { pid, startTime: '1' })).toBe(false);
    expect(isAlive(process, { pid: pid + 1, startTime })).toBe(false);
  });
});
