// What a report means for the exit code and the summary.

import { ExitCode } from '../../core/exit-codes.ts';
import { isProblem, type CheckResult, type Finding, type Report } from '../../diagnose/check.ts';

export interface RootCause {
  readonly check: CheckResult;
  readonly finding: Finding;
}

/** The problems that no other one explains, in the order of the checks. */
export function rootCauses(report: Report): readonly RootCause[] {
  return report.checks.flatMap((check) =>
    check.findings.filter((finding) => isProblem(finding) && finding.rootCause === undefined).map((finding) => ({ check, finding })),
  );
}

export function consequences(report: Report): readonly RootCause[] {
  return report.checks.flatMap((check) =>
    check.findings.filter(({ rootCause }) => rootCause !== undefined).map((finding) => ({ check, finding })),
  );
}

/** 1: something is broken. 69: nothing seems broken, but something needed for judging is missing. */
export function exitCodeOf(report: Report, options: { readonly strict: boolean }): ExitCode {
  const roots = rootCauses(report);
  if (roots.some(({ finding }) => finding.status !== 'warn' || options.strict)) return ExitCode.answerIsBad;
  const blind = report.checks.some((check) => check.findings.some((finding) => finding.code === 'cannot-tell'));
  return blind ? ExitCode.unavailable : ExitCode.ok;
}

export type Verdict = 'ok' | 'warning' | 'failed' | 'unknown';

export function verdictOf(report: Report): Verdict {
  const code = exitCodeOf(report, { strict: false });
  if (code === ExitCode.answerIsBad) return 'failed';
  if (code === ExitCode.unavailable) return 'unknown';
  return rootCauses(report).length > 0 ? 'warning' : 'ok';
}
