// `iptv doctor` of a test stack, and nginx under it with a fault in its configuration.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { eventually, type Ran, type TestStack } from './stack.ts';

export interface DoctorFinding {
  readonly status: string;
  readonly code: string;
  readonly subject: string | null;
  readonly what: string;
  readonly next: string | null;
  readonly fixable: boolean;
  readonly evidence: readonly string[];
  readonly why: string;
  readonly rootCause: string | null;
}

export interface DoctorReport {
  readonly schemaVersion: number;
  readonly verdict: 'ok' | 'warning' | 'failed' | 'unknown';
  readonly tookMs: number;
  readonly rootCauses: readonly {
    readonly check: string;
    readonly code: string;
    readonly subject: string | null;
    readonly status: string;
  }[];
  readonly checks: readonly { readonly id: string; readonly status: string; readonly findings: readonly DoctorFinding[] }[];
  readonly fixes: readonly { readonly action: string; readonly done: boolean; readonly error: string | null }[] | null;
}

/** What runs `iptv`: a local stack, or a Compose project's host. */
export type Iptv = (...argv: string[]) => Promise<Pick<Ran, 'code' | 'stdout' | 'stderr'>>;

export async function askDoctor(iptv: Iptv, ...argv: readonly string[]): Promise<DoctorReport & { readonly code: number | null }> {
  const { code, stdout, stderr } = await iptv('doctor', '--json', ...argv);
  if (stdout === '') throw new Error(`doctor ended with ${code}: ${stderr}`);
  return { ...(JSON.parse(stdout) as DoctorReport), code };
}

/** `check/code` of every root cause. */
export function rootsOf(report: DoctorReport): readonly string[] {
  return report.rootCauses.map(({ check, code }) => `${check}/${code}`);
}

export function finding(report: DoctorReport, key: string): DoctorFinding {
  const [id, code] = key.split('/');
  const found = report.checks.find((check) => check.id === id)?.findings.find((one) => one.code === code);
  if (found === undefined) throw new Error(`no finding ${key} in ${JSON.stringify(report.checks)}`);
  return found;
}

/**
 * Looks until the doctor names exactly these root causes: a fault needs a moment to show, and what was before it a moment to
 * go. The last answer is in the error.
 */
export async function expectRoots(iptv: Iptv, roots: readonly string[], ...argv: readonly string[]): ReturnType<typeof askDoctor> {
  let last: DoctorReport | undefined;
  try {
    return await eventually(`root causes ${JSON.stringify(roots)}`, async () => {
      const report = await askDoctor(iptv, ...argv);
      last = report;
      return [...new Set(rootsOf(report))].join() === roots.join() && report;
    });
  } catch (error) {
    const problems = last?.checks.flatMap(({ id, findings }) =>
      findings.filter(({ status }) => status !== 'pass' && status !== 'skip').map((one) => ({ id, ...one })),
    );
    throw new Error(`${String(error)}; last: ${JSON.stringify(problems, undefined, 1)}`, { cause: error });
  }
}

export interface FaultyNginx {
  /**
   * Changes its configuration by a sed script (undefined: back to what iptv wrote) and has it read again, which is harmless while
   * nobody publishes. Waits until the old worker is gone.
   */
  use(sed: string | undefined): Promise<void>;
  /** Pid of the master. */
  pid(): number;
}

export function faultyNginx(stack: TestStack): FaultyNginx {
  const path = join(stack.state, 'nginx/nginx.conf');
  let original: string | undefined;
  const pid = (): number => (JSON.parse(readFileSync(join(stack.state, 'jobs/nginx-rtmp.json'), 'utf8')) as { pid: number }).pid;
  return {
    pid,
    async use(sed) {
      original ??= readFileSync(path, 'utf8');
      writeFileSync(path, original);
      if (sed !== undefined) execFileSync('sed', ['-i', '-e', sed, path]);
      if (sed !== undefined && readFileSync(path, 'utf8') === original) throw new Error(`sed changes nothing: ${sed}`);
      const before = children(pid());
      process.kill(pid(), 'SIGHUP');
      await eventually('nginx has new workers only', async () => {
        const now = children(pid());
        return now.length > 0 && !now.some((child) => before.includes(child)) && (await fetch(`${stack.url}/healthz`)).ok;
      });
    },
  };
}

function children(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((word) => word !== '');
}
