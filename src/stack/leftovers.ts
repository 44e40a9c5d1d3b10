// Ends the keeper, the jobs and the nginx of a state folder that no supervisor looks after any more, for `iptv down`.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports, ProcessInfo } from '../core/ports.ts';
import { jobMark, keeperMark, originName, type StatePaths } from '../core/state-paths.ts';

/** The same as for a job with a supervisor: TERM, 2 s, TERM, 3 s, KILL. */
const ladder = [
  ['SIGTERM', 2000],
  ['SIGTERM', 3000],
  ['SIGKILL', 5000],
] as const;
const pollMs = 50;
/** A supervisor that it passes the signal on to stops every job first. */
const keeperLimitMs = 45_000;

/** False when there was nothing to end. */
export async function endLeftovers(
  { process, files, clock }: Pick<Ports, 'process' | 'files' | 'clock'>,
  paths: StatePaths,
): Promise<boolean> {
  const hadKeeper = await endKeepers({ process, clock }, paths);
  const nginx = await recordedNginx({ process, files }, paths);
  const find = (): readonly ProcessInfo[] => [...process.findMarked(jobMark.state, paths.directory), ...nginx.filter(isThere)];
  const isThere = ({ pid, startTime }: ProcessInfo): boolean => {
    const info = process.inspect(pid);
    return info !== undefined && info.startTime === startTime && info.state !== 'Z';
  };
  if (find().length === 0) return hadKeeper;
  for (const [signal, waitMs] of ladder) {
    for (const { pid, startTime } of find()) process.signalGroup(pid, startTime, signal);
    const end = clock.monotonic() + waitMs;
    while (clock.monotonic() < end) {
      if (find().length === 0) return true;
      await new Promise<void>((resolve) => clock.after(pollMs, resolve));
    }
  }
  const left = find().map(({ pid }) => pid);
  throw new AppError({ exitCode: ExitCode.tryAgain, code: 'timed-out', message: `these processes do not end: ${left.join(', ')}` });
}

/**
 * First of all, or it would start a supervisor that starts what was ended. It passes the signal on to a supervisor that is
 * coming up, and waits for it. `except` is the pid of one that ends with its supervisor.
 */
export async function endKeepers(
  { process, clock }: Pick<Ports, 'process' | 'clock'>,
  paths: StatePaths,
  except?: number,
): Promise<boolean> {
  const find = (): readonly ProcessInfo[] => {
    const marked = process.findMarked(keeperMark, paths.directory);
    // Its own short-lived forks look like it.
    return marked.filter((one) => one.pid !== except && !marked.some(({ pid }) => pid === one.parentPid));
  };
  if (find().length === 0) return false;
  for (const { pid, startTime } of find()) process.signal(pid, startTime, 'SIGTERM');
  const end = clock.monotonic() + keeperLimitMs;
  while (clock.monotonic() < end && find().length > 0) await new Promise<void>((resolve) => clock.after(pollMs, resolve));
  for (const { pid, startTime } of find()) process.signal(pid, startTime, 'SIGKILL');
  return true;
}

/** nginx writes its title over its environment, so it is found by its record; start time and pid must both match. */
async function recordedNginx({ process, files }: Pick<Ports, 'process' | 'files'>, paths: StatePaths): Promise<readonly ProcessInfo[]> {
  const text = await files.readText(`${paths.jobs}/${originName}.json`);
  if (text === undefined) return [];
  try {
    const { pid, startTime } = JSON.parse(text) as { readonly pid?: unknown; readonly startTime?: unknown };
    const info = typeof pid === 'number' ? process.inspect(pid) : undefined;
    return info !== undefined && info.startTime === startTime ? [info] : [];
  } catch {
    return [];
  }
}
