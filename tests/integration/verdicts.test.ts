// Verdicts and events with real ffmpeg, nginx and a provider that misbehaves: each fault is blamed on the layer that has it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { StreamEvent } from '../../src/core/events.ts';
import type { WhyReport } from '../../src/diagnose/why/why.ts';
import { parseEvent } from '../../src/observe/event-line.ts';
import { startFaultyOrigin, type FaultyOrigin } from '../helpers/faulty-origin.ts';
import { createStack, eventually, kill, type TestStack } from '../helpers/stack.ts';

let stack: TestStack;
let origin: FaultyOrigin;
const ids = ['one', 'two', 'three'] as const;

beforeAll(async () => {
  origin = await startFaultyOrigin();
  const streams = ids.map((id) => `  - id: ${id}\n    source: ${origin.ts(id)}\n    restart: {minDelay: 200ms, maxDelay: 1s}`);
  stack = await createStack({ streams: streams.join('\n') });
  expect((await stack.iptv('start', '--all', '--no-wait')).code).toBe(0);
}, 360_000);

afterAll(async () => {
  await stack.close();
  await origin.close();
});

const events = (): readonly StreamEvent[] =>
  readFileSync(join(stack.state, 'events.jsonl'), 'utf8')
    .split('\n')
    .flatMap((line) => parseEvent(line) ?? []);
const lastSeq = (): number => events().at(-1)?.seq ?? 0;
/** In both legs: until the primary one has begun, its absence is what a verdict may be about. */
const healthy = (id: string) =>
  eventually(`${id} is healthy`, async () => {
    const { verdict: found, legs } = await stack.stream(id);
    return found?.name === 'healthy' && legs.primary.state === 'fresh' && legs.backup.state === 'fresh';
  });
const told = (after: number, test: (event: StreamEvent) => boolean, what: string) =>
  eventually(what, () => events().find((event) => event.seq > after && test(event)));

describe('verdicts', () => {
  it('tells a job that hangs from a source that is silent', async () => {
    for (const id of ids) await healthy(id);
    const before = lastSeq();
    const { pid } = await stack.stream('one');
    if (pid === null) throw new Error('no job');
    kill(pid, 'SIGSTOP');
    await origin.behave('two', { answer: 'silent' });

    // One leg's last segment may be older than the other's: that this leg stands may be told a moment before.
    const isOn = (id: string, cause: string) => (event: StreamEvent) =>
      event.stream === id && event.kind === 'verdict' && event.cause === cause;
    const hung = await told(before, isOn('one', 'job-hung'), 'a verdict on the stopped job');
    expect(hung.data).toMatchObject({ layer: 'job' });
    expect(hung.message).toContain('SIGSTOP');
    const silent = await told(before, isOn('two', 'source-silent'), 'a verdict on the silent source');
    expect(silent.data).toMatchObject({ layer: 'source' });
    expect(silent.evidence.join('\n')).toContain('0 bytes from the network wait unread');
    const causes = (id: string) =>
      events().flatMap(({ seq, stream, kind, cause }) => (seq > before && stream === id && kind === 'verdict' ? cause : []));
    expect(causes('one')).not.toContain('source-silent');
    expect(causes('two')).not.toContain('job-hung');

    await origin.behave('two', { answer: 'live', open: 'rst' });
    for (const id of ids) await healthy(id);
    const bystander = events().filter(({ seq, stream, kind }) => seq > before && stream === 'three' && kind === 'verdict');
    expect(bystander.map(({ cause }) => cause)).not.toContain('job-hung');
  });

  it('knows a hung nginx as one trouble of the house, and its end', async () => {
    const before = lastSeq();
    const { origin: nginx } = await stack.status();
    if (nginx.pid === null) throw new Error('no nginx');
    // The whole group: the worker is what answers.
    kill(-nginx.pid, 'SIGSTOP');
    const alarm = await told(before, ({ kind, cause }) => kind === 'verdict' && cause === 'nginx-down', 'the alarm');
    expect(alarm).toMatchObject({ stream: null, data: { streams: 3 } });
    await told(before, ({ stream, kind, cause }) => stream === null && kind === 'verdict' && cause === 'healthy', 'its end');
    for (const id of ids) await healthy(id);
    const verdicts = events().filter(({ seq, kind }) => seq > before && kind === 'verdict');
    expect(verdicts.filter(({ cause }) => cause === 'nginx-down')).toHaveLength(1);
    expect(verdicts.filter(({ stream }) => stream === null)).toHaveLength(2);
  });

  it('names a source that refuses, with the evidence', async () => {
    const before = lastSeq();
    await origin.behave('three', { answer: 'code', status: 403, open: 'rst' });
    const dead = await told(before, ({ stream, cause }) => stream === 'three' && cause === 'source-dead', 'the verdict');
    expect(dead.message).toContain('403');
    const failed = await told(before, ({ stream, cause }) => stream === 'three' && cause === 'auth', 'the failure');
    expect(failed.evidence.join('\n')).toContain('403');
    const ran = await stack.iptv('is-healthy', 'three');
    expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('three: source-dead') as string]);
  });

  it('shows it all, in order and without gaps, also with the supervisor gone', async () => {
    await stack.loseSupervisor();
    const ran = await stack.iptv('events', '--json', '-n', 'all');
    expect(ran.code).toBe(0);
    const shown = (JSON.parse(ran.stdout) as { events: readonly StreamEvent[] }).events;
    expect(shown.map(({ seq }) => seq)).toEqual(shown.map((_, index) => index + 1));
    const why = await stack.iptv('why', ...ids, '--json');
    const [one, two, three] = (JSON.parse(why.stdout) as { streams: readonly WhyReport[] }).streams;
    expect(one?.insights.map(({ id }) => id)).toEqual(expect.arrayContaining(['nginx-dies', 'job-hangs']));
    // A chapter is named after what came first: that one leg stood, what the source did, or that the job was ended for it.
    expect(shown.some(({ stream, kind, cause }) => stream === 'two' && kind === 'job-failed' && cause === 'stalled')).toBe(true);
    const names = ['stalled', 'source-silent', 'rtmp-refused'];
    expect(two?.story.some(({ cause, failures }) => failures > 0 && names.includes(cause))).toBe(true);
    expect(three?.insights.find(({ id }) => id === 'login-refused')?.what).toContain('403');
    expect(three?.now).toMatch(/^three is off air for .* \(source-dead\)/);

    expect((await stack.iptv('up')).code).toBe(0);
    const started = await told(shown.length, ({ kind, cause }) => kind === 'supervisor' && cause === 'started', 'the next supervisor');
    expect(started.data['adoptedJobs']).toBeGreaterThan(0);
    expect(events().map(({ seq }) => seq)).toEqual(events().map((_, index) => index + 1));
  });
});
