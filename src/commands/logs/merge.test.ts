import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { LogLine } from './log-line.ts';
import { mergeBackwards, mergeForwards, type Blocks } from './merge.ts';

const pace = { pause: async () => undefined, isOver: () => false };

/** Each log: blocks of lines, oldest first. */
const logs = fc.array(fc.array(fc.array(fc.nat(20), { maxLength: 4 }), { maxLength: 4 }), { maxLength: 6 }).map((found) =>
  found.map((blocks, log) => {
    let timeMs = 0;
    let count = 0;
    return blocks.map((steps) =>
      steps.map((step): LogLine => {
        timeMs += step;
        count += 1;
        return { name: `log${log}`, timeMs, level: 'info', text: String(count) };
      }),
    );
  }),
);

function sourceOf(blocks: readonly (readonly LogLine[])[]): Blocks {
  const left = [...blocks];
  return async () => left.shift();
}

const expectedOf = (found: readonly (readonly (readonly LogLine[])[])[]): readonly LogLine[] =>
  found.flat(2).toSorted((a, b) => a.timeMs - b.timeMs);

describe('merging', () => {
  it('forwards is one sort of all lines that keeps the order of each log', async () => {
    await fc.assert(
      fc.asyncProperty(logs, async (found) => {
        const merged: LogLine[] = [];
        for await (const lines of mergeForwards(found.map(sourceOf), pace)) merged.push(...lines);
        expect(merged).toEqual(expectedOf(found));
      }),
    );
  });

  it('backwards is the end of the same', async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.nat(30), async (found, count) => {
        const backwards = found.map((blocks) => sourceOf(blocks.toReversed()));
        const expected = expectedOf(found);
        expect(await mergeBackwards(backwards, count, pace)).toEqual(expected.slice(Math.max(0, expected.length - count)));
      }),
    );
  });

  it('reads no more than it needs', async () => {
    let reads = 0;
    const endless: Blocks = async () => {
      reads += 1;
      return [{ name: 'x', timeMs: 1000 - reads, level: 'info', text: '' }];
    };
    await mergeBackwards([endless], 5, pace);
    expect(reads).toBeLessThan(8);
  });

  it('ends when the user has seen enough', async () => {
    const endless: Blocks = async () => [{ name: 'x', timeMs: 1, level: 'info', text: '' }];
    let asked = 0;
    const over = { pause: async () => undefined, isOver: () => (asked += 1) > 100 };
    const merged = mergeForwards([endless], over);
    for await (const lines of merged) expect(lines.length).toBeLessThan(1000);
  });
});
