import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { slateLines } from './slate-text.ts';

describe('the words on a slate', () => {
  it('are short lines, the name first', () => {
    expect(slateLines('temporarily unavailable', 'The Channel With The Rather Long Name')).toEqual([
      'The Channel With The Rather Long',
      'Name',
      'temporarily unavailable',
    ]);
    expect(slateLines('', '')).toEqual([]);
  });

  it('cut a word that is too long between characters, and end with an ellipsis', () => {
    expect(slateLines('', '📺'.repeat(40))).toEqual(['📺'.repeat(32), '📺'.repeat(8)]);
    const lines = slateLines('', 'a'.repeat(500));
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatch(/^a{31}…$/);
  });

  it('hold no control characters and turn no direction, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const lines = slateLines('', name);
        expect(lines.length).toBeLessThanOrEqual(3);
        for (const line of lines) {
          expect([...line].length).toBeLessThanOrEqual(32);
          expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
    );
  });
});
