// What the supervisor costs by itself, and what each channel adds to it.

import type { TestStack } from '../helpers/stack.ts';
import type { Figure, PartReport } from './figure.ts';
import { median, round, sum } from './numbers.ts';
import { readCpuSeconds, readMemory, type MemoryMb } from './proc-cost.ts';
import { entry, iptv, makeSource, withStack, type Session } from './session.ts';

const counts = [1, 20, 50] as const;
const aims = { residentMb: 80, memoryPerChannelMb: 0.3, cpuPerChannelPercent: 0.05 };

interface Cost {
  readonly channels: number;
  readonly supervisor: MemoryMb;
  readonly supervisorCpuPercent: number;
  /** Of one ffmpeg, on average. */
  readonly job: MemoryMb;
  readonly jobCpuPercent: number;
  readonly restarts: number;
}

export async function measureSupervisor(session: Session): Promise<PartReport> {
  // Long, so that the seam of the loop, which ffmpeg complains about, is rare.
  const source = makeSource(session, { name: 'low', size: '160x90', fps: 10, seconds: 300, videoBitrate: '48k', audioBitrate: '32k' });
  const ids = Array.from({ length: Math.max(...counts) }, (_, at) => `channel${at + 1}`);
  return withStack(session, { streams: ids.map((id) => entry(id, source)).join('\n') }, async (stack) => {
    const costs: Cost[] = [];
    for (const count of counts) {
      const wanted = ids.slice(0, count);
      session.say(`supervisor: ${count} channels`);
      await iptv(session, stack, 'start', ...wanted, '--no-wait');
      await session.until(`${count} channels run`, () => allRun(stack, wanted), { everyMs: 1000, limitMs: 120_000 });
      await session.sleep(session.quick ? 5000 : 20_000);
      costs.push(await measure(session, stack, count));
    }
    return { figures: figuresOf(costs), samples: costs };
  });
}

async function allRun(stack: TestStack, ids: readonly string[]): Promise<boolean> {
  const { streams } = await stack.status();
  return ids.every((id) => streams.some((stream) => stream.id === id && stream.state === 'running'));
}

async function measure(session: Session, stack: TestStack, channels: number): Promise<Cost> {
  const { supervisor } = await stack.status();
  const jobs = stack.jobs();
  if (jobs.length !== channels) throw new Error(`${jobs.length} jobs for ${channels} channels`);
  const memory: MemoryMb[] = [];
  const jobCpu = (): number => sum(jobs.map(readCpuSeconds));
  const before = { at: performance.now(), supervisor: readCpuSeconds(supervisor.pid), jobs: jobCpu() };
  const looks = session.quick ? 6 : 24;
  for (let look = 0; look < looks; look += 1) {
    await session.sleep(2000);
    memory.push(readMemory(supervisor.pid));
  }
  const seconds = (performance.now() - before.at) / 1000;
  const cpu = { supervisor: readCpuSeconds(supervisor.pid) - before.supervisor, jobs: jobCpu() - before.jobs };
  const { streams } = await stack.status();
  return {
    channels,
    supervisor: medians(memory),
    supervisorCpuPercent: (cpu.supervisor / seconds) * 100,
    job: medians(jobs.map(readMemory)),
    jobCpuPercent: (cpu.jobs / seconds / channels) * 100,
    restarts: sum(streams.map((stream) => stream.restarts)),
  };
}

function medians(samples: readonly MemoryMb[]): MemoryMb {
  const of = (key: keyof MemoryMb): number => round(median(samples.map((sample) => sample[key])), 2);
  return { resident: of('resident'), proportional: of('proportional'), own: of('own') };
}

function figuresOf(costs: readonly Cost[]): readonly Figure[] {
  const first = costs.at(0);
  const last = costs.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const slope = (of: (cost: Cost) => number): number => (of(last) - of(first)) / (last.channels - first.channels);
  const each = (of: (cost: Cost) => number): string => costs.map((cost) => `${cost.channels}: ${round(of(cost), 2)}`).join(', ');
  const part = 'supervisor';
  const perMemory = { unit: 'MB', aim: aims.memoryPerChannelMb };
  return [
    {
      part,
      name: `resident with ${last.channels} channels`,
      value: last.supervisor.resident,
      unit: 'MB',
      aim: aims.residentMb,
      detail: `by channels ${each((cost) => cost.supervisor.resident)}; proportional ${each((cost) => cost.supervisor.proportional)}; own ${each((cost) => cost.supervisor.own)}`,
    },
    { part, name: 'resident per added channel', value: slope((cost) => cost.supervisor.resident), ...perMemory },
    // Not the proportional size: it moves with the number of other node processes on the machine.
    { part, name: 'own memory per added channel', value: slope((cost) => cost.supervisor.own), ...perMemory },
    {
      part,
      name: 'CPU per added channel',
      value: slope((cost) => cost.supervisorCpuPercent),
      unit: '% of a core',
      aim: aims.cpuPerChannelPercent,
      detail: `in all, by channels ${each((cost) => cost.supervisorCpuPercent)}; restarts of channels ${sum(costs.map((cost) => cost.restarts))}`,
    },
    {
      part,
      name: 'for scale: one ffmpeg, proportional',
      value: last.job.proportional,
      unit: 'MB',
      detail: `resident ${last.job.resident} MB, own ${last.job.own} MB`,
    },
    { part, name: 'for scale: one ffmpeg, CPU', value: last.jobCpuPercent, unit: '% of a core' },
  ];
}
