import { Command } from 'commander';
import { describe, expect, it } from 'vitest';

import { configOf, documentOf, fakeClient, fakeContext, stackOf, statusOf } from '../../tests/fakes/command-context.ts';
import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { OrderOptions } from './order.ts';
import { runOrder } from './order.ts';
import { declare as declareRestart, type RestartOptions } from './restart.ts';
import { declare as declareStart } from './start.ts';
import { declare as declareStop } from './stop.ts';

const declarations = { start: declareStart, stop: declareStop, restart: declareRestart };
const all: OrderOptions = { action: 'start', selection: { all: true }, wait: true, timeoutMs: 60_000 };

/** Flags in, options out; nothing runs. */
async function parse(action: keyof typeof declarations, argv: readonly string[], terminal = false): Promise<RestartOptions> {
  const { context } = fakeContext({ terminal });
  const given: RestartOptions[] = [];
  const command = new Command(action).exitOverride().configureOutput({ writeErr: () => undefined });
  declarations[action](command, context, async (options) => {
    given.push(options);
    return ExitCode.ok;
  });
  await command.parseAsync([...argv], { from: 'user' });
  const [options] = given;
  if (options === undefined) throw new Error('run was not called');
  return options;
}

describe('the flags', () => {
  it.each([
    ['start', ['news'], false, { wait: false, timeoutMs: 60_000 }],
    ['start', ['news'], true, { wait: true, timeoutMs: 60_000 }],
    ['start', ['news', '--wait', '--timeout', '2m'], false, { wait: true, timeoutMs: 120_000 }],
    ['start', ['news', '--no-wait'], true, { wait: false }],
    ['restart', ['news'], true, { action: 'restart', selection: { ids: ['news'] }, wait: true }],
    ['restart', ['--all', '--no-wait'], false, { action: 'restart', selection: { all: true }, wait: false }],
    ['restart', ['--all'], false, { action: 'batch', selection: { all: true }, rolling: 2, maxFail: 2, lockWaitMs: 0 }],
    ['restart', ['--unhealthy'], false, { action: 'batch', selection: { all: true }, which: 'unhealthy' }],
    [
      'restart',
      ['--group', 'Demo', '--rolling', '5', '--jitter', '5m'],
      false,
      { selection: { groups: ['Demo'] }, rolling: 5, jitterMs: 300_000 },
    ],
    ['restart', ['news', '--older-than', '24h', '--skip-healthy'], false, { action: 'batch', olderThanMs: 86_400_000, which: 'unhealthy' }],
    [
      'restart',
      ['--all', '--max-fail', '0', '--deadline', '1h', '--lock-wait', '10m'],
      false,
      { maxFail: 0, deadlineMs: 3_600_000, lockWaitMs: 600_000 },
    ],
    ['stop', ['--tag', 'hd'], false, { action: 'stop', selection: { tags: ['hd'] }, wait: true, timeoutMs: 30_000 }],
    ['stop', ['news', '--no-wait'], false, { wait: false }],
  ] as const)('%s %j on a terminal: %s', async (action, argv, terminal, expected) => {
    expect(await parse(action, argv, terminal)).toMatchObject(expected);
  });

  it.each([
    ['--all', '--rolling', '0'],
    ['--all', '--rolling', '2', '--no-wait'],
    ['--all', '--group', 'x'],
    ['--rolling', '2'],
    ['--all', '--max-fail', '-1'],
  ])('restart %j is refused', async (...argv) => {
    await expect(parse('restart', [...argv])).rejects.toThrow(/Write|go with|only one|restart what/);
  });

  it.each([['--timeout', 'soon'], ['--timeout'], ['--tag']])('%j %j is refused', async (...argv) => {
    await expect(parse('start', [...argv])).rejects.toMatchObject({ code: expect.stringContaining('commander.') as string });
  });
});

describe('an order', () => {
  it('starts, waits, and shows where streams play', async () => {
    const client = fakeClient([documentOf([statusOf('news', { state: 'starting', stage: 'http' })]), documentOf([statusOf('news')])], {
      ids: ['news'],
      notes: ['sport is disabled'],
    });
    const { context, stdout, stderr } = fakeContext({ terminal: true, more: { selectStack: async () => stackOf(client) } });
    expect(await runOrder(all, context)).toBe(0);
    expect(client.orders).toEqual([{ action: 'start', all: true }]);
    expect(stdout()).toBe('✓ news  playable  http://localhost:8088/live/news/index.m3u8\n');
    expect(stderr()).toBe('starting all streams\nsport is disabled\n1 stream playable after 0s\n');
  });

  it('is tab-separated on a pipe', async () => {
    const client = fakeClient([documentOf([statusOf('news')])], { ids: ['news'], notes: [] });
    const { context, stdout } = fakeContext({ more: { selectStack: async () => stackOf(client) } });
    await runOrder({ ...all, wait: false }, context);
    expect(stdout()).toBe('news\tordered to run\t\n');
  });

  it('is one document with --json and nothing with -q', async () => {
    const client = fakeClient([documentOf([statusOf('news')])], { ids: ['news'], notes: ['a note'] });
    const json = fakeContext({ argv: ['--json'], more: { selectStack: async () => stackOf(client) } });
    await runOrder(all, json.context);
    expect(JSON.parse(json.stdout())).toMatchObject({
      schemaVersion: 1,
      action: 'start',
      ids: ['news'],
      notes: ['a note'],
      streams: [{ id: 'news', state: 'running' }],
    });
    expect(json.stderr()).toBe('');
    const quiet = fakeContext({ argv: ['-q'], more: { selectStack: async () => stackOf(client) } });
    await runOrder(all, quiet.context);
    expect(quiet.stdout() + quiet.stderr()).toBe('');
  });

  it('brings the supervisor up for a start, but not for an id that is not in the list', async () => {
    const client = fakeClient([documentOf([statusOf('news')])], { ids: ['news'], notes: [] });
    let started = 0;
    const ensure = async () => {
      started += 1;
      return client;
    };
    const more = {
      selectStack: async () => stackOf(undefined, { ensure }),
      loadConfig: async () => configOf([streamOf(sourceOf('test', 'test:'))]),
    };
    const unknown = fakeContext({ more });
    await expect(runOrder({ ...all, selection: { ids: ['nwes'] } }, unknown.context)).rejects.toMatchObject({
      exitCode: 4,
      message: 'no stream "nwes"; did you mean "news"?',
    });
    expect(started).toBe(0);
    await runOrder({ ...all, selection: { ids: ['news'] } }, fakeContext({ more }).context);
    expect(started).toBe(1);
  });

  it('never starts a supervisor in order to stop', async () => {
    const { context } = fakeContext({ more: { selectStack: async () => stackOf(undefined) } });
    await expect(runOrder({ ...all, action: 'stop' }, context)).rejects.toMatchObject({ exitCode: 3, next: 'iptv up' });
  });

  it('has nothing to wait for when nothing was selected', async () => {
    const { context, stdout, stderr } = fakeContext({ more: { selectStack: async () => stackOf(fakeClient([documentOf([])])) } });
    expect(await runOrder(all, context)).toBe(0);
    expect([stdout(), stderr()]).toEqual(['', 'starting all streams\nnothing to start\n']);
  });
});
