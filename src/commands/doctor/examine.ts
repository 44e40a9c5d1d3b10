// Runs the doctor once, again and again, or with mending in between, and shows what it found.

import { usageError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import type { CheckResult, Report } from '../../diagnose/check.ts';
import type { DoctorCheck } from '../../diagnose/doctor-check.ts';
import { doctorChecks } from '../../diagnose/doctor-checks.ts';
import { runDoctor, selectChecks, type Selection } from '../../diagnose/doctor.ts';
import { writeJson } from '../../ui/json.ts';
import { startSpinner } from '../../ui/spinner.ts';
import { throwIfInterrupted } from '../command.ts';
import type { Context } from '../context.ts';
import type { DoctorOptions } from '../doctor.ts';
import { mend, type Mended } from './mend.ts';
import { openDoctor } from './open.ts';
import { reportDocument, type Examined } from './report-document.ts';
import { renderCheckList, renderReport } from './report-text.ts';
import { exitCodeOf } from './verdict.ts';
import { watch } from './watch.ts';

export async function examine(options: DoctorOptions, context: Context): Promise<ExitCode> {
  const selection = selectChecks(options.checks, options.skip, options.all, options.stream === undefined ? [] : ['sources']);
  const { streams } = context;
  if (options.list) return showList(options.checks.length === 0 ? doctorChecks : selection.checks, context);
  if (options.watch) {
    return watch({ onlyProblems: options.onlyProblems, look: () => examineOnce(selection, options, context) }, context);
  }
  if (options.fix && !options.yes && context.confirm === undefined) {
    throw usageError('--fix asks before it acts, and there is nobody to ask', 'iptv doctor --fix --yes');
  }
  const first = await examineOnce(selection, options, context);
  const { after, fixes } = options.fix
    ? await mend(first, { selection, options, context, examineOnce })
    : { after: first, fixes: undefined };
  show(after, fixes, options, context);
  if (streams.json) writeJson(streams.out, reportDocument(after, fixes));
  return exitCodeOf(after.report, options);
}

function showList(checks: readonly DoctorCheck[], context: Context): ExitCode {
  const { out, json } = context.streams;
  if (json) {
    const list = checks.map(({ id, title, group, about, finds, dependsOn, onDemand }) => ({
      id,
      title,
      group,
      about,
      finds,
      dependsOn,
      onDemand: onDemand === true,
    }));
    writeJson(out, { checks: list });
  } else out.write(renderCheckList(checks, out));
  return ExitCode.ok;
}

async function examineOnce(selection: Selection, options: DoctorOptions, context: Context): Promise<Examined> {
  const { streams } = context;
  const ports = await context.ports();
  const begun = ports.clock.monotonic();
  const spinner = streams.animate && !options.watch ? await startSpinner(streams, 'looking around') : undefined;
  try {
    const stack = await context.selectStack(options.runtime);
    const doctor = await openDoctor(context, stack, selection.asked, options.stream);
    let ended = 0;
    const onResult = (result: CheckResult): void => {
      ended += 1;
      spinner?.update(`${ended} of ${selection.checks.length} checks, last: ${result.title}`);
    };
    const report: Report = await runDoctor(selection.checks, doctor, { timeoutMs: options.timeoutMs, onResult });
    throwIfInterrupted(context);
    const { runtime, inside = false } = doctor;
    return { report, selection, runtime, inside, tookMs: Math.round(ports.clock.monotonic() - begun) };
  } finally {
    spinner?.stop();
  }
}

/** Silent with --quiet while all is well. */
function show(examined: Examined, fixes: readonly Mended[] | undefined, options: DoctorOptions, context: Context): void {
  const { streams } = context;
  if (streams.json) return;
  const well = exitCodeOf(examined.report, options) === 0;
  if (streams.quiet && well) return;
  streams.out.write(renderReport(examined, streams.out, { onlyProblems: options.onlyProblems || streams.quiet, fixes }));
}
