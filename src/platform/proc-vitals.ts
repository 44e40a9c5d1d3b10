// What a process is doing, from /proc: thread states, CPU time, and bytes that wait in its sockets (proc(5)).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import type { ProcessVitals } from '../core/ports.ts';

/** The kernel counts in USER_HZ, which is 100 on every Linux that Node runs on (time(7)). */
const tickMs = 10;
const pageBytes = 4096;

export function readVitals(pid: number, exceptPort: number | undefined): ProcessVitals | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // Fields after the name in parentheses: utime is 14 and stime 15 of all, so 12th and 13th of these.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  return { states: threadStates(pid), cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs, unreadBytes: unread(pid, exceptPort) };
}

/** Fields 14, 15 and 24 of proc(5); the kernel counts memory in pages, which are 4 KiB on amd64 and on Debian's arm64. */
export function readUsage(pid: number): { readonly cpuSeconds: number; readonly residentBytes: number } | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  return { cpuSeconds: ((Number(fields[11]) + Number(fields[12])) * tickMs) / 1000, residentBytes: Number(fields[21]) * pageBytes };
}

function threadStates(pid: number): string {
  return list(`/proc/${pid}/task`)
    .map((thread) => read(`/proc/${pid}/task/${thread}/stat`))
    .flatMap((text) => (text === undefined ? [] : text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3)))
    .join('');
}

/** The tables are those of the process's own network namespace. */
function unread(pid: number, exceptPort: number | undefined): number | undefined {
  const inodes = socketInodes(pid);
  if (inodes === undefined) return undefined;
  let bytes = 0;
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
    for (const line of (read(`/proc/${pid}/net/${table}`) ?? '').split('\n').slice(1)) {
      // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
      const [, , remote, , queues, , , , , inode] = line.trim().split(/\s+/);
      if (inode === undefined || !inodes.has(inode)) continue;
      if (exceptPort !== undefined && Number.parseInt(remote?.split(':')[1] ?? '', 16) === exceptPort) continue;
      bytes += Number.parseInt(queues?.split(':')[1] ?? '0', 16);
    }
  }
  return bytes;
}

/** undefined: another user's process does not show its descriptors. */
function socketInodes(pid: number): ReadonlySet<string> | undefined {
  const descriptors = list(`/proc/${pid}/fd`);
  if (descriptors.length === 0) return undefined;
  const inodes = descriptors.flatMap((descriptor) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  return new Set(inodes);
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
