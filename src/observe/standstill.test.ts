import { describe, expect, it } from 'vitest';

import { explainStandstill, type Look } from './standstill.ts';

interface Kind {
  readonly states?: string;
  /** CPU milliseconds a second. */
  readonly cpu?: number;
  readonly unread?: number | undefined;
  /** Seconds of output a second. */
  readonly pace?: number;
}

/** Four looks, a second apart. */
function looks({ states = 'SS', cpu = 3, unread = 0, pace = 0 }: Kind): readonly Look[] {
  return [0, 1, 2, 3].map((second) => ({
    at: 50_000 + second * 1000,
    vitals: { states, cpuMs: 7000 + second * cpu, unreadBytes: unread },
    outTimeUs: 60_000_000 + second * pace * 1_000_000,
  }));
}

const explain = (kind: Kind, isLocal = false) => explainStandstill({ looks: looks(kind), stillMs: 6400, isLocal });

describe('why a job stands still', () => {
  it.each<[string, Kind, boolean, string, RegExp]>([
    ['stopped', { states: 'T' }, false, 'job-hung', /SIGSTOP/],
    ['stopped although bytes wait', { states: 'TT', unread: 5000 }, false, 'job-hung', /SIGSTOP/],
    ['a dead disk', { states: 'SD' }, false, 'job-hung', /state D/],
    ['deadlocked before a source that sends', { unread: 80_000 }, false, 'job-hung', /the source sends, and it does not read/],
    ['deadlocked with its source at hand', {}, true, 'job-hung', /source at hand/],
    ['waiting for a silent source', {}, false, 'stalled', /the source sends nothing/],
    ['waiting, its sockets not readable for us', { unread: undefined }, false, 'stalled', /sends nothing/],
    ['a trickling source', { pace: 0.2, cpu: 12 }, false, 'stalled', /only 20 % of real time/],
    ['busy reading what comes in', { unread: 300, cpu: 400 }, false, 'stalled', /sends nothing/],
    ['reading and writing, without segments', { pace: 1, cpu: 30, unread: 10 }, false, 'no-output', /the source plays/],
    ['encoding a generated picture, without segments', { pace: 1, cpu: 700 }, true, 'no-output', /the source plays/],
  ])('%s', (_name, kind, isLocal, cause, message) => {
    const found = explain(kind, isLocal);
    expect(found.cause).toBe(cause);
    expect(found.message).toMatch(message);
    expect(found.message).toContain('no new segment in either leg for 6.4 s');
    expect(found.evidence.length).toBeGreaterThan(0);
  });

  it('takes one look, or none, for no proof', () => {
    const [only] = looks({ unread: 9000 });
    expect(explainStandstill({ looks: only === undefined ? [] : [only], stillMs: 6400, isLocal: false }).cause).toBe('stalled');
    expect(explainStandstill({ looks: [], stillMs: 6400, isLocal: false })).toMatchObject({ cause: 'stalled', evidence: [] });
  });

  it('does not take a socket that was emptied in between for one that is not read', () => {
    const found = looks({ unread: 9000 }).map((look, index) =>
      index === 2 ? { ...look, vitals: { states: 'S', cpuMs: 7000, unreadBytes: 0 } } : look,
    );
    expect(explainStandstill({ looks: found, stillMs: 6400, isLocal: false }).cause).toBe('stalled');
  });
});
