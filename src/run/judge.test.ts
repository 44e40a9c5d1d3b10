import { describe, expect, it } from 'vitest';

import { isWhole, judge, type JudgeInput } from './judge.ts';

const now = 1_000_000;
/** Bound 6 s; a leg is mended after 30 s. */
const stall = { segmentSeconds: 2, targetDurationSeconds: 2, configuredMs: undefined };

function job(more: Partial<JudgeInput> = {}): JudgeInput {
  return {
    phase: 'running',
    now,
    startedAt: 0,
    changedAt: { primary: now - 1000, backup: now - 1000 },
    legs: ['primary', 'backup'],
    originAnswersSince: 0,
    mends: 0,
    stall,
    ...more,
  };
}

describe('judge', () => {
  it('finds nothing wrong while one leg moves', () => {
    expect(judge(job())).toBeUndefined();
    expect(judge(job({ changedAt: { primary: undefined, backup: now - 1000 }, startedAt: now - 20_000 }))).toBeUndefined();
    expect(judge(job({ changedAt: { primary: now - 1000, backup: now - 29_000 } }))).toBeUndefined();
  });

  it('complains when both legs stand still beyond the bound, not at it', () => {
    expect(judge(job({ changedAt: { primary: now - 6000, backup: now - 6000 } }))).toBeUndefined();
    expect(judge(job({ changedAt: { primary: now - 7000, backup: now - 6001 } }))).toMatchObject({ cause: 'stalled' });
  });

  it('gives a start 45 s, however old the playlists are that an earlier job left', () => {
    const start = job({ phase: 'starting', startedAt: now - 44_000, changedAt: { primary: 5, backup: undefined } });
    expect(judge(start)).toBeUndefined();
    expect(judge({ ...start, now: now + 2000 })).toMatchObject({ cause: 'stalled' });
  });

  it('mends a dead leg beside a living one, more rarely each time', () => {
    const dead = job({ changedAt: { primary: now - 31_000, backup: now } });
    expect(judge(dead)).toMatchObject({ cause: 'leg-dead' });
    expect(judge(dead)?.message).toContain('primary');
    expect(judge({ ...dead, mends: 1 })).toBeUndefined();
    expect(judge({ ...dead, mends: 1, now: now + 90_000, changedAt: { primary: now - 31_000, backup: now + 90_000 } })).toMatchObject({
      cause: 'leg-dead',
    });
    expect(judge(job({ changedAt: { primary: now, backup: now - 31_000 } }))?.message).toContain('backup');
  });

  it('leaves a leg alone that this job does not write', () => {
    expect(judge(job({ legs: ['backup'], changedAt: { primary: undefined, backup: now } }))).toBeUndefined();
  });

  it('does not blame the job while nginx is away, nor at the moment it is back', () => {
    const dead = job({ changedAt: { primary: now - 120_000, backup: now } });
    expect(judge({ ...dead, originAnswersSince: undefined })).toBeUndefined();
    expect(judge({ ...dead, originAnswersSince: now - 1000 })).toBeUndefined();
    expect(judge({ ...dead, originAnswersSince: now - 31_000 })).toMatchObject({ cause: 'leg-dead' });
  });
});

describe('isWhole', () => {
  it('takes every leg of the job, fresh after a stable run', () => {
    expect(isWhole(job(), 60_000)).toBe(true);
    expect(isWhole(job({ startedAt: now - 59_000 }), 60_000)).toBe(false);
    expect(isWhole(job({ changedAt: { primary: undefined, backup: now } }), 60_000)).toBe(false);
    expect(isWhole(job({ changedAt: { primary: now - 7000, backup: now } }), 60_000)).toBe(false);
    expect(isWhole(job({ legs: ['backup'], changedAt: { primary: undefined, backup: now } }), 60_000)).toBe(true);
  });
});
