// Source failover with real ffmpeg and a real provider that misbehaves: what dies is left, what returns is taken back, limits hold.

import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import type { FailoverReport, ProbeReport } from '../../src/core/failover.ts';
import type { StreamEvent } from '../../src/core/events.ts';
import type { StreamStatus } from '../../src/core/status.ts';
import { startFaultyOrigin, type FaultyOrigin, type OriginMode } from '../helpers/faulty-origin.ts';
import { createStack, eventually as within, isRunning, kill, type TestStack } from '../helpers/stack.ts';

/** A liveness bound for a crowded machine, of several waits; on a quiet one each of these takes about 20 s. */
const limitMs = 600_000;

let origin: FaultyOrigin;
let stack: TestStack;

beforeEach(async () => {
  origin = await startFaultyOrigin();
});

afterEach(async () => {
  await stack.close();
  await origin.close();
});

const eventually = <T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> =>
  within(what, look, limitMs / 5);

const policy =
  'restart: { minDelay: 200ms, maxDelay: 2s, stableAfter: 2s, stallAfter: 20s }\n    failover: { failBack: 2s, cooldown: 1s, pause: 200ms, startGrace: 60s }\n    reconnect: { maxDelay: 1s, timeout: 6s }';

const twoSources = (id: string): string => `  - id: ${id}\n    sources: [${origin.ts(id)}, ${origin.ts(`${id}-two`)}]\n    ${policy}`;

async function start(streams: string, ids: readonly string[], server?: string): Promise<void> {
  stack = await createStack({ streams, ...(server === undefined ? {} : { server }) });
  const ran = await stack.iptv('start', ...ids, '--no-wait');
  expect(ran.stderr).not.toContain('error:');
}

const playsFrom = (id: string, index: number) => async (): Promise<StreamStatus | false> => {
  const status = await stack.stream(id);
  return status.state === 'running' && status.source.index === index && status;
};

async function json<T>(...argv: string[]): Promise<T> {
  return JSON.parse((await stack.iptv(...argv, '--json')).stdout) as T;
}

