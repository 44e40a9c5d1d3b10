// One line per stream after an order: what became of it and where it plays.

import type { Sink } from './streams.ts';
import { createTheme } from './theme.ts';

export interface OutcomeRow {
  readonly id: string;
  /** Empty when there is nothing to open. */
  readonly url: string;
  /** Where it is another one than that of most. */
  readonly outcome?: string;
}

export function renderOutcome(rows: readonly OutcomeRow[], outcome: string, sink: Sink): string {
  if (!sink.isTerminal) return rows.map((row) => `${row.id}\t${row.outcome ?? outcome}\t${row.url}\n`).join('');
  const theme = createTheme(sink.hasColor);
  const width = Math.max(...rows.map((row) => row.id.length));
  return rows
    .map(
      (row) =>
        `${`${theme.good('✓')} ${theme.strong(row.id)}${' '.repeat(width - row.id.length)}  ${row.outcome ?? outcome}  ${row.url}`.trimEnd()}\n`,
    )
    .join('');
}
