// Aligned columns on a terminal, tab-separated values on a pipe.

import stringWidth from 'string-width';

import type { Sink } from './streams.ts';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May carry colour, unless `shrink` is set. */
  readonly human: (row: Row) => string;
  /** For programs: numbers without units, RFC 3339, empty when unknown. */
  readonly machine: (row: Row) => string;
  /** This column gives way, in its middle, when the terminal is too narrow. */
  readonly shrink?: boolean;
  /** This column goes, the rightmost first, when a line would not fit the terminal. */
  readonly leaveOut?: boolean;
}

const gap = '  ';
/** A column is not made narrower than this, even if the line then wraps. */
const narrowest = 16;

export interface TableLook {
  /** Never shortens anything. */
  readonly wide: boolean;
  readonly styleTitle: (text: string) => string;
}

export function renderTable<Row>(all: readonly Column<Row>[], rows: readonly Row[], sink: Sink, look: TableLook): string {
  if (!sink.isTerminal) return rows.map((row) => `${all.map((column) => flat(column.machine(row))).join('\t')}\n`).join('');
  const columns = columnsThatFit(all, rows, sink, look);
  const cells = rows.map((row) => columns.map((column) => flat(column.human(row))));
  const widths = columns.map((column) => widthOf(column, rows));
  if (!look.wide) shrinkTo(sink.columns, columns, widths);
  const lineOf = (line: readonly string[], style: (text: string) => string): string =>
    columns
      .map((column, index) => pad(style(fit(line[index] ?? '', widths[index] ?? 0)), widths[index] ?? 0, column.align))
      .join(gap)
      .trimEnd();
  const title = lineOf(
    columns.map((column) => column.title),
    look.styleTitle,
  );
  return [title, ...cells.map((line) => lineOf(line, (text) => text)), ''].join('\n');
}

/** Those that are left when what does not fit has gone; off a terminal and with --wide, all. */
export function columnsThatFit<Row>(
  all: readonly Column<Row>[],
  rows: readonly Row[],
  sink: Sink,
  look: Pick<TableLook, 'wide'>,
): readonly Column<Row>[] {
  if (!sink.isTerminal || look.wide) return all;
  const least = new Map(
    all.map((column) => {
      const width = widthOf(column, rows);
      return [column, column.shrink === true ? Math.min(width, narrowest) : width];
    }),
  );
  const left = [...all];
  const needed = (): number => left.reduce((sum, column) => sum + (least.get(column) ?? 0), gap.length * (left.length - 1));
  for (const column of all.toReversed()) if (column.leaveOut === true && needed() > sink.columns) left.splice(left.indexOf(column), 1);
  return left;
}

function widthOf<Row>(column: Column<Row>, rows: readonly Row[]): number {
  return Math.max(stringWidth(column.title), ...rows.map((row) => stringWidth(flat(column.human(row)))));
}

/** Cuts the middle: the start of a URL names the host and its end names the stream. */
export function shortenMiddle(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const letters = [...text];
  const head = Math.ceil((width - 1) / 2);
  const tail = width - 1 - head;
  return `${letters.slice(0, head).join('')}…${tail === 0 ? '' : letters.slice(-tail).join('')}`;
}

function shrinkTo<Row>(available: number, columns: readonly Column<Row>[], widths: number[]): void {
  let excess = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - available;
  columns.forEach((column, index) => {
    const width = widths[index] ?? 0;
    if (excess <= 0 || column.shrink !== true || width <= narrowest) return;
    const narrower = Math.max(narrowest, width - excess);
    excess -= width - narrower;
    widths[index] = narrower;
  });
}

function fit(text: string, width: number): string {
  return stringWidth(text) > width ? shortenMiddle(text, width) : text;
}

function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** A tab or a line break inside a cell would break the row for `cut` and `awk`. */
function flat(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ');
}
