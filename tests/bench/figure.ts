// What the benchmark finds out, and how it looks as a table.

import { round } from './numbers.ts';
import type { PartName } from './options.ts';

export interface Figure {
  readonly part: PartName;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The largest value that would be fine; absent for figures that only give scale. */
  readonly aim?: number;
  readonly detail?: string;
}

export interface PartReport {
  readonly figures: readonly Figure[];
  /** What the figures were made from, so that they can be made again. */
  readonly samples: unknown;
}

export type Verdict = 'met' | 'NOT met' | '';

export function verdict(figure: Figure): Verdict {
  if (figure.aim === undefined) return '';
  return figure.value <= figure.aim ? 'met' : 'NOT met';
}

export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.part,
    figure.name,
    `${shown(figure.value)} ${figure.unit}`,
    figure.aim === undefined ? '' : `<= ${figure.aim} ${figure.unit}`,
    verdict(figure),
    figure.detail ?? '',
  ]);
  const table = [['part', 'figure', 'value', 'aim', '', ''], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function shown(value: number): string {
  return String(round(value, Math.abs(value) < 1 ? 4 : 2));
}
