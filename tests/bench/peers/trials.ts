// What is tried with each of them: asking, starting, killing, stopping, and losing the manager.

import { isRunning, kill } from '../../helpers/stack.ts';
import { median, sum } from '../numbers.ts';
import { readCpuSeconds, readMemory } from '../proc-cost.ts';
import { hasNews, segmentsOf } from '../segments.ts';
import { jobsOf, type Field, type Peer } from './peer.ts';

const limitMs = 60_000;
const pollMs = 25;

/** Milliseconds of one question. */
export async function timeStatus({ session }: Field, peer: Peer): Promise<number | undefined> {
  if (peer.status === undefined) return undefined;
  session.check();
  const begun = performance.now();
  const { code, stderr } = await peer.status();
  const tookMs = performance.now() - begun;
  if (code !== 0) throw new Error(`${peer.name} does not say how its jobs are (${code}): ${stderr}`);
  return tookMs;
}

/** Milliseconds from the order until nginx serves a new segment; the job runs on. */
export async function timeStart(field: Field, peer: Peer, id: string): Promise<number> {
  const url = peer.playlist(id);
  const known = new Set(await segmentsOf(url));
  const begun = performance.now();
  const ordered = peer.start([id]);
  // Its failure is told below; until then nobody else may be surprised by it.
  ordered.catch(() => undefined);
  await field.session.until(`${id} plays`, () => hasNews(url, known), { everyMs: pollMs, limitMs });
  const tookMs = performance.now() - begun;
  await ordered;
  return tookMs;
}

/**
 * Milliseconds from the signal until a segment of another job is listed; null: not within the limit, and the job is ended.
 * What nginx closes because the old job went is not counted.
 */
export async function timeRecovery(
  field: Field,
  peer: Peer,
  id: string,
  signal: 'SIGKILL' | 'SIGSTOP',
  waitMs: number,
): Promise<number | null> {
  const { session } = field;
  const [victim] = jobsOf(field, id);
  if (victim === undefined) throw new Error(`${id} has no job`);
  session.check();
  const begun = performance.now();
  const isOver = (): boolean => performance.now() - begun > waitMs;
  kill(victim, signal);
  const others = (): readonly number[] => jobsOf(field, id).filter((pid) => pid !== victim);
  while (others().length === 0) {
    if (isOver()) {
      kill(victim);
      return null;
    }
    await session.sleep(pollMs);
  }
  const known = new Set(await segmentsOf(peer.playlist(id)));
  while (!(await hasNews(peer.playlist(id), known))) {
    if (isOver()) return null;
    await session.sleep(pollMs);
  }
  return performance.now() - begun;
}

export interface Cost {
  readonly channels: number;
  readonly residentMb: number;
  readonly proportionalMb: number;
  /** Of one core. */
  readonly cpuPercent: number;
}

/** Of everything that is there for the jobs' sake, while they run. */
export async function measureCost({ session }: Field, peer: Peer, channels: number): Promise<Cost> {
  const pids = peer.managers().filter((pid) => isRunning(pid));
  const looks = session.quick ? 3 : 15;
  const cpu = (): number => sum(pids.map(readCpuSeconds));
  const begun = { at: performance.now(), cpu: cpu() };
  const resident: number[] = [];
  const proportional: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    await session.sleep(2000);
    const memory = pids.map(readMemory);
    resident.push(sum(memory.map((one) => one.resident)));
    proportional.push(sum(memory.map((one) => one.proportional)));
  }
  const seconds = (performance.now() - begun.at) / 1000;
  return {
    channels,
    residentMb: median(resident),
    proportionalMb: median(proportional),
    cpuPercent: ((cpu() - begun.cpu) / seconds) * 100,
  };
}

export interface Loss {
  /** The same job wrote on while nobody had done anything. */
  readonly jobSurvives: boolean;
  /** A manager was there again by itself. */
  readonly comesBack: boolean;
  /** The most ffmpegs that wrote the same stream at once, after its user started it again. */
  readonly writers: number;
}

export async function tryLoss(field: Field, peer: Peer, id: string): Promise<Loss | null> {
  const { session } = field;
  const pid = peer.mainPid();
  const [job] = jobsOf(field, id);
  if (pid === undefined || job === undefined) return null;
  const settleMs = session.quick ? 6000 : 15_000;
  session.check();
  kill(pid);
  await session.sleep(settleMs);
  const jobSurvives = isRunning(job);
  const now = peer.mainPid();
  const comesBack = now !== undefined && now !== pid && isRunning(now);
  // It may refuse, which is an answer too.
  await peer.again(id).catch((error: unknown) => session.say(`${peer.name}: ${String(error)}`));
  let writers = 0;
  const end = performance.now() + settleMs;
  while (performance.now() < end) {
    writers = Math.max(writers, jobsOf(field, id).length);
    await session.sleep(100);
  }
  return { jobSurvives, comesBack, writers };
}
