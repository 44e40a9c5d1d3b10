import { describe, expect, it } from 'vitest';

import { askMs, judgeLease, type LeaseInput } from './lease.ts';

const lease = (more: Partial<LeaseInput>): string =>
  judgeLease({
    now: 0,
    seenAt: 0,
    askingSince: undefined,
    byLogAlone: false,
    heardAt: 0,
    idleAfterMs: 60_000,
    targetDurationSeconds: 2,
    isContended: false,
    ...more,
  });

describe('a lease', () => {
  it('is asked about before it ends, so that it ends in time', () => {
    expect(lease({ now: 53_999 })).toBe('watched');
    expect(lease({ now: 54_000 })).toBe('ask');
    expect(lease({ now: 59_999, askingSince: 54_000 })).toBe('ask');
    expect(lease({ now: 60_000, askingSince: 54_000 })).toBe('idle');
  });

  it('gives every player the time for a reload, however short idleAfter is', () => {
    const long = { idleAfterMs: 10_000, targetDurationSeconds: 10 };
    expect(lease({ ...long, now: 5000 })).toBe('ask');
    expect(lease({ ...long, now: 34_999, askingSince: 5000 })).toBe('ask');
    expect(lease({ ...long, now: 35_000, askingSince: 5000 })).toBe('idle');
  });

  it('begins anew with whoever comes', () => {
    expect(lease({ now: 60_000, askingSince: 54_000, seenAt: 55_000 })).toBe('watched');
    expect(lease({ now: 110_000, askingSince: 54_000, seenAt: 55_000 })).toBe('ask');
  });

  it('does not end while no log arrives, where only the log tells of viewers', () => {
    const ladder = { byLogAlone: true, now: 60_000, askingSince: 54_000 };
    expect(lease({ ...ladder, heardAt: 53_000 })).toBe('blind');
    expect(lease({ ...ladder, heardAt: 55_000 })).toBe('idle');
  });

  it('is short where others wait for the connection', () => {
    const contended = { isContended: true };
    expect(askMs(2, true)).toBe(4000);
    expect(lease({ ...contended, now: 3999 })).toBe('watched');
    expect(lease({ ...contended, now: 4000 })).toBe('ask');
    expect(lease({ ...contended, now: 7999, askingSince: 4000 })).toBe('ask');
    expect(lease({ ...contended, now: 8000, askingSince: 4000 })).toBe('idle');
  });
});
