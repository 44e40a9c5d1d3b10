// An edited list on a running stack: diff says what apply does, apply does only that, and takes back what does not play.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ListDiff } from '../../src/core/list-diff.ts';
import { build } from '../helpers/cli.ts';
import { startFaultyOrigin } from '../helpers/faulty-origin.ts';
import { createStack, eventually, kill, supervisorPids, type TestStack } from '../helpers/stack.ts';

const program = resolve(import.meta.dirname, '../../bin/iptv.js');
const picture = 'test:?size=160x120&fps=10';
const entry = (id: string, more = ''): string => `  - { id: ${id}, source: "${picture}"${more} }`;
const first = ['a', 'b', 'c', 'd'].map((id) => entry(id)).join('\n');

let stack: TestStack;

beforeAll(async () => {
  build();
  stack = await createStack({ streams: first });
  expect((await stack.iptv('start', '--all', '--wait', '--timeout', '120s')).code).toBe(0);
}, 480_000);

afterAll(() => stack.close());

async function diff(): Promise<ListDiff> {
  const ran = await stack.iptv('diff', '--json');
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout) as ListDiff;
}

/** For a process of ours that is to be killed. */
function stackEnvironment(): NodeJS.ProcessEnv {
  const { IPTV_RUNTIME: _, ...env } = process.env;
  return { ...env, IPTV_STATE_DIR: stack.state, IPTV_CONFIG: join(stack.directory, 'streams.yaml') };
}

const pidOf = async (id: string): Promise<number | null> => (await stack.stream(id)).pid;

