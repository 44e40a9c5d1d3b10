// What `npm test` says after running again what failed: nothing counted twice, nothing that failed twice forgiven.

import { describe, expect, it } from 'vitest';
import type { CaseResult, RunReport } from '../tools/case-report.ts';
import { filesToRunAgain, summary, totalsLine, verdict } from '../tools/test-verdict.ts';

describe('a whole run', () => {
  it('counts and says nothing when all passed', () => {
    const all = verdict('unit', run([one('a', 'passed'), one('b', 'skipped')]), undefined);
    expect(all).toEqual({ passed: 1, failed: 0, skipped: 1, told: [] });
    expect(totalsLine([all], all.told)).toBe('1 passed, 0 failed, 1 skipped');
  });

  it('fails for what failed in the full run and by itself, once', () => {
    const both = run([one('a', 'failed', 2, 'expected 1 to be 2'), one('b', 'passed')]);
    const all = verdict('e2e', both, both);
    expect(all).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
    expect(summary(all.told)).toEqual([
      'FAILED e2e x.test.ts: a (failed twice in the full run, and again by itself)',
      '    expected 1 to be 2',
    ]);
  });

  it('passes and says so when it passed by itself, or at its second try', () => {
    const full = run([one('a', 'failed', 2, 'timed out'), one('b', 'passed', 2, 'too late')]);
    const all = verdict('e2e', full, run([one('a', 'passed'), one('b', 'passed')]));
    expect(all).toMatchObject({ passed: 2, failed: 0 });
    expect(summary(all.told)).toEqual([
      'flaky e2e x.test.ts: a (failed twice in the full run, passed by itself)',
      '    timed out',
      'flaky e2e x.test.ts: b (failed once, passed at its second try)',
      '    too late',
    ]);
    expect(totalsLine([all], all.told)).toBe('2 passed, 0 failed, 0 skipped (2 flaky, named above)');
  });

  it('does not forgive what was not run again, was not reached again, or was first reached by itself and failed', () => {
    const full = run([one('a', 'failed'), one('b', 'failed'), one('c', 'skipped')]);
    expect(verdict('unit', full, undefined)).toMatchObject({ failed: 2, skipped: 1 });
    expect(verdict('unit', full, run([one('a', 'skipped'), one('c', 'failed')]))).toMatchObject({ passed: 0, failed: 3, skipped: 0 });
  });

  it('tells a case that failed only by itself', () => {
    const all = verdict('unit', run([one('a', 'failed'), one('b', 'passed')]), run([one('a', 'passed'), one('b', 'failed')]));
    expect(all).toMatchObject({ passed: 2, failed: 0 });
    expect(all.told.map(({ how }) => how)).toEqual([
      'failed once in the full run, passed by itself',
      'passed in the full run, failed by itself',
    ]);
  });

  it('holds hooks and files that cannot be loaded to the same', () => {
    const broken: RunReport = { cases: [], loose: [{ file: 'x.test.ts', name: 'the file', message: 'no such module' }] };
    expect(filesToRunAgain(broken)).toEqual(['x.test.ts']);
    expect(verdict('unit', broken, broken)).toMatchObject({ passed: 0, failed: 1 });
    expect(verdict('unit', broken, run([one('a', 'passed'), one('b', 'passed')]))).toMatchObject({ passed: 2, failed: 0 });
    const hook = { ...run([one('a', 'skipped')]), loose: broken.loose };
    expect(verdict('unit', hook, run([one('a', 'passed')]))).toMatchObject({ passed: 1, failed: 0, skipped: 0 });
  });

  it('never forgives an error that belongs to no file', () => {
    const lost: RunReport = { cases: [one('a', 'passed')], loose: [{ file: undefined, name: 'vitest', message: 'ended with 1' }] };
    expect(filesToRunAgain(lost)).toEqual([]);
    expect(verdict('unit', lost, undefined)).toMatchObject({ passed: 1, failed: 1 });
    const mixed = { ...lost, cases: [one('a', 'failed')] };
    expect(verdict('unit', mixed, run([one('a', 'passed')]))).toMatchObject({ passed: 1, failed: 1 });
  });

  it('tells cases of one name apart', () => {
    const full = run([one('a', 'passed'), one('a', 'failed')]);
    expect(verdict('unit', full, full)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('runs nothing again when too much failed for an accident', () => {
    const many = Array.from({ length: 11 }, (_, index) => ({ ...one('a', 'failed'), file: `${index}.test.ts` }));
    expect(filesToRunAgain(run(many.slice(1)))).toHaveLength(10);
    expect(filesToRunAgain(run(many))).toEqual([]);
  });

  it('fits into the last 2,400 characters of a log, whatever failed, and names what failed', () => {
    const long = `${'x'.repeat(1000)}\nat x.test.ts:1:2\n${Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n')}`;
    for (const [failed, flaky] of [
      [1, 0],
      [1, 40],
      [3, 3],
      [12, 5],
      [30, 30],
      [500, 2],
    ] as const) {
      const cases = [
        ...Array.from({ length: flaky }, (_, index) => one(`unlucky ${index}`, 'passed', 2, long)),
        ...Array.from({ length: failed }, (_, index) => one(`broken ${index} ${'word '.repeat(20)}`, 'failed', 1, long)),
      ];
      const { told } = verdict('unit', run(cases), undefined);
      const text = summary(told).join('\n');
      expect(text.length).toBeLessThanOrEqual(2100);
      const named = cases.filter(({ name, state }) => state === 'failed' && text.includes(name.slice(0, 9)));
      expect(named.length).toBeGreaterThanOrEqual(Math.min(failed, 20));
    }
  });

  it('says where it failed although the message is long, and tells what failed after what was flaky', () => {
    const long = `first\n${Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n')}\nat x.test.ts:1:2`;
    const { told } = verdict('unit', run([one('broken', 'failed', 2, long), one('unlucky', 'passed', 2, 'late')]), undefined);
    expect(summary(told).slice(0, 6)).toEqual([
      'flaky unit x.test.ts: unlucky (failed once, passed at its second try)',
      '    late',
      'FAILED unit x.test.ts: broken (failed twice in the full run)',
      '    first',
      '    at x.test.ts:1:2',
      '    line 0',
    ]);
  });
});

function run(cases: readonly CaseResult[]): RunReport {
  return { cases, loose: [] };
}

function one(name: string, state: CaseResult['state'], tries = 1, ...messages: readonly string[]): CaseResult {
  return { file: 'x.test.ts', name, state, tries, durationMs: 1, messages };
}
