// Tells root causes from what follows from them: one cause, one red line. Pure.

import { isProblem, type CheckResult, type Finding, type FindingStatus } from './check.ts';

/** A container is not one stream's: its trouble is everybody's. */
const services = new Set(['backend', 'nginx-rtmp']);

interface Problem {
  /** `check/code`. */
  readonly key: string;
  readonly check: string;
  readonly finding: Finding;
}

/** From harmless to worst. */
const ranks: readonly FindingStatus[] = ['skip', 'pass', 'warn', 'fail', 'error'];

export function worst(statuses: readonly FindingStatus[]): FindingStatus {
  return statuses.reduce<FindingStatus>(
    (worse, status) => (ranks.indexOf(status) > ranks.indexOf(worse) ? status : worse),
    statuses.length === 0 ? 'pass' : 'skip',
  );
}

/** Names the cause of each problem that another one explains, and takes such problems out of their checks' status. */
export function attributeCauses(results: readonly CheckResult[]): readonly CheckResult[] {
  const problems = results.flatMap((result) =>
    result.findings.filter(isProblem).map((finding): Problem => ({ key: `${result.id}/${finding.code}`, check: result.id, finding })),
  );
  const causes = new Map(problems.map((problem) => [problem, problems.filter((other) => explains(other, problem))]));
  const order = new Map(problems.map((problem, index) => [problem, index]));
  /** In a ring of problems that explain each other the first in the list is the root. */
  const accepted = (problem: Problem): readonly Problem[] =>
    (causes.get(problem) ?? []).filter((cause) => !reaches(causes, cause, problem) || (order.get(cause) ?? 0) < (order.get(problem) ?? 0));
  const rootOf = (problem: Problem): Problem => {
    let at = problem;
    for (const seen = new Set<Problem>(); !seen.has(at);) {
      seen.add(at);
      at = accepted(at)[0] ?? at;
    }
    return at;
  };
  const roots = new Map(
    problems.flatMap((problem) => {
      const root = rootOf(problem);
      return root === problem ? [] : [[problem.finding, root.key] as const];
    }),
  );
  return results.map((result) => {
    const findings = result.findings.map((finding) => {
      const rootCause = roots.get(finding);
      return rootCause === undefined ? finding : { ...finding, rootCause };
    });
    const own = findings.filter((finding) => finding.rootCause === undefined);
    // What is left when every problem is explained elsewhere says nothing about this check itself.
    const status = own.length === findings.length ? result.status : worst([...own.filter(isProblem).map(({ status }) => status), 'skip']);
    return { ...result, findings, status };
  });
}

function explains(cause: Problem, problem: Problem): boolean {
  if (cause === problem || problem.finding.consequenceOf === undefined) return false;
  if (!problem.finding.consequenceOf.some((name) => name === cause.check || name === cause.key)) return false;
  if (ranks.indexOf(cause.finding.status) < ranks.indexOf(problem.finding.status)) return false;
  const { subject } = cause.finding;
  return subject === undefined || services.has(subject) || subject === problem.finding.subject;
}

function reaches(causes: ReadonlyMap<Problem, readonly Problem[]>, from: Problem, to: Problem, seen = new Set<Problem>()): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  return (causes.get(from) ?? []).some((cause) => cause === to || reaches(causes, cause, to, seen));
}