describe('iptv diff and apply', () => {
  it('has nothing to do when nothing changed', async () => {
    expect((await diff()).changes.map(({ action }) => action)).toEqual(['none', 'none', 'none', 'none']);
    expect((await stack.iptv('diff', '--exit-code', '-q')).code).toBe(0);
  });

  it('does what the diff shows and leaves the rest alone', async () => {
    const before = { a: await pidOf('a'), b: await pidOf('b'), c: await pidOf('c') };
    stack.list([entry('a'), entry('b', ', output: { segment: 1s }'), entry('c', ', name: Third'), entry('e')].join('\n'));
    const changes = Object.fromEntries((await diff()).changes.map((change) => [change.id, change]));
    expect(changes).toMatchObject({
      a: { action: 'none', changedKeys: [] },
      b: { action: 'restart', changedKeys: ['output.segment'] },
      c: { action: 'none', changedKeys: ['name'] },
      d: { action: 'stop', reason: 'no longer in the list' },
      e: { action: 'start', reason: 'new in the list' },
    });
    expect((await stack.iptv('diff', '--exit-code', '-q')).code).toBe(1);

    const applied = await stack.iptv('apply', '--json', '--timeout', '120s');
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(applied.stdout)).toMatchObject({ stopped: ['d'], restarted: ['b'], started: ['e'], failed: [], untouched: 2 });
    expect({ a: await pidOf('a'), c: await pidOf('c') }).toEqual({ a: before.a, c: before.c });
    expect(await pidOf('b')).not.toBe(before.b);
    expect((await stack.stream('c')).name).toBe('Third');
    expect((await diff()).changes.map(({ action }) => action)).toEqual(['none', 'none', 'none', 'none']);
  });

  it('takes back a definition that does not play', async () => {
    const before = await stack.stream('a');
    stack.list(
      ['a', 'b', 'c', 'e'].map((id) => (id === 'a' ? '  - { id: a, source: "http://127.0.0.1:9/gone.ts" }' : entry(id))).join('\n'),
    );
    const ran = await stack.iptv('apply', '--timeout', '15s');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('back to the definition that played');
    const again = await eventually('a plays as before', async () => {
      const stream = await stack.stream('a');
      return stream.stage === 'playable' && stream;
    });
    expect(again.source.url).toBe(before.source.url);
    expect((await stack.iptv('events', 'a')).stdout).toContain('rolled-back');
    expect((await diff()).changes.find(({ id }) => id === 'a')?.action).toBe('restart');
  });

  it('changes nothing for a file that is half written or invalid', async () => {
    const before = await stack.status();
    writeFileSync(join(stack.directory, 'streams.yaml'), 'version: 1\nstreams:\n  - { id: a, source: "tes');
    const ran = await stack.iptv('apply');
    expect(ran.code).toBe(78);
    expect(ran.stderr).toContain('streams.yaml:');
    // Valid as far as it goes: without a newline at its end it would take every other stream off the air.
    writeFileSync(join(stack.directory, 'streams.yaml'), `version: 1\nstreams:\n  - id: a\n    source: ${picture}`);
    const cut = await stack.iptv('apply');
    expect([cut.code, cut.stderr]).toEqual([78, expect.stringContaining('lacks b, c, e and ends within a line: it looks half written')]);
    // A batch that begins while the file is invalid restarts nothing, and says it once.
    const batch = await stack.iptv('restart', '--all', '-q');
    expect([batch.code, batch.stderr]).toEqual([78, expect.stringContaining('it looks half written')]);
    const after = await stack.status();
    expect(after.streams.map(({ id, pid, order }) => [id, pid, order])).toEqual(
      before.streams.map(({ id, pid, order }) => [id, pid, order]),
    );
  });

  it('is what SIGHUP does', async () => {
    stack.list(['a', 'b', 'c', 'e', 'f'].map((id) => entry(id)).join('\n'));
    const [supervisor] = supervisorPids(stack.state);
    kill(supervisor, 'SIGHUP');
    await eventually('f plays', async () => (await stack.stream('f')).stage === 'playable');
  });

  it('is what --watch does, again and again, and a file that is half written ends nothing', async () => {
    const watcher = spawn(process.execPath, [program, 'apply', '--watch'], { env: stackEnvironment() });
    let said = '';
    for (const stream of [watcher.stdout, watcher.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = once(watcher, 'close');
    const isGone = async (): Promise<boolean> => (await stack.status()).streams.every(({ id, pid }) => id !== 'f' || pid === null);
    try {
      const before = await stack.stream('a');
      writeFileSync(join(stack.directory, 'streams.yaml'), 'version: 1\nstreams:\n  - { id: a, source: "tes');
      await eventually('it says what is wrong', () => said.includes('streams.yaml:'));
      stack.list(['a', 'b', 'c', 'e'].map((id) => entry(id)).join('\n'));
      await eventually('f is gone', isGone);
      stack.list(['a', 'b', 'c', 'e', 'f'].map((id) => entry(id)).join('\n'));
      await eventually('f plays', async () => (await stack.stream('f')).stage === 'playable');
      expect((await stack.stream('a')).pid).toBe(before.pid);
    } finally {
      watcher.kill('SIGINT');
    }
    expect((await ended)[0]).toBe(130);
  });

  it('never runs twice at once', async () => {
    const origin = await startFaultyOrigin();
    try {
      // The first one cannot be over before the others have asked, however slow they are.
      await origin.behave('slow', { answer: 'hang' });
      const others = ['a', 'b', 'c', 'e', 'f'].map((id) => entry(id, ', output: { segment: 1s }'));
      stack.list([...others, `  - { id: slow, source: "${origin.ts('slow')}" }`].join('\n'));
      const running = stack.iptv('apply', '--timeout', '120s');
      await eventually('its last stream is asked for', async () => ((await origin.counts())['slow']?.requests ?? 0) > 0);
      for (const { code, stderr } of await Promise.all([1, 2].map(() => stack.iptv('apply')))) {
        expect(code).toBe(75);
        expect(stderr).toContain('another batch restart or apply runs');
      }
      await origin.behave('slow', { answer: 'live', open: 'rst' });
      expect((await running).code).toBe(0);
      stack.list(others.join('\n'));
      expect((await stack.iptv('apply', '--timeout', '120s')).code).toBe(0);
    } finally {
      await origin.close();
    }
  });
});

describe('a rolling restart of a real stack', () => {
  it('gives each stream a new job and leaves all of them playing', async () => {
    const before = await stack.status();
    const quiet = await stack.iptv('restart', '--all', '--rolling', '3', '-q', '--timeout', '120s');
    expect(quiet).toMatchObject({ code: 0, stdout: '', stderr: '' });
    // What left the list a moment ago may still be shown, as stopped.
    const after = (await stack.status()).streams.filter(({ order }) => order === 'run');
    expect(after.map(({ id, stage }) => [id, stage])).toEqual(['a', 'b', 'c', 'e', 'f'].map((id) => [id, 'playable']));
    for (const stream of after) expect(stream.pid).not.toBe(before.streams.find(({ id }) => id === stream.id)?.pid);
    expect((await stack.iptv('restart', '--all', '--older-than', '1h', '--json')).stdout).toContain('"restarted":[]');
  });

  it('killed half-way leaves nothing stopped, and the next one does the rest', async () => {
    const memory = join(stack.state, 'batch.json');
    rmSync(memory, { force: true });
    const batch = spawn(process.execPath, [program, 'restart', '--all', '--rolling', '1', '-q'], { env: stackEnvironment() });
    const ended = once(batch, 'close');
    const done = await eventually('one stream had its turn', () => {
      const { done: ids } = JSON.parse(readFileSync(memory, 'utf8')) as { readonly done: readonly string[] };
      return ids.length > 0 && ids;
    });
    batch.kill('SIGKILL');
    await ended;
    await eventually('all of them play', async () =>
      (await stack.status()).streams.filter(({ order }) => order === 'run').every(({ stage }) => stage === 'playable'),
    );
    const rest = JSON.parse((await stack.iptv('restart', '--all', '--resume', '--timeout', '120s', '--json')).stdout) as {
      readonly restarted: readonly string[];
      readonly skipped: readonly { readonly id: string; readonly reason: string }[];
    };
    const before = rest.skipped.filter(({ reason }) => reason === 'restarted before the interruption').map(({ id }) => id);
    expect(before).toEqual(expect.arrayContaining([...done]));
    expect([...before, ...rest.restarted].toSorted()).toEqual(['a', 'b', 'c', 'e', 'f']);
  });
});
