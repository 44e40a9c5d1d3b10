// Keeps Debian's own nginx service from starting: iptv runs nginx itself, and port 80 is not ours to take.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports, RunResult } from '../core/ports.ts';

export interface ServiceOptions {
  readonly ports: Ports;
  readonly say: (line: string) => void;
  readonly dryRun?: boolean;
  /** Put before every command, such as `sudo -n`. */
  readonly asRoot: readonly string[];
  /** nginx comes with this installation, so its service is not the user's own. */
  readonly nginxIsNew: boolean;
}

/** invoke-rc.d(8) asks this program before a package starts or restarts a service; 101 means no. */
const policyPath = '/usr/sbin/policy-rc.d';
const policyMark = '# Made by iptv while it installs packages; removed afterwards.';
const quickLimitMs = 30_000;

/** Runs `work` under a policy that lets no package start a service; a policy that is there already stays as it is. */
export async function keepServicesOff(options: ServiceOptions, work: () => Promise<void>): Promise<void> {
  const made = await placePolicy(options);
  try {
    await work();
    if (options.nginxIsNew) await disableService(options);
  } finally {
    if (made) await removePolicy(options);
  }
}

/** The policy ends by itself with the process that made it: should we be killed, it forbids nothing any more. */
function policyText(ports: Ports): string {
  const { pid } = ports.process;
  const startTime = ports.process.inspect(pid)?.startTime ?? '';
  return `#!/bin/sh\n${policyMark}\ncase " $(cat /proc/${pid}/stat 2>/dev/null) " in *" ${startTime} "*) exit 101 ;; esac\nexit 0\n`;
}

/** False when somebody else's policy is in force. */
async function placePolicy(options: ServiceOptions): Promise<boolean> {
  const { ports, say, dryRun } = options;
  const present = await ports.files.readText(policyPath);
  if (present !== undefined && !present.includes(policyMark)) return false;
  say(`${dryRun === true ? 'would keep' : 'keeping'} services off while packages are installed: ${policyPath}`);
  if (dryRun === true) return false;
  const results = [await asRoot(options, ['tee', policyPath], policyText(ports)), await asRoot(options, ['chmod', '755', policyPath])];
  const refused = results.find((result) => result.exitCode !== 0);
  if (refused === undefined) return true;
  await removePolicy(options);
  throw new AppError({
    exitCode: ExitCode.permission,
    code: 'no-rights',
    message: `cannot write ${policyPath}, which keeps Debian's nginx service from taking port 80`,
    evidence: [refused.stderr.trim()],
  });
}

async function removePolicy(options: ServiceOptions): Promise<void> {
  const { exitCode } = await asRoot(options, ['rm', '-f', policyPath]);
  options.say(exitCode === 0 ? `removed ${policyPath}` : `could not remove ${policyPath}; please remove it`);
}

/** Without this it would start at the next boot. */
async function disableService(options: ServiceOptions): Promise<void> {
  const { say, dryRun } = options;
  say(`${dryRun === true ? 'would disable' : 'disabling'} Debian's nginx service, so that it does not start at boot`);
  if (dryRun === true) return;
  const result = await asRoot(options, ['systemctl', 'disable', 'nginx.service']);
  if (result.exitCode === 0) return;
  const other = await asRoot(options, ['update-rc.d', 'nginx', 'disable']);
  if (other.exitCode !== 0) say(`could not disable it: ${(result.missing ? other : result).stderr.trim()}`);
}

function asRoot(options: ServiceOptions, command: readonly [string, ...string[]], input?: string): Promise<RunResult> {
  const [file, ...argv] = [...options.asRoot, ...command] as [string, ...string[]];
  return options.ports.process.run(file, argv, { timeoutMs: quickLimitMs, ...(input === undefined ? {} : { input }) });
}
