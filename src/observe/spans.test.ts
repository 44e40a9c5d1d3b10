import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { intersect, secondsOf, subtract, union, type Span } from './spans.ts';

const s = (from: number, to: number): Span => ({ from, to });
const spans = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 })).map(([from, to]) => s(from, to)));

describe('spans', () => {
  it('joins what touches or overlaps, and drops what is empty', () => {
    expect(union([s(5, 9), s(0, 2), s(2, 3), s(8, 10), s(4, 4)])).toEqual([s(0, 3), s(5, 10)]);
    expect(intersect([s(0, 5), s(7, 9)], [s(3, 8)])).toEqual([s(3, 5), s(7, 8)]);
    expect(subtract([s(0, 10)], [s(-1, 1), s(4, 5), s(9, 12)])).toEqual([s(1, 4), s(5, 9)]);
    expect(secondsOf([s(0, 1500), s(1000, 2000)])).toBe(2);
  });

  it('what is common and what is left make the whole', () => {
    fc.assert(
      fc.property(spans, spans, (left, right) => {
        expect(union([...intersect(left, right), ...subtract(left, right)])).toEqual(union(left));
        expect(intersect(subtract(left, right), right)).toEqual([]);
      }),
    );
  });
});
