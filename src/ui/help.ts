// Lays out help: purpose, examples first, usage, then tables of words and what they do.

import type { Theme } from './theme.ts';

export interface HelpPage {
  readonly purpose: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly usage?: string;
  readonly sections: readonly HelpSection[];
  readonly learnMore: readonly string[];
}

export interface HelpSection {
  readonly title: string;
  readonly rows: readonly (readonly [term: string, text: string])[];
}

const indent = '  ';
/** Longer terms stand on a line of their own. */
const longestTerm = 30;

export function renderHelp(page: HelpPage, theme: Theme, columns: number): string {
  const blocks = [wrap(page.purpose, columns).join('\n')];
  if (page.examples.length > 0)
    blocks.push(
      table(
        'Examples',
        page.examples.map(([command, what]) => [`$ ${command}`, what]),
        theme,
        columns,
      ),
    );
  if (page.usage !== undefined) blocks.push(`${theme.strong('Usage:')}\n${indent}${page.usage}`);
  for (const section of page.sections) if (section.rows.length > 0) blocks.push(table(section.title, section.rows, theme, columns));
  if (page.learnMore.length > 0) blocks.push(`${theme.strong('Learn more:')}\n${page.learnMore.map((line) => indent + line).join('\n')}`);
  return `${blocks.join('\n\n')}\n`;
}

function table(title: string, rows: HelpSection['rows'], theme: Theme, columns: number): string {
  const width = Math.min(longestTerm, Math.max(...rows.map(([term]) => term.length)));
  const lines = rows.flatMap(([term, text]) => {
    const room = columns - indent.length - width - 2;
    const wrapped = wrap(text, Math.max(24, room));
    const shown = theme.command(term);
    if (text === '') return [indent + shown];
    const hanging = indent + ' '.repeat(width + 2);
    if (term.length > width) return [indent + shown, ...wrapped.map((line) => hanging + line)];
    return wrapped.map((line, index) => (index === 0 ? indent + shown + ' '.repeat(width - term.length + 2) : hanging) + line);
  });
  return `${theme.strong(`${title}:`)}\n${lines.join('\n')}`;
}

/** Breaks at spaces; keeps the line breaks and indents that are there. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const margin = /^ */.exec(paragraph)?.[0] ?? '';
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.slice(margin.length).split(' ')) {
      if (line !== '' && margin.length + line.length + 1 + word.length > width) {
        lines.push(margin + line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, margin + line];
  });
}
