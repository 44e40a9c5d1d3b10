// The report as `iptv doctor --json` prints it. Additive only: `iptv help json` documents it.

import type { Runtime } from '../../core/config.ts';
import type { CheckResult, Finding, Report } from '../../diagnose/check.ts';
import type { Selection } from '../../diagnose/doctor.ts';
import type { Mended } from './mend.ts';
import { consequences, rootCauses, verdictOf } from './verdict.ts';

export interface Examined {
  readonly report: Report;
  readonly selection: Selection;
  readonly runtime: Runtime;
  readonly inside: boolean;
  readonly tookMs: number;
}

export const doctorSchemaVersion = 1;

/** `fixes` is null unless --fix was given. */
export function reportDocument(examined: Examined, fixes: readonly Mended[] | undefined): object {
  const { report, selection } = examined;
  const groups = new Map(selection.checks.map((check) => [check.id, check.group]));
  return {
    schemaVersion: doctorSchemaVersion,
    verdict: verdictOf(report),
    runtime: examined.runtime,
    inside: examined.inside,
    tookMs: examined.tookMs,
    rootCauses: rootCauses(report).map(({ check, finding }) => ({ check: check.id, ...brief(finding) })),
    consequences: consequences(report).length,
    checks: report.checks.map((check) => checkDocument(check, groups.get(check.id) ?? '')),
    fixes: fixes ?? null,
  };
}

function checkDocument(check: CheckResult, group: string): object {
  const { id, title, layer, status, ms } = check;
  return { id, title, group, layer, status, ms, findings: check.findings.map((finding) => findingDocument(finding)) };
}

function brief({ status, code, subject, what, next, fixable }: Finding): object {
  return { status, code, subject: subject ?? null, what, next: next ?? null, fixable };
}

function findingDocument(finding: Finding): object {
  return { ...brief(finding), evidence: finding.evidence, why: finding.why, rootCause: finding.rootCause ?? null };
}
