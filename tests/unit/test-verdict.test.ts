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

  it('fits into the last lines of a log, whatever failed', () => {
    const long = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n');
    for (const count of [1, 5, 30, 500]) {
      const full = run(Array.from({ length: count }, (_, index) => one(`case ${index}`, 'failed', 1, long)));
      expect(summary(verdict('unit', full, undefined).told).length).toBeLessThanOrEqual(100);
    }
  });
});

function run(cases: readonly CaseResult[]): RunReport {
  return { cases, loose: [] };
}

function one(name: string, state: CaseResult['state'], tries = 1, ...messages: readonly string[]): CaseResult {
  return { file: 'x.test.ts', name, state, tries, durationMs: 1, messages };
}
