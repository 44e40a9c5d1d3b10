// `iptv doctor --fix`: shows what it is going to do, does it, and looks again until all is well or time is up.

import { AppError } from '../../core/errors.ts';
import { redactText } from '../../core/redact.ts';
import type { Fix } from '../../diagnose/check.ts';
import type { Selection } from '../../diagnose/doctor.ts';
import { say } from '../../ui/messages.ts';
import { plural } from '../../ui/time.ts';
import { throwIfInterrupted } from '../command.ts';
import type { Context } from '../context.ts';
import type { DoctorOptions } from '../doctor.ts';
import type { Examined } from './report-document.ts';
import { rootCauses, type RootCause } from './verdict.ts';

/** What became of one action. */
export interface Mended {
  readonly action: string;
  readonly done: boolean;
  /** Why it was not done; null when it was. */
  readonly error: string | null;
}

export interface MendInput {
  readonly selection: Selection;
  readonly options: DoctorOptions;
  readonly context: Context;
  readonly examineOnce: (selection: Selection, options: DoctorOptions, context: Context) => Promise<Examined>;
}

/** A channel needs this long to be playable again after nginx was restarted. */
const settleLimitMs = 45_000;
const settlePauseMs = 1000;

export async function mend(
  before: Examined,
  { selection, options, context, examineOnce }: MendInput,
): Promise<{ readonly after: Examined; readonly fixes: readonly Mended[] }> {
  const plan = actionsIn(before);
  if (plan.length === 0) return { after: before, fixes: [] };
  const { streams } = context;
  for (const { action } of plan) say(streams, `${options.yes ? 'going to' : 'would'}: ${action}`);
  if (!options.yes && !(await agreed(plan.length, context))) return { after: before, fixes: [] };
  const fixes: Mended[] = [];
  for (const fix of plan) {
    throwIfInterrupted(context);
    const mended = await apply(fix);
    fixes.push(mended);
    say(streams, mended.done ? `✓ done: ${mended.action}` : `✗ not done: ${mended.action}: ${mended.error}`);
  }
  return { after: await settled(before, fixes, { selection, options, context, examineOnce }), fixes };
}

/** Until nothing is left but what only warned before; a leg needs a few segments to be itself again. */
async function settled(before: Examined, fixes: readonly Mended[], input: MendInput): Promise<Examined> {
  const { selection, options, context, examineOnce } = input;
  const { clock } = await context.ports();
  const end = clock.monotonic() + settleLimitMs;
  // Logs tell what was, so for a while they tell what has just been mended.
  const again = { ...selection, checks: selection.checks.filter(({ id }) => id !== 'logs') };
  const known = new Set(
    rootCauses(before.report).flatMap((root) => (root.finding.status === 'warn' && root.finding.fix === undefined ? [keyOf(root)] : [])),
  );
  say(context.streams, 'looking again');
  for (;;) {
    const after = await examineOnce(again, options, context);
    const left = rootCauses(after.report).filter((root) => !known.has(keyOf(root)));
    if (left.length === 0 || clock.monotonic() > end || !fixes.some((fix) => fix.done)) return after;
    await context.sleep(settlePauseMs);
    throwIfInterrupted(context);
  }
}

function keyOf({ check, finding }: RootCause): string {
  return `${check.id}/${finding.code} ${finding.subject ?? ''}`;
}

/** Of root causes only: what follows from them goes with them. Equal actions are done once. */
function actionsIn({ report }: Examined): readonly Fix[] {
  const fixes = rootCauses(report).flatMap(({ finding }) => (finding.fix === undefined ? [] : [finding.fix]));
  return [...new Map(fixes.map((fix) => [fix.action, fix])).values()];
}

async function agreed(count: number, context: Context): Promise<boolean> {
  return (await context.confirm?.(`do ${count === 1 ? 'this' : `these ${plural(count, 'thing')}`}?`)) ?? false;
}

async function apply({ action, apply: act }: Fix): Promise<Mended> {
  try {
    await act();
    return { action, done: true, error: null };
  } catch (error) {
    if (error instanceof AppError) return { action, done: false, error: redactText(error.message) };
    throw error;
  }
}
