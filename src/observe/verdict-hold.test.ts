import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { verdictNames, type VerdictName } from '../core/verdict.ts';
import { holdVerdict, type HeldVerdict } from './verdict-hold.ts';

const finding = (name: VerdictName) => ({ name, layer: null, reason: name, evidence: [] });
const iso = (second: number): string => new Date(second * 1000).toISOString();

/** One finding a second; the verdicts that came of it. */
function seconds(
  names: readonly VerdictName[],
  from?: HeldVerdict,
  startAt = 0,
): { readonly names: readonly VerdictName[]; readonly held: HeldVerdict | undefined } {
  let held = from;
  const seen = names.map((name, second) => {
    held = holdVerdict(held, finding(name), (startAt + second) * 1000, iso(startAt + second));
    return held.verdict.name;
  });
  return { names: seen, held };
}

const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

describe('holding verdicts', () => {
  it('takes trouble at once and believes in recovery after five seconds', () => {
    const { names } = seconds(['starting', 'healthy', 'source-silent', ...times(7, 'healthy' as const)]);
    expect(names).toEqual(['starting', 'healthy', ...times(6, 'source-silent'), 'healthy', 'healthy']);
  });

  it('passes over a short dip', () => {
    const { names } = seconds(['healthy', 'degraded', 'degraded', 'degraded', 'healthy', 'degraded', 'healthy']);
    expect(new Set(names)).toEqual(new Set(['healthy']));
  });

  it('takes a dip that lasts, and keeps the time since when it is so', () => {
    const { names, held } = seconds(['healthy', ...times(8, 'degraded' as const)]);
    expect(names.indexOf('degraded')).toBe(6);
    expect(held?.verdict.since).toBe(iso(6));
  });

  it('believes less in the recovery of what goes up and down', () => {
    const once = ['source-dead', ...times(12, 'healthy' as const)] as const;
    const { names } = seconds(['healthy', ...once, ...once]);
    const dead = names.filter((name) => name === 'source-dead').length;
    // 1 + 5 the first time, 1 + 10 the second.
    expect(dead).toBe(6 + 11);
  });

  it('obeys an order at once', () => {
    expect(seconds(['source-dead', 'stopped', 'starting', 'healthy']).names).toEqual(['source-dead', 'stopped', 'starting', 'healthy']);
  });

  it('keeps the words up to date without a new beginning', () => {
    const first = holdVerdict(undefined, finding('source-dead'), 0, iso(0));
    const second = holdVerdict(first, { ...finding('source-dead'), reason: 'now it is 404' }, 5000, iso(5));
    expect(second.verdict).toMatchObject({ reason: 'now it is 404', since: iso(0) });
  });

  it('comes to rest on any finding that stays, within a minute', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...verdictNames), { maxLength: 60 }), fc.constantFrom(...verdictNames), (before, last) => {
        const { held } = seconds(before);
        return seconds(times(62, last), held, before.length).held?.verdict.name === last;
      }),
    );
  });
});
