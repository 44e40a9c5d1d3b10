// One piece of a command line while it is being planned: its raw arguments, and how they may be shown.

import type { JobPlan } from '../core/job-plan.ts';

export interface Step {
  readonly args: readonly string[];
  readonly why: string;
  /** The printable form where `args` hold a secret that no pattern would find. */
  readonly shown?: readonly string[];
}

export function step(args: readonly string[], why: string, shown?: readonly string[]): Step {
  return shown === undefined ? { args, why } : { args, why, shown };
}

export function option(name: string, value: string | number, why: string): Step {
  return step([`-${name}`, String(value)], why);
}

/** The words of a job as they are run, and as people may see them. */
export function commandOf(steps: readonly Step[], redact: (text: string) => string): Pick<JobPlan, 'argv' | 'redactedArgv' | 'steps'> {
  const shown = steps.map((word) => ({ args: (word.shown ?? word.args).map(redact), why: redact(word.why) }));
  return { argv: steps.flatMap((word) => word.args), redactedArgv: shown.flatMap((word) => word.args), steps: shown };
}
