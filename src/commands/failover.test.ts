import { Command } from 'commander';
import { describe, expect, it } from 'vitest';

import { configOf, documentOf, fakeClient, fakeContext, stackOf, type FakeOptions } from '../../tests/fakes/command-context.ts';
import { createMemoryFiles } from '../../tests/fakes/memory-files.ts';
import { channelOf } from '../../tests/helpers/streams.ts';
import type { ControlClient, ForceRequest } from '../control/protocol.ts';
import type { FailoverReport, ProbeReport, SourceReport } from '../core/failover.ts';
import type { Ports } from '../core/ports.ts';
import type { Context } from './context.ts';
import { declare, run, type FailoverOptions } from './failover.ts';

const source = (index: number, more: Partial<SourceReport> = {}): SourceReport => ({
  index,
  kind: 'http-ts',
  url: `http://${'ab'[index]}.example/1.ts`,
  provider: null,
  condition: 'ready',
  restSeconds: null,
  failures: 0,
  lastGoodAt: null,
  lastFailure: null,
  failBack: null,
  resolved: null,
  ...more,
});

const record = [
  { t: 0, event: { type: 'ordered' } },
  { t: 10, event: { type: 'starting' } },
  { t: 20, event: { type: 'started', source: 0, delivering: false } },
  { t: 2000, event: { type: 'delivering' } },
  { t: 60_000, event: { type: 'failed', cause: 'auth', message: 'the source answered 403', neverStarted: false, renewable: false } },
  { t: 61_000, event: { type: 'starting' } },
  { t: 61_010, event: { type: 'started', source: 1, delivering: false } },
  { t: 63_000, event: { type: 'delivering' } },
].map((line) => JSON.stringify({ at: '2026-01-01T00:00:00.000Z', ...line }));

const report: FailoverReport = {
  schemaVersion: 1,
  id: 'news',
  order: 'run',
  state: 'running',
  source: 1,
  forced: null,
  waitsFor: null,
  sources: [
    source(0, {
      condition: 'resting',
      restSeconds: 125,
      failures: 2,
      lastGoodAt: '2026-01-01T11:55:00.000Z',
      lastFailure: { cause: 'auth', message: 'the source answered 403 Forbidden (access denied)', at: '2026-01-01T11:58:00.000Z' },
      failBack: { goodSeconds: 30, neededSeconds: 120, nextProbeSeconds: 10, withoutConnection: false },
    }),
    source(1, { condition: 'on-air', provider: 'acme' }),
  ],
  providers: [{ name: 'acme', inUse: 1, limit: 2, waiting: 0 }],
  record,
};

function world(options: FakeOptions & { readonly probes?: readonly ProbeReport['result'][] } = {}) {
  const forced: ForceRequest[] = [];
  const probed: number[] = [];
  const client: ControlClient = {
    ...fakeClient([documentOf([])]),
    failover: async () => report,
    force: async (request) => {
      forced.push(request);
      return { ...report, forced: request.source };
    },
    probe: async ({ source: index }) => {
      probed.push(index);
      const result = options.probes?.[index] ?? 'good';
      return { index, result, cause: null, message: result, video: 'h264', audio: 'aac', facts: null };
    },
  };
  const files = createMemoryFiles({ now: () => 0 });
  const fake = fakeContext({
    ...options,
    more: {
      selectStack: async () => stackOf(client),
      loadConfig: async () => configOf([channelOf('news', 'http://a.example/1.ts', 'http://b.example/1.ts')]),
      ports: async () => ({ files }) as unknown as Ports,
      ...options.more,
    },
  });
  return {
    ...fake,
    files,
    forced,
    probed,
    run: (more: Partial<FailoverOptions> = {}) => run({ id: 'news', action: 'show', ...more }, fake.context),
  };
}

