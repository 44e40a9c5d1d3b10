import { describe, expect, it } from 'vitest';

import type { OnDemandConfig } from '../../core/config.ts';
import { createWarmWatch, type WarmInput } from './warm.ts';

const base: OnDemandConfig = { idleAfterMs: 60_000, firstWaitMs: 7000, prewarm: [] };
const utc = (hour: number, minute = 0): number => Date.UTC(2026, 5, 1, hour, minute);
const input = (config: Partial<OnDemandConfig>, more: Partial<WarmInput>): WarmInput => ({
  config: { ...base, ...config },
  ...{ now: 0, wallMs: utc(12), seenAt: undefined, mostViewers: 0, slotsFree: Infinity },
  ...more,
});

describe('prewarm hours', () => {
  const prewarm = [{ cron: '55 19 * * *', forMs: 3 * 3_600_000, timezone: 'UTC' }];

  it('begin and end by the clock, and are known to a supervisor that comes in the middle', () => {
    const watch = createWarmWatch();
    const at = (wallMs: number): unknown => watch.look(input({ prewarm }, { wallMs }))?.why;
    expect(at(utc(19, 54))).toBeUndefined();
    expect(at(utc(19, 55))).toBe('prewarm');
    expect(at(utc(22, 54))).toBe('prewarm');
    expect(at(utc(22, 55))).toBeUndefined();
    expect(at(utc(19, 55) + 24 * 3_600_000)).toBe('prewarm');
    expect(createWarmWatch().look(input({ prewarm }, { wallMs: utc(21) }))?.why).toBe('prewarm');
    expect(createWarmWatch().look(input({ prewarm }, { wallMs: utc(23) }))).toBeUndefined();
  });

  it('follow an edit of the list and a clock that is set back', () => {
    const watch = createWarmWatch();
    expect(watch.look(input({ prewarm }, { wallMs: utc(21) }))?.why).toBe('prewarm');
    expect(watch.look(input({ prewarm: [] }, { wallMs: utc(21) }))).toBeUndefined();
    expect(watch.look(input({ prewarm }, { wallMs: utc(23) }))).toBeUndefined();
    expect(watch.look(input({ prewarm }, { wallMs: utc(20) }))?.why).toBe('prewarm');
  });

  it('cost little, also where they begin each minute', () => {
    const watch = createWarmWatch();
    const often = [{ cron: '* * * * *', forMs: 7 * 24 * 3_600_000 }];
    for (let second = 0; second < 600; second += 1) {
      expect(watch.look(input({ prewarm: often }, { wallMs: utc(12) + 1000 * second }))?.why).toBe('prewarm');
    }
  });
});

describe('what was popular', () => {
  const keepWarm = { viewers: 3, forMs: 600_000 };
  const why = (more: Partial<WarmInput>): unknown =>
    createWarmWatch().look(input({ keepWarm }, { seenAt: 0, mostViewers: 3, ...more }))?.why;

  it('stays up for its time after the last viewer', () => {
    expect(why({ now: 599_999 })).toBe('keep-warm');
    expect(why({ now: 600_000 })).toBeUndefined();
    expect(why({ mostViewers: 2 })).toBeUndefined();
    expect(why({ seenAt: undefined })).toBeUndefined();
  });

  it('leaves its provider a connection for others', () => {
    expect(why({ slotsFree: 1 })).toBe('keep-warm');
    expect(why({ slotsFree: 0 })).toBeUndefined();
  });
});
