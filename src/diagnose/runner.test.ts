import { describe, expect, it } from 'vitest';

import { createVirtualClock } from '../../tests/fakes/virtual-clock.ts';
import { AppError } from '../core/errors.ts';
import { fail, pass, warn, type Check } from './check.ts';
import type { CheckContext } from './context.ts';
import { reportError, reportWarnings } from './preflight.ts';
import type { Facts } from './facts.ts';
import { runChecks as runAll } from './runner.ts';

const clock = createVirtualClock();
const context = { ports: { clock }, config: { secrets: ['hunter22'] }, isRoot: true, runtime: 'local' } as unknown as CheckContext;

const runChecks = (checks: readonly Check[], where: CheckContext) => runAll(checks, where, {} as Facts);

function check(id: string, run: Check['run'], more: Partial<Check> = {}): Check {
  return { id, title: `the ${id}`, layer: 'host', severity: 'error', dependsOn: [], run, ...more };
}

describe('runChecks', () => {
  it('keeps the order of the list and takes the worst status', async () => {
    const report = await runChecks(
      [check('b', async () => [pass('good'), warn({ code: 'w', what: 'so so' })]), check('a', async () => [pass('fine')])],
      context,
    );
    expect(report.status).toBe('warn');
    expect(report.checks.map(({ id, status }) => [id, status])).toEqual([
      ['b', 'warn'],
      ['a', 'pass'],
    ]);
    expect(reportError(report)).toBeUndefined();
    expect(reportWarnings(report)).toEqual(['so so']);
  });

  it('runs independent checks side by side', async () => {
    let reached = 0;
    const together = Promise.withResolvers<void>();
    const meet: Check['run'] = async () => {
      reached += 1;
      if (reached === 2) together.resolve();
      await together.promise;
      return [pass('met')];
    };
    expect((await runChecks([check('a', meet), check('b', meet)], context)).status).toBe('pass');
  });

  it('skips what depends on a failed check, also through a skipped one, and says why', async () => {
    let ran = false;
    const never: Check['run'] = async () => {
      ran = true;
      return [];
    };
    const report = await runChecks(
      [
        check('b', never, { dependsOn: ['a'] }),
        check('a', async () => [fail({ code: 'x', what: 'broken' })]),
        check('c', async () => [pass('apart')]),
      ],
      context,
    );
    expect(ran).toBe(false);
    expect(report.checks[0]).toMatchObject({ status: 'skip', findings: [{ why: 'the a failed' }] });
    expect(report.checks[2]).toMatchObject({ status: 'pass' });
  });

  it('turns a crash into a failed check and leaves the others alone', async () => {
    const report = await runChecks(
      [
        check('a', async () => {
          throw new TypeError('undefined is not hunter22');
        }),
        check('b', async () => [pass('fine')]),
      ],
      context,
    );
    expect(report.checks.map((result) => result.status)).toEqual(['error', 'pass']);
    expect(reportError(report)).toMatchObject({ code: 'check-crashed', exitCode: 70 });
    expect(JSON.stringify(report)).not.toContain('hunter22');
  });

  it('takes a refusal of the platform for an answer', async () => {
    const refused = new AppError({
      exitCode: 77,
      code: 'permission-denied',
      message: 'cannot read /x: permission denied',
      evidence: ['EACCES'],
      next: 'ls -l /x',
    });
    const report = await runChecks([check('a', () => Promise.reject(refused))], context);
    expect(reportError(report)).toMatchObject({ code: 'permission-denied', exitCode: 77, evidence: ['EACCES'], next: 'ls -l /x' });
  });

  it('ends a check that takes too long', async () => {
    const running = runChecks(
      [check('slow', () => new Promise(() => undefined), { timeoutMs: 5000 }), check('b', async () => [pass('fine')])],
      context,
    );
    await clock.advance(5000);
    const report = await running;
    expect(report.checks[0]).toMatchObject({ status: 'error', ms: 5000, findings: [{ code: 'check-timed-out', exitCode: 75 }] });
    expect(clock.pending()).toBe(0);
  });

  it('does not run a check where it does not belong', async () => {
    const report = await runChecks([check('a', async () => [fail({ code: 'x', what: 'no' })], { notHere: () => 'elsewhere' })], context);
    expect(report).toMatchObject({ status: 'skip', checks: [{ findings: [{ why: 'elsewhere' }] }] });
  });

  it('lets a check of severity warning only warn', async () => {
    const report = await runChecks([check('a', async () => [fail({ code: 'x', what: 'no' })], { severity: 'warning' })], context);
    expect(report.status).toBe('warn');
  });

  it('refuses checks that depend on each other', async () => {
    const checks = [check('a', async () => [], { dependsOn: ['b'] }), check('b', async () => [], { dependsOn: ['a'] })];
    await expect(runChecks(checks, context)).rejects.toThrow('a -> b -> a');
  });
});

describe('reportError', () => {
  it('tells the first problem and names the others', async () => {
    const report = await runChecks(
      [
        check('a', async () => [fail({ code: 'first', what: 'one', evidence: ['e'], why: 'because', next: 'do it', exitCode: 77 })]),
        check('b', async () => [fail({ code: 'second', what: 'two' })]),
      ],
      context,
    );
    expect(reportError(report)).toMatchObject({
      code: 'first',
      message: 'one',
      evidence: ['e', 'because', 'also: two'],
      next: 'do it',
      exitCode: 77,
    });
  });
});
