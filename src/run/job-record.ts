// The record of a running job, for the next supervisor: who it is, since when, made from which plan.

import type { FilesPort, ProcessPort } from '../core/ports.ts';
import { jobMark } from '../core/state-paths.ts';

export interface JobRecord {
  readonly pid: number;
  /** /proc/<pid>/stat field 22: a reused pid has another one. */
  readonly startTime: string;
  readonly startedAtMs: number;
  readonly planHash: string;
  readonly sourceIndex: number;
  readonly restarts: number;
  /** /proc/sys/kernel/random/boot_id: pids and start times of another boot mean nothing. */
  readonly bootId: string;
}

export async function readRecord(files: FilesPort, path: string): Promise<JobRecord | undefined> {
  const text = await files.readText(path);
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<JobRecord>;
    if (typeof value.pid !== 'number' || typeof value.startTime !== 'string') return undefined;
    return {
      pid: value.pid,
      startTime: value.startTime,
      startedAtMs: value.startedAtMs ?? 0,
      planHash: value.planHash ?? '',
      sourceIndex: value.sourceIndex ?? 0,
      restarts: value.restarts ?? 0,
      bootId: value.bootId ?? '',
    };
  } catch {
    return undefined;
  }
}

export function writeRecord(files: FilesPort, path: string, record: Omit<JobRecord, 'bootId'>): Promise<void> {
  return files.writeAtomic(path, `${JSON.stringify(record)}\n`, 0o600);
}

/** Alive, the same process as recorded, and not a zombie. */
export function isAlive(process: ProcessPort, record: Pick<JobRecord, 'pid' | 'startTime'>): boolean {
  const info = process.inspect(record.pid);
  return info !== undefined && info.startTime === record.startTime && info.state !== 'Z';
}

export interface FoundJob {
  readonly id: string;
  readonly pid: number;
  readonly startTime: string;
  readonly planHash: string;
}

export async function readBootId(files: FilesPort): Promise<string> {
  return (await files.readText('/proc/sys/kernel/random/boot_id').catch(() => undefined))?.trim() ?? '';
}

/** Every living job of this state folder, found by its environment; group leaders first, so that a job comes before its children. */
export function findJobs(process: ProcessPort, stateDirectory: string): readonly FoundJob[] {
  return process
    .findMarked(jobMark.state, stateDirectory)
    .filter((found) => found.state !== 'Z')
    .toSorted((left, right) => Number(right.groupId === right.pid) - Number(left.groupId === left.pid))
    .flatMap((found) => {
      const id = found.env[jobMark.id];
      return id === undefined ? [] : [{ id, pid: found.pid, startTime: found.startTime, planHash: found.env[jobMark.plan] ?? '' }];
    });
}
