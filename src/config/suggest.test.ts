import { describe, expect, it } from 'vitest';
import { nearestWord } from './suggest.ts';

describe('nearestWord', () => {
  it.each([
    ['dokcer', ['auto', 'local', 'docker'], 'docker'],
    ['user_agent', ['headers', 'userAgent'], 'userAgent'],
    ['User-Agent', ['headers', 'userAgent'], 'userAgent'],
    ['dely', ['minDelay', 'maxDelay', 'stableAfter'], 'minDelay'],
    ['streems', ['server', 'streams'], 'streams'],
    ['banana', ['server', 'streams'], undefined],
    ['', ['server'], undefined],
  ])('%s of %j is %s', (word, candidates, nearest) => {
    expect(nearestWord(word, candidates)).toBe(nearest);
  });
});
