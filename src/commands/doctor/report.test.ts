// How a report looks to people and programs, and what it means for the exit code.

import { describe, expect, it } from 'vitest';

import { fakeContext } from '../../../tests/fakes/command-context.ts';
import { cannotTell, fail, notHere, pass, warn, type CheckResult, type Finding } from '../../diagnose/check.ts';
import { attributeCauses, worst } from '../../diagnose/root-causes.ts';
import { selectChecks } from '../../diagnose/doctor.ts';
import { reportDocument, type Examined } from './report-document.ts';
import { renderCheckList, renderReport } from './report-text.ts';
import { exitCodeOf, verdictOf } from './verdict.ts';

function result(id: string, ...findings: Finding[]): CheckResult {
  return { id, title: id, layer: 'http', status: worst(findings.map(({ status }) => status)), findings, ms: 3 };
}

function examined(...results: readonly CheckResult[]): Examined {
  const checks = attributeCauses(results);
  const report = { status: worst(checks.map(({ status }) => status)), checks };
  return { report, selection: selectChecks([], []), runtime: 'local', inside: false, tookMs: 1234 };
}

const broken = examined(
  result('ffmpeg', pass('ffmpeg 7.1')),
  result(
    'nginx',
    fail({
      code: 'nginx-hung',
      what: 'nginx hangs',
      evidence: ['no answer'],
      why: 'viewers get nothing',
      next: 'iptv doctor nginx --fix',
      fix: { action: 'restart nginx', apply: async () => undefined },
    }),
  ),
  result('stat', fail({ code: 'stat-silent', what: 'no status', consequenceOf: ['nginx'] })),
  result('docker', notHere('no Docker here')),
);

const look = { onlyProblems: false, fixes: undefined };

describe('a report', () => {
  it('shows a cause in full, and what follows from it in one line', () => {
    const { context } = fakeContext({ terminal: true });
    expect(renderReport(broken, context.streams.out, look)).toBe(
      [
        'Machine',
        '  ✓ ffmpeg  ok       ffmpeg 7.1',
        '  – docker  skipped  no Docker here',
        '',
        'Stack',
        '  ✗ nginx   FAILED   nginx hangs',
        '      no answer',
        '      why: viewers get nothing',
        '      next: iptv doctor nginx --fix',
        '      fix:  iptv doctor --fix  (restart nginx)',
        '',
        'Delivery',
        '  – stat    skipped  because of nginx/nginx-hung: no status',
        '',
        '1 problem, 1 more follows from it, 1 of 4 checks passed, 2 skipped (local, 1.2 s)',
        '1 problem can be mended: iptv doctor --fix',
        '',
      ].join('\n'),
    );
  });

  it('is short when only problems are wanted, and tab-separated in a pipe', () => {
    const terminal = fakeContext({ terminal: true }).context.streams.out;
    expect(renderReport(broken, terminal, { ...look, onlyProblems: true })).not.toMatch(/ffmpeg|docker|stat/);
    const pipe = fakeContext().context.streams.out;
    expect(renderReport(broken, pipe, { ...look, onlyProblems: true })).toBe(
      'fail\tnginx\tnginx-hung\t\tnginx hangs\tiptv doctor nginx --fix\n',
    );
    expect(renderReport(broken, pipe, look)).toContain('consequence\tstat\tstat-silent\t');
  });

  it('ends with the causes once more where it is longer than the window', () => {
    const { out } = fakeContext({ terminal: true }).context.streams;
    const low = { ...out, isTerminal: true, hasColor: false, columns: 80, rows: 10, write: () => undefined };
    expect(renderReport(broken, low, look).trimEnd().split('\n').slice(-3)).toEqual([
      '1 problem can be mended: iptv doctor --fix',
      '✗ nginx: nginx hangs',
      '  next: iptv doctor nginx --fix',
    ]);
    expect(renderReport(broken, { ...low, rows: 20 }, look)).not.toContain('✗ nginx: ');
  });

  it('is one document for programs', () => {
    expect(JSON.parse(JSON.stringify(reportDocument(broken, undefined)))).toMatchObject({
      schemaVersion: 1,
      verdict: 'failed',
      runtime: 'local',
      rootCauses: [{ check: 'nginx', code: 'nginx-hung', subject: null, fixable: true }],
      consequences: 1,
      checks: [
        { id: 'ffmpeg', group: 'Machine', status: 'pass' },
        { id: 'nginx', findings: [{ evidence: ['no answer'], rootCause: null }] },
        { id: 'stat', status: 'skip', findings: [{ rootCause: 'nginx/nginx-hung' }] },
        { id: 'docker' },
      ],
      fixes: null,
    });
  });

  it('lists the checks', () => {
    expect(renderCheckList(selectChecks(['mime'], []).checks, fakeContext().context.streams.out)).toMatch(
      /^nginx\tStack\t.*\nmime\tDelivery\t/,
    );
  });
});

describe('the exit code', () => {
  it.each([
    [examined(result('a', pass('fine')), result('b', notHere('elsewhere'))), 0, 0, 'ok'],
    [examined(result('a', warn({ code: 'w', what: 'so so' }))), 0, 1, 'warning'],
    [broken, 1, 1, 'failed'],
    [examined(result('a', cannotTell('no container'))), 69, 69, 'unknown'],
    [examined(result('a', cannotTell('no container')), result('b', fail({ code: 'x', what: 'x' }))), 1, 1, 'failed'],
  ] as const)('tells how it is: %#', (one, code, strict, verdict) => {
    expect([exitCodeOf(one.report, { strict: false }), exitCodeOf(one.report, { strict: true }), verdictOf(one.report)]).toEqual([
      code,
      strict,
      verdict,
    ]);
  });
});
