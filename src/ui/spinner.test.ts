import { describe, expect, it } from 'vitest';

import { fakeContext } from '../../tests/fakes/command-context.ts';
import { startSpinner } from './spinner.ts';

describe('a spinner', () => {
  it('is plain lines where nothing can move; what only counts down is left out', async () => {
    const { context, stderr } = fakeContext();
    const spinner = await startSpinner(context.streams, 'starting 2 streams');
    spinner.update('1 of 2');
    spinner.step('pulling images');
    spinner.step('pulling images');
    spinner.succeed('done');
    expect(stderr()).toBe('starting 2 streams\npulling images\ndone\n');
  });

  it.each([['-q'], ['--json']])('says nothing with %s', async (flag) => {
    const { context, stderr, stdout } = fakeContext({ argv: [flag], terminal: true });
    const spinner = await startSpinner(context.streams, 'starting');
    spinner.step('more');
    spinner.fail('no');
    expect(stderr() + stdout()).toBe('');
  });

  it('moves on a terminal, leaves one line and shows the cursor again', async () => {
    const { context, stderr, stdout } = fakeContext({ terminal: true, env: { CI: '' } });
    const spinner = await startSpinner(context.streams, 'news: opening source');
    spinner.update('news: checking over HTTP');
    spinner.succeed('news plays');
    spinner.stop();
    expect(stdout()).toBe('');
    expect(stderr()).toContain('news: opening source');
    expect(stderr()).toContain('✓ news plays\n');
    expect(stderr().lastIndexOf('\u001B[?25h')).toBeGreaterThan(stderr().lastIndexOf('\u001B[?25l'));
  });
});
