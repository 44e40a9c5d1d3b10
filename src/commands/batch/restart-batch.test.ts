import { describe, expect, it } from 'vitest';

import { fakeContext, stackOf, type FakeContext } from '../../../tests/fakes/command-context.ts';
import { createMemoryFiles } from '../../../tests/fakes/memory-files.ts';
import {
  pretendSupervisor,
  usualBatch as usual,
  type PretendStream,
  type PretendSupervisor,
} from '../../../tests/fakes/pretend-supervisor.ts';
import { createVirtualClock } from '../../../tests/fakes/virtual-clock.ts';
import type { Ports } from '../../core/ports.ts';
import type { BatchOptions } from './options.ts';
import { restartBatch } from './restart-batch.ts';

interface World extends FakeContext {
  readonly client: PretendSupervisor;
  readonly files: ReturnType<typeof createMemoryFiles>;
  readonly released: () => number;
  readonly run: (more?: Partial<BatchOptions>) => Promise<number>;
}

function world(streams: readonly PretendStream[], more: { argv?: readonly string[]; locked?: boolean } = {}): World {
  const client = pretendSupervisor(streams);
  const clock = createVirtualClock();
  const files = createMemoryFiles(clock);
  let released = 0;
  const fake = fakeContext({
    argv: more.argv ?? [],
    more: {
      selectStack: async () => stackOf(client),
      holdLock: async () => (more.locked === true ? undefined : { release: () => (released += 1) }),
      ports: async () => ({ files, clock }) as unknown as Ports,
    },
  });
  return { ...fake, client, files, released: () => released, run: (changed) => restartBatch({ ...usual, ...changed }, fake.context) };
}

const many = (count: number, more: Partial<PretendStream> = {}): readonly PretendStream[] =>
  Array.from({ length: count }, (_, index) => ({ id: `s${index}`, ...more }));

describe('a batch', () => {
  it('never has more streams down than it may, and restarts each exactly once', async () => {
    const { client, run, released } = world(many(7));
    expect(await run({ rolling: 3 })).toBe(0);
    expect(client.mostDown()).toBe(3);
    expect(client.given.flatMap(({ ids }) => ids ?? []).toSorted()).toEqual(many(7).map(({ id }) => id));
    expect(released()).toBe(1);
  });

  it('says nothing with -q when all went well', async () => {
    const { run, stdout, stderr } = world(many(2), { argv: ['-q'] });
    expect(await run()).toBe(0);
    expect(stdout() + stderr()).toBe('');
  });

  it('stops when more than --max-fail did not come back, and reports it also with -q', async () => {
    const { client, run, stderr } = world([...many(3, { fate: 'fails' }), { id: 'x' }, { id: 'y' }], { argv: ['-q'] });
    expect(await run({ rolling: 1, maxFail: 1 })).toBe(1);
    expect(client.given.length).toBe(2);
    expect(stderr()).toContain('error: 2 of 5 streams did not come back; stopped early: too many failures');
    expect(stderr()).toContain('s0: 403 Forbidden');
    expect(stderr()).toContain('not tried:');
    expect(stderr()).toContain('next: iptv why s0');
  });

  it('goes on past failures up to --max-fail', async () => {
    const { client, run } = world([{ id: 'a', fate: 'refused' }, { id: 'b', fate: 'fails' }, { id: 'c' }]);
    expect(await run({ maxFail: 2 })).toBe(1);
    expect(client.given.length).toBe(3);
  });

  it('counts a stream that does not play in time as failed', async () => {
    const { run, stderr } = world([{ id: 'a', fate: 'hangs' }]);
    expect(await run({ timeoutMs: 5000 })).toBe(1);
    expect(stderr()).toContain('a: does not play yet: opening source');
  });

  it('begins no restart after the deadline, and says what is left', async () => {
    const { client, run, stderr } = world(many(50, { looks: 20 }));
    expect(await run({ rolling: 1, deadlineMs: 10_000 })).toBe(75);
    expect(client.given.length).toBeLessThan(5);
    expect(stderr()).toMatch(/error: stopped early, 4\d of 50 streams not restarted: the deadline is over\n/);
    expect(stderr()).toContain('next: iptv restart --all --resume\n');
  });

  it('waits a random time up to --jitter before the first restart', async () => {
    const { run, slept } = world(many(1));
    expect(await run({ jitterMs: 600_000 })).toBe(0);
    expect(slept()).toBeGreaterThan(1000);
    expect(slept()).toBeLessThan(610_000);
  });

  it('refuses to run beside another one', async () => {
    await expect(world(many(1), { locked: true }).run()).rejects.toMatchObject({ exitCode: 75, code: 'lock-held' });
  });

  it('leaves nothing stopped when it is interrupted, and can be resumed', async () => {
    const first = world(many(6));
    let asked = 0;
    const status = first.client.status.bind(first.client);
    first.client.status = async (ids) => {
      if ((asked += 1) === 14) first.interrupt();
      return status(ids);
    };
    expect(await first.run({ rolling: 1 })).toBe(130);
    expect(first.client.notRunning()).toEqual([]);
    // The pretend supervisor's state folder has an empty name.
    const memory = first.files.texts.get('/batch.json') ?? '';
    const { done } = JSON.parse(memory) as { done: readonly string[] };
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(6);

    const second = world(many(6));
    second.files.put('/batch.json', memory);
    expect(await second.run({ resume: true })).toBe(0);
    expect([...done, ...second.client.given.flatMap(({ ids }) => ids ?? [])].toSorted()).toEqual(many(6).map(({ id }) => id));

    // Nothing is left to resume: the next one begins anew.
    expect(await second.run({ resume: true })).toBe(0);
    expect(second.client.given.length).toBe(6 - done.length + 6);
  });

  it('knows tags, groups and ids that nobody has', async () => {
    await expect(world(many(1)).run({ selection: { tags: ['hd'] } })).rejects.toMatchObject({ exitCode: 4, code: 'no-such-tag' });
    await expect(world(many(1)).run({ selection: { groups: ['x'] } })).rejects.toMatchObject({ exitCode: 4, code: 'no-such-group' });
    await expect(world(many(1)).run({ selection: { ids: ['s1'] } })).rejects.toMatchObject({ exitCode: 4 });
  });

  it('answers programs with one document', async () => {
    const { run, stdout } = world([{ id: 'a' }, { id: 'b', fate: 'fails' }], { argv: ['--json'] });
    expect(await run()).toBe(1);
    expect(JSON.parse(stdout())).toMatchObject({
      schemaVersion: 1,
      action: 'restart',
      restarted: ['a'],
      failed: [{ id: 'b', reason: '403 Forbidden' }],
      left: [],
      stopped: null,
    });
  });
});
