// Puts lines that arrive from several places into the order of time, by holding each back for a moment.

import type { LogLine } from './log-line.ts';

export interface ReorderWindow {
  /** `nowMs` is monotonic. */
  add(lines: readonly LogLine[], nowMs: number): void;
  /** What was held for long enough, and everything older than that, oldest first. */
  release(nowMs: number): readonly LogLine[];
  /** All that is held. */
  end(): readonly LogLine[];
}

interface Held {
  readonly line: LogLine;
  readonly arrivedMs: number;
  readonly order: number;
}

/** By arrival and not by the lines' own times: the other side's clock may differ from ours. */
export function createReorderWindow(windowMs: number): ReorderWindow {
  let held: Held[] = [];
  let count = 0;
  return {
    add(lines, nowMs) {
      for (const line of lines) held.push({ line, arrivedMs: nowMs, order: (count += 1) });
    },
    release(nowMs) {
      const due = held.filter(({ arrivedMs }) => nowMs - arrivedMs >= windowMs);
      if (due.length === 0) return [];
      const newest = due.reduce((time, { line }) => Math.max(time, line.timeMs), -Infinity);
      const out = held.filter(({ line }) => line.timeMs <= newest);
      held = held.filter(({ line }) => line.timeMs > newest);
      return inOrder(out);
    },
    end() {
      const out = held;
      held = [];
      return inOrder(out);
    },
  };
}

function inOrder(held: readonly Held[]): readonly LogLine[] {
  return held.toSorted((a, b) => a.line.timeMs - b.line.timeMs || a.order - b.order).map(({ line }) => line);
}