describe('iptv failover', () => {
  it('shows each source, and below what it waits for', async () => {
    const shown = world({ terminal: true, columns: 140 });
    expect(await shown.run()).toBe(0);
    const text = shown.stdout();
    expect(text).toMatch(/1\s+↻ resting\s+2m 5s\s+2\s+5m ago\s+auth/);
    expect(text).toMatch(/2\s+● on-air\s+-\s+0\s+now/);
    expect(text).toContain('source 1 has been good for 30s of 2m; next look in 10s');
    expect(text).toContain('403 Forbidden');
    expect(text).toContain('provider acme: 1 of 2 connections in use');
  });

  it('prints tab-separated values on a pipe, and JSON', async () => {
    const piped = world();
    await piped.run();
    expect(piped.stdout().split('\n')[0]?.split('\t').slice(0, 3)).toEqual(['1', 'resting', '125']);
    const json = world({ argv: ['--json'] });
    await json.run();
    expect(JSON.parse(json.stdout())).toEqual(report);
    const quiet = world({ argv: ['-q'] });
    await quiet.run();
    expect(quiet.stdout()).toBe('');
  });

  it('switches by number as people count, and gives the choice back', async () => {
    const shown = world({ terminal: true });
    await shown.run({ action: 'force', to: 2 });
    await shown.run({ action: 'auto' });
    expect(shown.forced).toEqual([
      { id: 'news', source: 1 },
      { id: 'news', source: null },
    ]);
    expect(shown.stdout()).toContain('source 2 was chosen by hand; iptv failover news --auto gives the choice back');
    await expect(shown.run({ action: 'force', to: 0 })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('looks at every source in turn; a bad one is the answer 1', async () => {
    const good = world({ probes: ['good', 'on-air'] });
    expect(await good.run({ action: 'probe' })).toBe(0);
    expect(good.probed).toEqual([0, 1]);
    expect(good.stdout()).toContain('1\tgood\th264,aac');
    expect(await world({ probes: ['bad', 'on-air'] }).run({ action: 'probe' })).toBe(1);
    expect(await world({ probes: ['no-connection', 'on-air'] }).run({ action: 'probe' })).toBe(0);
  });

  it("replays the stream's own record, or one of a file, which needs no supervisor", async () => {
    const own = world();
    expect(await own.run({ action: 'dry-run' })).toBe(0);
    const text = own.stdout();
    expect(text).toContain('failed (auth): the source answered 403');
    expect(text).toContain('-> try source 2 after 1.0 s: the best one that is due');
    expect(text).toContain('-> report: source 2 plays instead of source 1 after 3.0 s (auth)');
    const other = world({ more: { selectStack: () => Promise.reject(new Error('not asked')) } });
    other.files.put('/tv/outage.jsonl', `${record.join('\n')}\nnot a line\n`);
    expect(await other.run({ action: 'dry-run', file: 'outage.jsonl' })).toBe(0);
    expect(other.stdout()).toBe(`${text}1 line left out: no recorded events\n`);
  });

  it('says where the record went another way than these settings would', async () => {
    const other = world();
    const different = record.map((line) => line.replace('"source":1', '"source":0'));
    other.files.put('/tv/outage.jsonl', different.join('\n'));
    await other.run({ action: 'dry-run', file: '/tv/outage.jsonl' });
    expect(other.stdout()).toContain('the record started another source than these settings would');
  });

  it('refuses a file that is not there, and one without a single event', async () => {
    const other = world();
    await expect(other.run({ action: 'dry-run', file: 'none' })).rejects.toMatchObject({
      exitCode: 2,
      next: 'iptv failover news --record > none',
    });
    other.files.put('/tv/odd', '{"t":1,"event":{"type":"failed"}}\n{"t":"x"}\n[]\n');
    await expect(other.run({ action: 'dry-run', file: 'odd' })).rejects.toMatchObject({ message: 'no line of it is a recorded event' });
    await expect(other.run({ id: 'nwes', action: 'dry-run' })).rejects.toMatchObject({ exitCode: 4 });
  });

  it('prints the record as it is', async () => {
    const shown = world();
    await shown.run({ action: 'record' });
    expect(shown.stdout()).toBe(`${record.join('\n')}\n`);
  });
});

describe('its flags', () => {
  const parse = async (...words: readonly string[]): Promise<FailoverOptions> => {
    const command = new Command('failover').exitOverride().configureOutput({ writeErr: () => undefined });
    let seen: FailoverOptions | undefined;
    declare(command, { finish: () => undefined } as unknown as Context, async (options) => {
      seen = options;
      return 0;
    });
    await command.parseAsync([...words], { from: 'user' });
    if (seen === undefined) throw new Error('not run');
    return seen;
  };

  it('are read', async () => {
    expect(await parse('news')).toEqual({ id: 'news', action: 'show' });
    expect(await parse('news', '--to', '2')).toEqual({ id: 'news', action: 'force', to: 2 });
    expect(await parse('news', '--dry-run')).toEqual({ id: 'news', action: 'dry-run' });
    expect(await parse('news', '--dry-run', 'x')).toEqual({ id: 'news', action: 'dry-run', file: 'x' });
  });

  it('exclude each other', async () => {
    await expect(parse('news', '--auto', '--probe')).rejects.toMatchObject({ exitCode: 2 });
    await expect(parse('news', '--to', 'two')).rejects.toThrow('whole number');
  });
});
