// Ends jobs and nginx of a state folder that no supervisor looks after any more, for `iptv down`.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports, ProcessInfo } from '../core/ports.ts';
import { jobMark, originName, type StatePaths } from '../core/state-paths.ts';

/** The same as for a job with a supervisor: TERM, 2 s, TERM, 3 s, KILL. */
const ladder = [
  ['SIGTERM', 2000],
  ['SIGTERM', 3000],
  ['SIGKILL', 5000],
] as const;
const pollMs = 50;

/** False when there was nothing to end. */
export async function endLeftovers(
  { process, files, clock }: Pick<Ports, 'process' | 'files' | 'clock'>,
  paths: StatePaths,
): Promise<boolean> {
  const nginx = await recordedNginx({ process, files }, paths);
  const find = (): readonly ProcessInfo[] => [...process.findMarked(jobMark.state, paths.directory), ...nginx.filter(isThere)];
  const isThere = ({ pid, startTime }: ProcessInfo): boolean => {
    const info = process.inspect(pid);
    return info !== undefined && info.startTime === startTime && info.state !== 'Z';
  };
  if (find().length === 0) return false;
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
