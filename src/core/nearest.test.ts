import { describe, expect, it } from 'vitest';

import { editDistance, nearest } from './nearest.ts';

describe('nearest', () => {
  it.each([
    ['nwes', ['news', 'sport'], 'news'],
    ['sprt', ['news', 'sport'], 'sport'],
    ['NEWS', ['news'], 'news'],
    ['zzz', ['news', 'sport'], undefined],
    ['a', ['b'], 'b'],
    ['', ['news'], undefined],
  ])('%s', (word, known, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('dealy', 'delay')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });
});
