// Runs checks: independent ones side by side, dependents after what they depend on, none able to break the run.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { redactText } from '../core/redact.ts';
import { broken, fail, skip, type Check, type CheckResult, type Finding, type FindingStatus, type Report } from './check.ts';
import type { CheckContext } from './context.ts';
import { createFacts, type Facts } from './facts.ts';

const defaultTimeoutMs = 20_000;

/** From harmless to worst. */
const ranks: readonly FindingStatus[] = ['skip', 'pass', 'warn', 'fail', 'error'];

export async function runChecks(checks: readonly Check[], context: CheckContext): Promise<Report> {
  const facts = createFacts(context);
  const results = new Map<string, Promise<CheckResult>>();
  const resultOf = (check: Check, asking: readonly string[]): Promise<CheckResult> => {
    if (asking.includes(check.id)) throw new Error(`checks depend on each other: ${[...asking, check.id].join(' -> ')}`);
    const known = results.get(check.id);
    if (known !== undefined) return known;
    const needed = checks.filter((other) => check.dependsOn.includes(other.id)).map((other) => resultOf(other, [...asking, check.id]));
    const result = Promise.all(needed).then((before) => runCheck(check, context, facts, before));
    results.set(check.id, result);
    return result;
  };
  const all = await Promise.all(checks.map((check) => resultOf(check, [])));
  return { status: worst(all.map((result) => result.status)), checks: all };
}

async function runCheck(check: Check, context: CheckContext, facts: Facts, before: readonly CheckResult[]): Promise<CheckResult> {
  const { clock } = context.ports;
  const startedAt = clock.monotonic();
  const findings = (await findingsOf(check, context, facts, before)).map((finding) => presentable(finding, check, context));
  return {
    id: check.id,
    title: check.title,
    layer: check.layer,
    status: worst(findings.map((finding) => finding.status)),
    findings,
    ms: Math.round(clock.monotonic() - startedAt),
  };
}

async function findingsOf(check: Check, context: CheckContext, facts: Facts, before: readonly CheckResult[]): Promise<readonly Finding[]> {
  const failed = before.find((result) => result.status === 'fail' || result.status === 'error');
  if (failed !== undefined) return [skip(`${failed.title} failed`)];
  const notHere = check.notHere?.(context);
  if (notHere !== undefined) return [skip(notHere)];
  try {
    return await inTime(check, context, facts);
  } catch (error) {
    return [findingFrom(error, check)];
  }
}

async function inTime(check: Check, context: CheckContext, facts: Facts): Promise<readonly Finding[]> {
  const limitMs = check.timeoutMs ?? defaultTimeoutMs;
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
function findingFrom(error: unknown, check: Check): Finding {
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

function presentable(finding: Finding, check: Check, context: CheckContext): Finding {
  const redact = (text: string): string => redactText(text, context.config.secrets);
  return {
    ...finding,
    status: finding.status === 'fail' && check.severity === 'warning' ? 'warn' : finding.status,
    what: redact(finding.what),
    evidence: finding.evidence.map(redact),
  };
}

function worst(statuses: readonly FindingStatus[]): FindingStatus {
  return statuses.reduce<FindingStatus>(
    (worse, status) => (ranks.indexOf(status) > ranks.indexOf(worse) ? status : worse),
    statuses.length === 0 ? 'pass' : 'skip',
  );
}
