// What a process costs, as the kernel counts it.

import { readFileSync } from 'node:fs';

/** USER_HZ, which is 100 on every Linux that node runs on. */
const ticksPerSecond = 100;
const kilobytesPerMegabyte = 1024;

export interface MemoryMb {
  readonly resident: number;
  /** Shared pages counted by their share. */
  readonly proportional: number;
  /** Pages that nobody else has: what would be free without it. */
  readonly own: number;
}

export function readMemory(pid: number): MemoryMb {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const megabytes = (...names: readonly string[]): number =>
    names.reduce((total, name) => total + Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN), 0) /
    kilobytesPerMegabyte;
  return { resident: megabytes('Rss'), proportional: megabytes('Pss'), own: megabytes('Private_Clean', 'Private_Dirty') };
}

/** User and system time since its start, of all its threads. */
export function readCpuSeconds(pid: number): number {
  const [user = 0, system = 0] = statTimes(String(pid));
  return (user + system) / ticksPerSecond;
}

/** User and system time of this process's children that have ended. Exact over many, 10 ms coarse for one. */
export function readEndedChildrenSeconds(): number {
  const [, , user = 0, system = 0] = statTimes('self');
  return (user + system) / ticksPerSecond;
}

/** utime, stime, cutime, cstime of proc(5); counted from the last bracket because the name may hold anything. */
function statTimes(pid: string): readonly number[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
}
