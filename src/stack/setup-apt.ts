// Runs apt-get without questions, and explains how it failed.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports, RunResult } from '../core/ports.ts';

export interface AptOptions {
  readonly ports: Ports;
  readonly say: (line: string) => void;
  readonly dryRun?: boolean;
  /** Put before every command, such as `sudo -n`. */
  readonly asRoot: readonly string[];
  readonly packages: readonly string[];
}

/** Killing dpkg half-way leaves a broken system, so the limits are far above any sane duration. */
const installLimitMs = 60 * 60_000;
const queryLimitMs = 60_000;

/** Another apt-get or dpkg may run; wait for it. Old configuration files are kept, since nobody can be asked. */
const aptOptions = [
  '-q',
  '-y',
  ...['-o', 'DPkg::Lock::Timeout=120'],
  ...['-o', 'Dpkg::Use-Pty=0'],
  ...['-o', 'Dpkg::Options::=--force-confdef'],
  ...['-o', 'Dpkg::Options::=--force-confold'],
];

/** Package lists that are older than the archive: `apt-get update` helps. */
const staleLists = /unable to locate package|no installation candidate|failed to fetch|404\s+not found|unmet dependencies/i;
const lockIsHeld = /could not get lock|unable to acquire the dpkg|unable to lock/i;

export async function installPackages(options: AptOptions): Promise<void> {
  const install = ['install', ...aptOptions, '--no-install-recommends', ...options.packages];
  // Exit code 100 when one of them is in no list; a bare machine has no lists at all.
  const known = await options.ports.process.run('apt-cache', ['show', ...options.packages], { timeoutMs: queryLimitMs });
  if (known.exitCode === 0) {
    const result = await apt(options, install);
    if (result.exitCode === 0) return;
    if (!staleLists.test(result.stderr)) throw aptError(result, options);
  }
  for (const argv of [['update', ...aptOptions], install]) {
    const result = await apt(options, argv);
    if (result.exitCode !== 0) throw aptError(result, options);
  }
}

/** A command as a user could type it. */
export function shown(command: readonly string[]): string {
  return command.join(' ');
}

/** env(1) because sudo drops variables, and because `su` may leave a PATH without the sbin folders, which dpkg insists on. */
async function apt({ ports, say, asRoot, dryRun }: AptOptions, argv: readonly string[]): Promise<RunResult> {
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const [file = 'env', ...rest] = [...asRoot, 'env', path, 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...argv];
  say(`${dryRun === true ? 'would run' : 'running'}: ${shown([...asRoot, 'apt-get', ...argv])}`);
  if (dryRun === true) return { exitCode: 0, stdout: '', stderr: '', timedOut: false, missing: false };
  return ports.process.run(file, rest, { timeoutMs: installLimitMs });
}

function aptError(result: RunResult, { asRoot, packages }: AptOptions): AppError {
  const said = `${result.stdout}\n${result.stderr}`;
  const evidence = result.stderr.split('\n').filter((line) => line.trim() !== '');
  if (lockIsHeld.test(said)) {
    return new AppError({
      exitCode: ExitCode.tryAgain,
      code: 'package-lock-held',
      message: 'another program is installing packages and did not finish within two minutes',
      evidence: evidence.slice(-3),
      next: 'run the same command again later',
    });
  }
  const interrupted = /dpkg --configure -a/.test(said);
  return new AppError({
    exitCode: ExitCode.unavailable,
    code: 'setup-failed',
    message: `apt-get could not install ${packages.join(', ')}`,
    evidence: evidence.slice(-5),
    next: shown([
      ...asRoot.slice(0, 1),
      ...(interrupted ? ['dpkg', '--configure', '-a'] : ['apt-get', 'install', '--no-install-recommends', ...packages]),
    ]),
  });
}
