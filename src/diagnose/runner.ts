// Runs checks: independent ones side by side, dependents after what they depend on, none able to break the run.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { redactText } from '../core/redact.ts';
import { broken, fail, notHere, skip, type Check, type CheckResult, type Finding, type Report } from './check.ts';
import type { CheckContext } from './context.ts';
import type { Facts } from './facts.ts';
import { attributeCauses, worst } from './root-causes.ts';

const defaultTimeoutMs = 30_000;

export interface RunOptions {
  /** Longest time of one check, also of those that have a limit of their own. */
  readonly timeoutMs?: number | undefined;
  /** Told as each check ends; which of its problems are root causes is not known yet. */
  readonly onResult?: ((result: CheckResult) => void) | undefined;
}

export async function runChecks<C extends CheckContext, F extends Facts>(
  checks: readonly Check<C, F>[],
  context: C,
  facts: F,
  options: RunOptions = {},
): Promise<Report> {
  const results = new Map<string, Promise<CheckResult>>();
  const resultOf = (check: Check<C, F>, asking: readonly string[]): Promise<CheckResult> => {
    if (asking.includes(check.id)) throw new Error(`checks depend on each other: ${[...asking, check.id].join(' -> ')}`);
    const known = results.get(check.id);
    if (known !== undefined) return known;
    const needed = checks.filter((other) => check.dependsOn.includes(other.id)).map((other) => resultOf(other, [...asking, check.id]));
    const result = Promise.all(needed).then(async (before) => {
      const ended = await runCheck({ check, context, facts, before, limitMs: options.timeoutMs });
      options.onResult?.(ended);
      return ended;
    });
    results.set(check.id, result);
    return result;
  };
  const all = attributeCauses(await Promise.all(checks.map((check) => resultOf(check, []))));
  return { status: worst(all.map((result) => result.status)), checks: all };
}

interface Running<C extends CheckContext, F extends Facts> {
  readonly check: Check<C, F>;
  readonly context: C;
  readonly facts: F;
  /** Results of what it depends on. */
  readonly before: readonly CheckResult[];
  readonly limitMs: number | undefined;
}

async function runCheck<C extends CheckContext, F extends Facts>(running: Running<C, F>): Promise<CheckResult> {
  const { check, context } = running;
  const { clock } = context.ports;
  const startedAt = clock.monotonic();
  const findings = (await findingsOf(running)).map((finding) => presentable(finding, check, context));
  return {
    id: check.id,
    title: check.title,
    layer: check.layer,
    status: worst(findings.map((finding) => finding.status)),
    findings,
    ms: Math.round(clock.monotonic() - startedAt),
  };
}

async function findingsOf<C extends CheckContext, F extends Facts>(running: Running<C, F>): Promise<readonly Finding[]> {
  const { check, context, before } = running;
  const failed = before.find((result) => result.status === 'fail' || result.status === 'error');
  if (failed !== undefined) return [skip(`${failed.title} failed`)];
  const reason = check.notHere?.(context);
  if (reason !== undefined) return [notHere(reason)];
  try {
    return await inTime(running);
  } catch (error) {
    return [findingFrom(error, check)];
  }
}

async function inTime<C extends CheckContext, F extends Facts>({
  check,
  context,
  facts,
  limitMs: given,
}: Running<C, F>): Promise<readonly Finding[]> {
  const own = typeof check.timeoutMs === 'function' ? check.timeoutMs(context) : check.timeoutMs;
  const limitMs = given ?? own ?? defaultTimeoutMs;
  const { promise, resolve } = Promise.withResolvers<readonly Finding[]>();
  const cancel = context.ports.clock.after(limitMs, () =>
    resolve([
      broken({
        code: 'check-timed-out',
        what: `the check "${check.title}" did not end within ${limitMs / 1000} s`,
        exitCode: ExitCode.tryAgain,
      }),
    ]),
  );
  try {
    return await Promise.race([check.run(context, facts), promise]);
  } finally {
    cancel();
  }
}

/** What the platform refused is an answer; anything else is a bug of the check, not of the machine. */
function findingFrom(error: unknown, check: Pick<Check, 'title'>): Finding {
  if (error instanceof AppError) {
    const { code, message, evidence, next, exitCode } = error;
    return fail({ code, what: message, evidence, exitCode, ...(next === undefined ? {} : { next }) });
  }
  const trace = error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4) : [String(error)];
  return broken({
    code: 'check-crashed',
    what: `the check "${check.title}" crashed`,
    evidence: trace.map((line) => line.trim()),
    exitCode: ExitCode.bug,
  });
}

function presentable(finding: Finding, check: Pick<Check, 'severity'>, context: CheckContext): Finding {
  const redact = (text: string): string => redactText(text, context.config.secrets);
  return {
    ...finding,
    status: finding.status === 'fail' && check.severity === 'warning' ? 'warn' : finding.status,
    what: redact(finding.what),
    evidence: finding.evidence.map(redact),
    why: redact(finding.why),
  };
}
