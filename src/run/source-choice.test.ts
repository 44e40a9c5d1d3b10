import { describe, expect, it } from 'vitest';

import { nextSource, type SourceChoice } from './source-choice.ts';

const base: SourceChoice = { current: 0, count: 3, neverStarted: false, cause: 'timeout', hasDelivered: false, failures: 1 };

describe('nextSource', () => {
  it('leaves a source that never delivered at once, and wraps', () => {
    expect(nextSource(base)).toBe(1);
    expect(nextSource({ ...base, current: 2 })).toBe(0);
    expect(nextSource({ ...base, count: 1 })).toBe(0);
  });

  it('tries a source that had delivered once more, then gives way', () => {
    expect(nextSource({ ...base, hasDelivered: true })).toBe(0);
    expect(nextSource({ ...base, hasDelivered: true, failures: 2 })).toBe(1);
  });

  it('does not burn a source for what is not its fault', () => {
    for (const cause of ['lock-held', 'leg-dead', 'killed']) expect(nextSource({ ...base, cause, failures: 5 })).toBe(0);
    expect(nextSource({ ...base, neverStarted: true, cause: 'ffmpeg-missing' })).toBe(0);
  });

  it('stays within a list that has become shorter', () => {
    expect(nextSource({ ...base, current: 5, count: 2, hasDelivered: true })).toBe(1);
  });
});