async function events(): Promise<readonly StreamEvent[]> {
  const text = readFileSync(join(stack.state, 'events.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StreamEvent);
}

it(
  'leaves a source that is refused, ends, or falls silent, and goes back when it is good again',
  async () => {
    const faults: Readonly<Record<string, OriginMode>> = {
      refused: { answer: 'code', status: 403, open: 'rst' },
      ended: { answer: 'code', status: 503, open: 'eof' },
      mute: { answer: 'hang', open: 'silence' },
    };
    const ids = Object.keys(faults);
    await start(ids.map(twoSources).join('\n'), ids);
    for (const id of ids) await eventually(`${id} plays its first source`, playsFrom(id, 0));
    for (const [id, mode] of Object.entries(faults)) await origin.behave(id, mode);
    for (const id of ids) await eventually(`${id} plays its second source`, playsFrom(id, 1));
    const report = await json<FailoverReport>('failover', 'refused');
    expect(report.sources[0]?.lastFailure?.cause).toBe('auth');
    expect(report.sources[1]?.condition).toBe('on-air');

    // The next supervisor takes the jobs over with the sources they have.
    const { pid } = (await stack.status()).supervisor;
    const job = (await stack.stream('ended')).pid;
    kill(pid);
    await eventually('the supervisor is gone', () => !isRunning(pid));
    await stack.iptv('up');
    const adopted = await eventually('it is adopted', playsFrom('ended', 1));
    expect(adopted.pid).toBe(job);
    expect((await json<FailoverReport>('failover', 'refused')).sources[0]?.lastFailure?.cause).toBe('auth');

    for (const id of ids) await origin.behave(id, { answer: 'live' });
    for (const id of ids) await eventually(`${id} is back at its first source`, playsFrom(id, 0));
    const told = (await events()).filter(({ kind }) => kind === 'source-switched');
    for (const id of ids) {
      const own = told.filter(({ stream }) => stream === id);
      expect(own[0]?.data).toMatchObject({ from: 1, to: 2 });
      expect(own.find(({ cause }) => cause === 'fail-back')?.data).toMatchObject({ from: 2, to: 1 });
    }
    const replayed = await stack.iptv('failover', 'refused', '--dry-run');
    expect(replayed.stdout).toContain('failed (auth)');
    expect(replayed.stdout).toMatch(/report: source 1 plays instead of source 2/);
  },
  limitMs,
);

it(
  'never opens more connections than the provider allows: jobs, switches and looks together',
  async () => {
    const shared = origin.ts('shared');
    const stream = (id: string): string =>
      `  - id: ${id}\n    sources: [{ url: "${shared}", provider: one }, { url: "${shared}?second", provider: one }]\n    ${policy}`;
    await start(`${stream('first')}\n${stream('second')}`, ['first'], 'providers: { one: { maxConnections: 1, releaseDelay: 3s } }');
    await eventually('the first plays', playsFrom('first', 0));
    await stack.iptv('start', 'second', '--no-wait');
    const waiting = await eventually('the second waits', async () => {
      const status = await stack.stream('second');
      return status.lastFailure?.cause === 'provider-limit' && status;
    });
    expect(waiting).toMatchObject({ state: 'backing-off', restarts: 0 });
    expect((await stack.status()).providers).toEqual([{ name: 'one', inUse: 1, limit: 1, waiting: 1 }]);

    const probed = await json<{ sources: readonly ProbeReport[] }>('failover', 'first', '--probe');
    expect(probed.sources.map(({ result }) => result)).toEqual(['on-air', 'no-connection']);
    // By hand to the other source of the same provider: the old connection is given back first.
    await stack.iptv('failover', 'first', '--to', '2');
    await stack.iptv('stop', 'first');
    await eventually('the second plays', async () => (await stack.stream('second')).state === 'running');
    const [job] = stack.jobs('second');
    if (job !== undefined) kill(job);
    await eventually('it plays again', async () => {
      const status = await stack.stream('second');
      return status.state === 'running' && status.pid !== null && status.pid !== job;
    });
    expect((await origin.counts())['shared']?.mostOpen).toBe(1);
  },
  limitMs,
);

it(
  'resolves an address anew when it is refused, counts no failure, and shows no token',
  async () => {
    stack = await createStack({ streams: '  []' });
    const address = join(stack.directory, 'address');
    const program = join(stack.directory, 'get-url');
    writeFileSync(program, `#!/bin/sh\nexec cat "${address}"\n`);
    chmodSync(program, 0o755);
    const tokens = ['tok-first-1234567', 'tok-second-7654321'];
    const put = (channel: string, token: string | undefined): void => writeFileSync(address, `${origin.ts(channel)}?token=${token}\n`);
    put('old', tokens[0]);
    stack.list(`  - id: news\n    sources: [{ kind: http-ts, resolve: { command: [./get-url] } }, ${origin.ts('spare')}]\n    ${policy}`);
    await stack.iptv('start', 'news', '--no-wait');
    await eventually('it plays', playsFrom('news', 0));
    put('new', tokens[1]);
    await origin.behave('old', { answer: 'code', status: 403, open: 'keep' });
    const [job] = stack.jobs('news');
    if (job !== undefined) kill(job);
    await eventually('it plays the new address', async () => {
      const open = (await origin.counts())['new']?.open ?? 0;
      return open > 0 && (await stack.stream('news')).state === 'running';
    });
    const report = await json<FailoverReport>('failover', 'news');
    expect(report.sources[0]).toMatchObject({ condition: 'on-air', failures: 0 });
    expect(report.sources[0]?.url).toContain('get-url');
    expect((await events()).filter(({ kind }) => kind === 'source-resolved').map(({ cause }) => cause)).toEqual(['start', 'refused']);
    const seen = [JSON.stringify(await stack.status()), JSON.stringify(report), JSON.stringify(await events())];
    const logs = readdirSync(join(stack.state, 'logs')).map((name) => readFileSync(join(stack.state, 'logs', name), 'utf8'));
    for (const text of [...seen, ...logs]) for (const token of tokens) expect(text).not.toContain(token);
  },
  limitMs,
);
