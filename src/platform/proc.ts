// Reads /proc: who lives, since when, with which environment (proc(5)).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

import type { MarkedProcess, ProcessInfo } from '../core/ports.ts';

/**
 * Field 2 is the program's name in parentheses and may hold spaces and parentheses itself,
 * so fields are counted from the last `)`: state is the first after it, the group (5) the third, start time (22) the twentieth.
 */
export function parseProcStat(text: string): ProcessInfo | undefined {
  const end = text.lastIndexOf(')');
  if (end < 0) return undefined;
  const pid = Number.parseInt(text, 10);
  const fields = text
    .slice(end + 1)
    .trim()
    .split(/\s+/);
  const [state, parentPid, groupId] = fields;
  const startTime = fields[19];
  if (!Number.isInteger(pid) || state === undefined || startTime === undefined) return undefined;
  return { pid, startTime, state, parentPid: Number(parentPid), groupId: Number(groupId) };
}

export function readProcess(pid: number): ProcessInfo | undefined {
  const text = Number.isInteger(pid) && pid > 0 ? readProc(`${pid}/stat`) : undefined;
  return text === undefined ? undefined : parseProcStat(text);
}

/** A zombie (Z) or a process being removed (X) still has an entry, but runs no more. */
export function isAlive(info: ProcessInfo | undefined): info is ProcessInfo {
  return info !== undefined && info.state !== 'Z' && info.state !== 'X' && info.state !== 'x';
}

export function listPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Reads every process once: the kernel has no list of a group's members. */
export function groupMembers(groupId: number): readonly ProcessInfo[] {
  return listPids()
    .map(readProcess)
    .filter(isAlive)
    .filter((info) => info.groupId === groupId);
}

/**
 * Processes of other users cannot be read and are passed over. So are those of containers, which a host sees in its own /proc
 * (pid_namespaces(7)): a backend container has the same state folder by name, and its jobs are its own supervisor's.
 */
export function findMarkedProcesses(name: string, value: string): readonly MarkedProcess[] {
  const mark = `${name}=${value}`;
  const home = pidNamespace('self');
  return listPids().flatMap((pid) => {
    const entries = readProc(`${pid}/environ`)?.split('\0');
    if (entries === undefined || !entries.includes(mark) || pidNamespace(pid) !== home) return [];
    const info = readProcess(pid);
    return isAlive(info) ? [{ ...info, env: iptvVariables(entries) }] : [];
  });
}

function pidNamespace(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** The program's name for people: `nginx` for `nginx: master process /usr/sbin/nginx`, `node` for `/usr/bin/node x.js`. */
export function programName(pid: number): string | undefined {
  const first = readProc(`${pid}/cmdline`)?.split('\0')[0] ?? '';
  const retitled = /^([\w.-]+):\s/.exec(first)?.[1];
  if (retitled !== undefined) return retitled;
  return basename(first) || readProc(`${pid}/comm`)?.trim() || undefined;
}

function iptvVariables(entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries
      .filter((entry) => entry.startsWith('IPTV_') && entry.includes('='))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

/** Processes come and go while /proc is read, and others' are closed to us: both read as undefined. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return undefined;
  }
}
