import { describe, expect, it } from 'vitest';

import { fail, pass, warn, type CheckResult, type Finding } from './check.ts';
import { attributeCauses, worst } from './root-causes.ts';

function result(id: string, ...findings: Finding[]): CheckResult {
  return { id, title: id, layer: 'http', status: worst(findings.map(({ status }) => status)), findings, ms: 1 };
}

function problem(code: string, more: { consequenceOf?: readonly string[]; subject?: string } = {}): Finding {
  return fail({ code, what: code, ...more });
}

const rootsOf = (results: readonly CheckResult[]): readonly unknown[] =>
  attributeCauses(results).map(({ id, status, findings }) => [id, status, ...findings.map((finding) => finding.rootCause ?? null)]);

describe('attributeCauses', () => {
  it('leaves a problem that nothing explains', () => {
    expect(rootsOf([result('a', problem('x', { consequenceOf: ['b'] })), result('b', pass('fine'))])).toEqual([
      ['a', 'fail', null],
      ['b', 'pass', null],
    ]);
  });

  it('follows a chain to its root, whatever the order', () => {
    expect(
      rootsOf([
        result('c', problem('z', { consequenceOf: ['b/y'] })),
        result('b', problem('y', { consequenceOf: ['a'] })),
        result('a', problem('x')),
      ]),
    ).toEqual([
      ['c', 'skip', 'a/x'],
      ['b', 'skip', 'a/x'],
      ['a', 'fail', null],
    ]);
  });

  it('keeps the first of a ring', () => {
    expect(rootsOf([result('a', problem('x', { consequenceOf: ['b'] })), result('b', problem('y', { consequenceOf: ['a'] }))])).toEqual([
      ['a', 'fail', null],
      ['b', 'skip', 'a/x'],
    ]);
  });

  it('asks for the same subject, unless the cause is about the whole stack', () => {
    const about = (subject: string): Finding => problem('y', { consequenceOf: ['a'], subject });
    expect(rootsOf([result('a', problem('x', { subject: 'news' })), result('b', about('news'), about('sport'))])).toEqual([
      ['a', 'fail', null],
      ['b', 'fail', 'a/x', null],
    ]);
    expect(rootsOf([result('a', problem('x')), result('b', about('sport'))])[1]).toEqual(['b', 'skip', 'a/x']);
  });

  it('does not take a warning for the cause of a failure', () => {
    expect(rootsOf([result('a', warn({ code: 'x', what: 'x' })), result('b', problem('y', { consequenceOf: ['a'] }))])[1]).toEqual([
      'b',
      'fail',
      null,
    ]);
  });

  it('keeps what else a check found', () => {
    const mixed = result('b', warn({ code: 'w', what: 'w' }), problem('y', { consequenceOf: ['a'] }));
    expect(rootsOf([result('a', problem('x')), mixed])[1]).toEqual(['b', 'warn', null, 'a/x']);
  });
});
