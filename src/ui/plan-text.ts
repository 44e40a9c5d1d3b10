// A planned command as text: first the command itself, ready for a shell, then each part with its reason.

import type { Sink } from './streams.ts';
import { wrap } from './help.ts';
import { createTheme } from './theme.ts';

export interface PlanText {
  readonly title: string;
  /** Already redacted. */
  readonly command: readonly string[];
  readonly reasons: readonly { readonly args: readonly string[]; readonly why: string }[];
  readonly notes: readonly string[];
}

const widestTerm = 40;

/** Everything but the command is a shell comment, so that a copy of the whole still is a command. */
export function renderPlan(plan: PlanText, sink: Sink): string {
  const theme = createTheme(sink.hasColor);
  const command = plan.command.map(quote).join(' ');
  const parts = plan.reasons.map(({ args, why }) => ({ term: args.map(quote).join(' '), why }));
  if (!sink.isTerminal) {
    return [
      `# ${plan.title}`,
      command,
      ...parts.map(({ term, why }) => `# ${term}\t${why.replaceAll('\n', '\n#\t')}`),
      ...plan.notes.map((note) => `# note: ${note}`),
      '',
    ].join('\n');
  }
  const width = Math.min(widestTerm, Math.max(0, ...parts.map(({ term }) => term.length)));
  const lines = parts.flatMap(({ term, why }) => {
    const reason = wrap(why, Math.max(30, sink.columns - width - 6));
    const margin = `# ${' '.repeat(width)}  `;
    if (term.length > width) return [`# ${theme.command(term)}`, ...reason.map((line) => margin + line)];
    return reason.map((line, index) => (index === 0 ? `# ${theme.command(term)}${' '.repeat(width - term.length)}  ` : margin) + line);
  });
  const notes = plan.notes.map((note) => `# ${theme.warning('note:')} ${note}`);
  return [`# ${theme.strong(plan.title)}`, '', command, '', ...lines, ...(notes.length > 0 ? ['', ...notes] : []), ''].join('\n');
}

/** POSIX shell quoting; plain words stay plain. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
