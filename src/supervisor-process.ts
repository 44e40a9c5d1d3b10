// How the supervisor's own process is run: with which flags, and under the state folder's lock.

import { AppError } from './core/errors.ts';
import type { EventDraft } from './core/events.ts';
import { ExitCode } from './core/exit-codes.ts';
import type { Ports } from './core/ports.ts';
import type { StatePaths } from './core/state-paths.ts';

/**
 * Left alone, V8 lets a live heap of some 15 MB grow with garbage, and keeps its two optimizing compilers, what they work with and what
 * they make. Measured with 50 channels: 143 MB resident without any of these, 89 with the first two, 75 with all four, for the same CPU: the
 * supervisor waits for files and runs no loop that is worth compiling twice. Its slowest work without the compilers, reading lines and
 * playlists, takes 1.5 to 1.8 times as long (10 us a line). docker/backend/start.sh has the same.
 */
export const supervisorFlags = ['--max-semi-space-size=1', '--optimize-for-size', '--no-opt', '--no-maglev'];

/** What the shell that keeps us alive says of itself (bin/keep-supervisor.sh). */
export interface Keeper {
  readonly pid: number;
  /** False once it is gone: nobody would start us again. */
  readonly isThere: () => boolean;
  /** How the supervisor before us ended, as a shell's exit code (128 + signal); undefined for the keeper's first one. */
  readonly lastExit: number | undefined;
}

export function readKeeper(env: NodeJS.ProcessEnv): Keeper | undefined {
  const pid = Number(env['IPTV_KEEPER']);
  if (!Number.isInteger(pid) || pid < 1) return undefined;
  const lastExit = env['IPTV_LAST_EXIT'];
  return { pid, isThere: () => process.ppid === pid, lastExit: lastExit === undefined || lastExit === '' ? undefined : Number(lastExit) };
}

/** A shell's exit code above 128 is a signal's number plus 128. */
export function comeback(exit: number): EventDraft {
  const how = exit > 128 ? `was killed by signal ${exit - 128}` : `ended with exit code ${exit}`;
  return {
    stream: null,
    kind: 'supervisor',
    cause: exit > 128 ? 'killed' : 'crashed',
    message: `the supervisor ${how} and is back; jobs and nginx ran on meanwhile`,
    action: 'its keeper started it again',
    data: { exitCode: exit },
  };
}

/**
 * Started by hand, nobody holds the lock yet: flock(1) runs us once more, holding it for as long as that process lives.
 * Signals go on to it; this process only waits.
 */
export async function superviseUnderLock(bin: string, paths: StatePaths, configPath: string, ports: Ports): Promise<number> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  await ports.files.makeDirectory(paths.directory, 0o755);
  const argv = [
    '-n',
    '-F',
    '-E',
    String(ExitCode.tryAgain),
    paths.lock,
    process.execPath,
    ...supervisorFlags,
    bin,
    'supervise',
    '--config',
    configPath,
  ];
  const child = spawn('flock', argv, { stdio: 'inherit', env: { ...process.env, IPTV_LOCKED: '1' } });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (code !== ExitCode.tryAgain) return code ?? ExitCode.bug;
  throw new AppError({
    exitCode: ExitCode.tryAgain,
    code: 'already-running',
    message: `another supervisor holds ${paths.lock}`,
    next: 'iptv status',
  });
}
