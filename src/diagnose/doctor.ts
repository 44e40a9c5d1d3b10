// `iptv doctor`: the list of all checks, in the order in which causes come before what follows from them.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { nearest } from '../core/nearest.ts';
import type { Report } from './check.ts';
import type { DoctorContext } from './context.ts';
import type { DoctorCheck } from './doctor-check.ts';
import { createDoctorFacts } from './doctor-facts.ts';
import { doctorChecks } from './doctor-checks.ts';
import { runChecks, type RunOptions } from './runner.ts';

export interface Selection {
  /** What runs: the named checks, or all that are not on demand, with everything they depend on. */
  readonly checks: readonly DoctorCheck[];
  /** The names that were given, or every one there is where everything was asked for; empty: all, in passing. */
  readonly asked: ReadonlySet<string>;
}

/** `everything` takes those on demand, too, and all look closely, but for `security`, which when named objects to defaults. `alsoUsual` is on demand, and runs as if it were not. Throws AppError `no-such-check` for a name that is none. */
export function selectChecks(
  names: readonly string[],
  skipped: readonly string[],
  everything = false,
  alsoUsual: readonly string[] = [],
): Selection {
  const all: readonly DoctorCheck[] = doctorChecks;
  for (const name of [...names, ...skipped]) if (!all.some((check) => check.id === name)) throw unknownCheck(name, all);
  const usual = all.filter((check) => everything || check.onDemand !== true || alsoUsual.includes(check.id)).map((check) => check.id);
  const wanted = new Set(names.length > 0 ? names : usual);
  for (const name of skipped) wanted.delete(name);
  const needed = new Set(wanted);
  for (const id of needed) {
    for (const other of all.find((check) => check.id === id)?.dependsOn ?? []) if (!skipped.includes(other)) needed.add(other);
  }
  return {
    checks: all.filter((check) => needed.has(check.id)),
    asked: new Set(everything ? usual.filter((id) => id !== 'security') : names),
  };
}

export function runDoctor(checks: readonly DoctorCheck[], context: DoctorContext, options: RunOptions = {}): Promise<Report> {
  return runChecks(checks.map(guarded), context, createDoctorFacts(context), options);
}

/** Without a list nobody knows where anything should be: whoever needs it would look in the wrong places. */
function guarded(check: DoctorCheck): DoctorCheck {
  const reasonOf = check.notHere;
  return {
    ...check,
    notHere: (context) =>
      context.listProblem !== undefined && check.worksWithoutList !== true ? 'streams.yaml cannot be used' : reasonOf?.(context),
  };
}

function unknownCheck(name: string, all: readonly DoctorCheck[]): AppError {
  const near = nearest(
    name,
    all.map((check) => check.id),
  );
  return new AppError({
    exitCode: ExitCode.usage,
    code: 'no-such-check',
    message: `no check "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    next: 'iptv doctor --list',
  });
}
