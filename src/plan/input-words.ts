// The words before and with `-i`: the source kind's own, then the extra input options of streams.yaml.

import { inputKinds } from './inputs/kinds.ts';
import type { InputContext } from './inputs/input-kind.ts';
import { option, step, type Step } from './step.ts';

/** Extra input options whose values are credentials; never shown. */
const secretOptions = /pass|key|token|secret|auth|cookie|header|streamid|rtmp_conn|swfhash/i;

export function inputWords(context: InputContext): { readonly steps: readonly Step[]; readonly notes: readonly string[] } {
  const { source } = context;
  const planned = inputKinds[source.kind].plan(context);
  const extra = Object.entries(source.inputOptions);
  const own = new Set(extra.map(([name]) => `-${name}`));
  return {
    steps: [
      ...planned.options.filter((word) => !own.has(word.args[0] ?? '')),
      ...extra.map(([name, value]) => extraOption(name, value)),
      step(['-i', planned.address], planned.why, ['-i', planned.shownAddress]),
    ],
    notes: planned.notes,
  };
}

function extraOption(name: string, value: string): Step {
  const why = 'input option of streams.yaml';
  return secretOptions.test(name) ? step([`-${name}`, value], why, [`-${name}`, '***']) : option(name, value, why);
}
