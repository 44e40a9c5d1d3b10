import { describe, expect, it } from 'vitest';

import { fakeContext, type FakeOptions } from '../../../tests/fakes/command-context.ts';
import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import { fail, pass, type Finding } from '../../diagnose/check.ts';
import { selectChecks } from '../../diagnose/doctor.ts';
import type { Examined } from './report-document.ts';
import { watch } from './watch.ts';

const selection = selectChecks([], []);

/** Every check, and what nginx's says; all others are well. */
function examined(nginx: Finding): Examined {
  const checks = selection.checks.map(({ id, title, layer }) => {
    const findings = [id === 'nginx' ? nginx : pass(`${id} is well`)];
    return { id, title, layer, status: findings[0]?.status ?? 'pass', findings, ms: 1 };
  });
  return { report: { status: nginx.status, checks }, selection, runtime: 'local', inside: false, tookMs: 900 };
}

const well = examined(pass('nginx answers'));
const broken = examined(fail({ code: 'nginx-down', what: 'nobody takes connections', next: 'iptv up' }));

/** Sees these in turn; Ctrl-C comes with the last. */
async function watched(seen: readonly (Examined | AppError)[], options: FakeOptions = {}) {
  const fake = fakeContext(options);
  let at = 0;
  const look = async (): Promise<Examined> => {
    const now = seen[at];
    at += 1;
    if (now === undefined || at > seen.length) throw new Error('looked once more after Ctrl-C');
    if (now instanceof AppError) throw now;
    return now;
  };
  const sleep = async (delayMs: number): Promise<void> => {
    await fake.context.sleep(delayMs);
    if (at === seen.length) fake.interrupt();
  };
  const code = await watch({ onlyProblems: false, look }, { ...fake.context, sleep });
  return { code, slept: fake.slept(), stdout: fake.stdout() };
}

describe('doctor --watch', () => {
  it('looks again and again until Ctrl-C, and a fault comes and goes in it', async () => {
    const { code, slept, stdout } = await watched([well, broken, well], { argv: ['doctor', '--watch', '--json'] });
    const verdicts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { verdict: string }).verdict);
    expect([code, slept, verdicts]).toEqual([ExitCode.interrupted, 6000, ['ok', 'failed', 'ok']]);
  });

  it('outlives a look that fails: the next one may be better', async () => {
    const error = new AppError({
      exitCode: ExitCode.unavailable,
      code: 'docker-unavailable',
      message: 'no engine answers',
      next: 'docker info',
    });
    const { code, stdout } = await watched([error, well]);
    expect([code, stdout]).toEqual([ExitCode.interrupted, expect.stringContaining('no engine answers\nnext: docker info\n')]);
    expect(stdout).toContain('nginx answers');
  });

  it('ends without a word when Ctrl-C comes in the middle of a look', async () => {
    const fake = fakeContext();
    const look = async (): Promise<Examined> => {
      fake.interrupt();
      throw new AppError({ exitCode: ExitCode.interrupted, code: 'interrupted', message: 'interrupted' });
    };
    expect(await watch({ onlyProblems: false, look }, fake.context)).toBe(ExitCode.interrupted);
    expect(fake.stdout()).toBe('');
  });

  it('takes the whole terminal, says at once that it looks, and leaves the last picture behind', async () => {
    const { stdout } = await watched([well], { terminal: true });
    expect(stdout.startsWith('\u001B[?1049h')).toBe(true);
    expect(stdout.indexOf('looking around')).toBeLessThan(stdout.indexOf('no problem found'));
    expect(stdout.slice(stdout.lastIndexOf('\u001B[?1049l'))).toContain('no problem found');
  });

  it('shows in a low window what is wrong, and not what is well above it', async () => {
    const { stdout } = await watched([broken], { terminal: true });
    const last = stdout.slice(stdout.lastIndexOf('\u001B[?1049l'));
    expect(last).toContain('nobody takes connections');
    expect(last).toContain('next: iptv up');
    expect(last).not.toContain('ffmpeg is well');
    expect(last.split('\n').length).toBeLessThan(fakeContext().context.streams.out.rows);
  });
});
