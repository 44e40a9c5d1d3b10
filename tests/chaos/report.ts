// Outcomes as a table for the terminal and for Markdown.

import type { Outcome } from './fault.ts';

const head = ['#', 'fault', 'longest stall', 'reloads', '4xx/5xx', 'seq. back', 'no answer', '', 'seen'];

function row({ id, name, result, viewer, notes, problems }: Outcome): readonly string[] {
  const seen = [...problems, ...notes].join('; ');
  if (viewer === undefined) return [id, name, '', '', '', '', '', result, seen];
  const { longestStallSeconds, reloads, notFound, sequenceBack, unreachableSeconds } = viewer;
  return [
    id,
    name,
    `${longestStallSeconds.toFixed(1)} s`,
    String(reloads),
    String(notFound),
    String(sequenceBack),
    unreachableSeconds > 0.3 ? `${unreachableSeconds.toFixed(1)} s` : '-',
    result,
    seen,
  ];
}

/** One line as soon as a fault is done. */
export function line(outcome: Outcome): string {
  const [id = '', name = '', stall = '', reloads = '', bad = '', back = '', silent = '', result = ''] = row(outcome);
  const figures =
    outcome.viewer === undefined ? '' : `stall ${stall}, reloads ${reloads}, 4xx/5xx ${bad}, back ${back}, no answer ${silent}`;
  const more = [...outcome.problems.map((text) => `    ! ${text}\n`), ...outcome.notes.map((text) => `      ${text}\n`)].join('');
  return `${result.padEnd(7)} ${id.padEnd(4)} ${name} (${outcome.seconds} s)  ${figures}\n${more}`;
}

export function markdown(outcomes: readonly Outcome[]): string {
  const cells = (values: readonly string[]): string => `| ${values.map((value) => value.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return `${[cells(head), cells(head.map(() => '---')), ...outcomes.map((outcome) => cells(row(outcome)))].join('\n')}\n`;
}

export function totals(outcomes: readonly Outcome[]): string {
  const count = (result: Outcome['result']): number => outcomes.filter((outcome) => outcome.result === result).length;
  return `${count('ok')} ok, ${count('FAILED')} failed, ${count('skipped')} skipped`;
}
