import { describe, expect, it } from 'vitest';

import { both, channel, createHouse, stream, type House } from '../../tests/fakes/house.ts';
import { sourceOf } from '../../tests/helpers/streams.ts';
import type { ProviderConfig, SourceConfig, StreamConfig } from '../core/config.ts';

const urls = ['http://a.example/1.ts', 'http://b.example/2.ts'] as const;
const gone = { code: 1, signal: undefined };
const stderr = '/state/jobs/news.stderr';

function withSources(id: string, ...more: readonly Partial<SourceConfig>[]): StreamConfig {
  return {
    ...channel(id),
    sources: more.map((each, index) => sourceOf('http-ts', `http://${'abc'[index] ?? 'z'}.example/${id}.ts`, each)),
  };
}

async function begun(streams: readonly StreamConfig[], providers: readonly ProviderConfig[] = []): Promise<House> {
  const house = await createHouse(streams, Object.fromEntries(streams.map(({ id }) => [id, 'run'])), { providers });
  await house.supervisor.begin();
  await house.clock.advance(0);
  return house;
}

const input = (house: House): string | undefined => {
  const argv = house.newest().spec?.argv ?? [];
  return argv[argv.indexOf('-i') + 1];
};

async function refuse(house: House, line = '[error] Server returned 403 Forbidden (access denied)'): Promise<void> {
  house.files.put(stderr, `${line}\n`);
  house.newest().end(gone);
  await house.clock.advance(0);
}

/** What the probe of this house finds. */
function answerProbes(house: House, isGood: (url: string) => boolean): string[] {
  const asked: string[] = [];
  house.processes.run = async (_file, argv) => {
    const url = argv.at(-1) ?? '';
    asked.push(url);
    const stdout = isGood(url) ? JSON.stringify({ streams: [{ index: 0, codec_type: 'video', codec_name: 'h264' }] }) : '';
    return { exitCode: isGood(url) ? 0 : 1, stdout, stderr: '[error] http://x: Connection refused', timedOut: false, missing: false };
  };
  return asked;
}

describe('a stream with two sources', () => {
  it('goes to the second one when the first is refused, and tells of it after the first segment', async () => {
    const house = await begun([channel('news', ...urls)]);
    await house.play(3, ...both('news'));
    await refuse(house);
    await house.clock.advance(1500);
    expect(stream(house).source).toMatchObject({ index: 1, count: 2 });
    expect(house.events.filter(({ kind }) => kind === 'source-switched')).toEqual([]);
    await house.play(2, ...both('news'));
    expect(house.events.filter(({ kind }) => kind === 'source-switched')).toMatchObject([
      { stream: 'news', cause: 'auth', outcome: 'delivering', data: { from: 1, to: 2 } },
    ]);
    expect(house.events.find(({ kind }) => kind === 'job-failed')?.action).toBe('next try in 1 s');
  });

  it('goes back when the first has been good for a while: probed, and then taken', async () => {
    const house = await begun([channel('news', ...urls)]);
    await house.play(3, ...both('news'));
    await refuse(house, '[error] Connection refused');
    const asked = answerProbes(house, () => true);
    await house.play(300, ...both('news'));
    expect(asked.length).toBeGreaterThanOrEqual(2);
    expect(new Set(asked)).toEqual(new Set([urls[0]]));
    expect(stream(house)).toMatchObject({ state: 'running', source: { index: 0 } });
    expect(house.events.filter(({ kind }) => kind === 'source-switched').map(({ cause }) => cause)).toEqual(['refused', 'fail-back']);
  });

  it('stays where it is while the first is bad', async () => {
    const house = await begun([channel('news', ...urls)]);
    await refuse(house, '[error] Connection refused');
    const asked = answerProbes(house, () => false);
    await house.play(600, ...both('news'));
    expect(asked.length).toBeGreaterThan(1);
    expect(stream(house).source.index).toBe(1);
  });

  it('is led by hand: to a source, and back to automatic', async () => {
    const house = await begun([channel('news', ...urls)]);
    await house.play(3, ...both('news'));
    const unit = house.supervisor.unit('news');
    await expect(unit.sources.force(2)).rejects.toMatchObject({ code: 'no-such-source', exitCode: 2 });
    expect(await unit.sources.force(1)).toMatchObject({ forced: 1 });
    await house.play(10, ...both('news'));
    expect(stream(house)).toMatchObject({ state: 'running', restarts: 0, source: { index: 1 } });
    answerProbes(house, () => true);
    await house.play(300, ...both('news'));
    expect(stream(house).source.index).toBe(1);
    expect(await unit.sources.force(null)).toMatchObject({ forced: null });
    await house.play(300, ...both('news'));
    expect(stream(house).source.index).toBe(0);
  });

  it('is remembered by the next supervisor: health, what was chosen by hand, and the record', async () => {
    const house = await begun([channel('news', ...urls)]);
    await house.play(3, ...both('news'));
    await refuse(house);
    await house.play(5, ...both('news'));
    await house.supervisor.detach();
    const next = await createHouse([channel('news', ...urls)], {}, { files: house.files.texts });
    await next.supervisor.begin();
    await next.clock.advance(0);
    expect(input(next)).toBe(urls[1]);
    const report = await next.supervisor.unit('news').sources.report();
    expect(report.sources[0]).toMatchObject({ failures: 1, condition: 'resting', lastFailure: { cause: 'auth' } });
    expect(report.record.length).toBeGreaterThan(3);
  });
});

describe('a provider with one connection', () => {
  const one: ProviderConfig = { name: 'x', maxConnections: 1, releaseDelayMs: 3000 };
  const two: ProviderConfig = { ...one, maxConnections: 2 };

  it('lets the second stream wait, and serves it when the first has ended and its connection is given back', async () => {
    const house = await begun([withSources('news', { provider: 'x' }), withSources('sport', { provider: 'x' })], [one]);
    await house.play(3, ...both('news'));
    expect(stream(house)).toMatchObject({ state: 'running', source: { provider: 'x' } });
    expect(stream(house, 'sport')).toMatchObject({
      state: 'backing-off',
      restarts: 0,
      lastFailure: { cause: 'provider-limit', message: 'waits for one of the 1 connections of provider x', evidence: ['in use by news'] },
    });
    expect(house.supervisor.status().providers).toEqual([{ name: 'x', inUse: 1, limit: 1, waiting: 1 }]);
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.clock.advance(2500);
    expect(stream(house, 'sport').state).toBe('backing-off');
    await house.play(3, ...both('sport'));
    expect(stream(house, 'sport')).toMatchObject({ state: 'running', restarts: 0 });
  });

  it('does not start a job anew before its own old connection is given back', async () => {
    const house = await begun([withSources('news', { provider: 'x' })], [one]);
    await house.play(3, ...both('news'));
    await house.supervisor.order({ action: 'restart', ids: ['news'] });
    await house.clock.advance(2000);
    expect(house.processes.living()).toEqual([]);
    await house.play(3, ...both('news'));
    expect(stream(house)).toMatchObject({ state: 'running', restarts: 0 });
    expect(house.processes.started).toHaveLength(2);
  });

  it('is not probed with a second connection: the way back stays closed, and says so', async () => {
    const house = await begun([withSources('news', { provider: 'x' }, { provider: 'x' })], [one]);
    await house.play(3, ...both('news'));
    await refuse(house);
    const asked = answerProbes(house, () => true);
    await house.play(900, ...both('news'));
    expect(stream(house)).toMatchObject({ state: 'running', source: { index: 1 } });
    expect(asked).toEqual([]);
    const unit = house.supervisor.unit('news');
    expect((await unit.sources.report()).sources[0]?.failBack).toMatchObject({ withoutConnection: true });
    expect(await unit.sources.probe(0)).toMatchObject({ result: 'no-connection' });
    expect(await unit.sources.probe(1)).toMatchObject({ result: 'on-air' });
  });

  it('is counted also for a job of an earlier supervisor', async () => {
    const house = await createHouse(
      [withSources('news', { provider: 'x' }), withSources('sport', { provider: 'x' })],
      { news: 'run', sport: 'run' },
      { providers: [one] },
    );
    house.plantJob('news');
    await house.supervisor.begin();
    await house.play(3, ...both('news'));
    expect(stream(house).state).toBe('running');
    expect(stream(house, 'sport').lastFailure).toMatchObject({ cause: 'provider-limit' });
  });

  it('is left for a source of another provider when nobody gives a connection back soon', async () => {
    const house = await begun([withSources('news', { provider: 'x' }), withSources('sport', { provider: 'x' }, {})], [one]);
    await house.play(3, ...both('news'), ...both('sport'));
    expect(stream(house, 'sport')).toMatchObject({ state: 'running', source: { index: 1 } });
  });

  it('with two connections, the new one is held before the old one is given up', async () => {
    const news = withSources('news', { provider: 'x' }, { provider: 'x' });
    const house = await begun([{ ...news, restart: { ...news.restart, seamless: 'off' } }], [two]);
    await house.play(3, ...both('news'));
    await house.supervisor.unit('news').sources.force(1);
    expect(house.supervisor.status().providers).toMatchObject([{ inUse: 2 }]);
    await house.clock.advance(1000);
    expect(house.processes.started).toHaveLength(2);
    await house.play(10, ...both('news'));
    expect(house.supervisor.status().providers).toMatchObject([{ inUse: 1 }]);
  });

  it('is not held by a stream that was ordered to stop while it waited', async () => {
    const house = await begun([withSources('news', { provider: 'x' }), withSources('sport', { provider: 'x' })], [one]);
    await house.supervisor.order({ action: 'stop', ids: ['sport'] });
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.clock.advance(10_000);
    expect(house.supervisor.status().providers).toEqual([{ name: 'x', inUse: 0, limit: 1, waiting: 0 }]);
  });
});

describe('an address that is resolved', () => {
  const resolve = { command: ['/bin/get-url', 'news'], timeoutMs: 5000, renew: 'off', display: 'get-url' } as const;
  const resolved = (more: Partial<SourceConfig['resolve']> = {}): StreamConfig =>
    withSources('news', { display: 'http-ts from get-url', resolve: { ...resolve, ...more } as NonNullable<SourceConfig['resolve']> }, {});

  function answers(house: House, texts: readonly string[]): { asked: number } {
    const count = { asked: 0 };
    house.processes.run = async () => {
      const stdout = texts[Math.min(count.asked, texts.length - 1)] ?? '';
      count.asked += 1;
      return { exitCode: stdout === '' ? 3 : 0, stdout, stderr: 'no such channel', timedOut: false, missing: false };
    };
    return count;
  }

  async function house(
    texts: readonly string[],
    more: Partial<SourceConfig['resolve']> = {},
  ): Promise<House & { count: { asked: number } }> {
    const made = await createHouse([resolved(more)], { news: 'run' });
    const count = answers(made, texts);
    await made.supervisor.begin();
    await made.play(3, ...both('news'));
    return Object.assign(made, { count });
  }

  it('is asked for once and used for each start', async () => {
    const made = await house(['http://cdn.example/live/tok-1234567890/1.ts?sig=zzzz99999\n']);
    expect(input(made)).toBe('http://cdn.example/live/tok-1234567890/1.ts?sig=zzzz99999');
    expect(stream(made)).toMatchObject({
      state: 'running',
      definition: 'current',
      source: { url: 'http-ts from get-url: http://cdn.example/***' },
    });
    made.newest().end(gone);
    await made.play(5, ...both('news'));
    expect(made.count.asked).toBe(1);
    expect(made.events.find(({ kind }) => kind === 'source-resolved')).toMatchObject({ cause: 'start', outcome: 'new' });
    expect(made.secrets()).toContain('tok-1234567890');
    expect(JSON.stringify(made.events)).not.toContain('tok-');
  });

  it('is asked for anew when it is refused, before a failure is counted', async () => {
    const made = await house(['http://cdn.example/one.ts', 'http://cdn.example/two.ts']);
    await refuse(made);
    await made.play(3, ...both('news'));
    expect(input(made)).toBe('http://cdn.example/two.ts');
    expect(stream(made).source.index).toBe(0);
    const report = await made.supervisor.unit('news').sources.report();
    expect(report.sources[0]).toMatchObject({ failures: 0, condition: 'on-air' });
    expect(made.events.filter(({ kind }) => kind === 'source-resolved').map(({ cause }) => cause)).toEqual(['start', 'refused']);
  });

  it('gives way when the resolver fails: its own cause, with what it said', async () => {
    const made = await house(['']);
    expect(stream(made)).toMatchObject({ state: 'running', source: { index: 1 } });
    const report = await made.supervisor.unit('news').sources.report();
    expect(report.sources[0]?.lastFailure).toMatchObject({ cause: 'resolve-failed' });
    expect(made.events.find(({ kind }) => kind === 'source-resolved')).toMatchObject({
      cause: 'resolve-failed',
      outcome: 'failed',
      evidence: ['no such channel'],
    });
  });

  it('is renewed at 80 % of its time when that is asked for, and only a new address restarts the job', async () => {
    const texts = [
      '{"url":"http://cdn.example/one.ts","ttl":100}',
      '{"url":"http://cdn.example/one.ts","ttl":100}',
      '{"url":"http://cdn.example/two.ts","ttl":100}',
    ];
    const made = await house(texts, { renew: 'restart' });
    await made.play(90, ...both('news'));
    expect(made.count.asked).toBe(2);
    expect(made.processes.started).toHaveLength(1);
    await made.play(90, ...both('news'));
    expect(made.processes.started).toHaveLength(2);
    expect(input(made)).toBe('http://cdn.example/two.ts');
    expect(stream(made)).toMatchObject({ restarts: 0, state: 'running' });
  });

  it('is asked for anew at the next start when its time is over, and not before', async () => {
    const made = await house(['{"url":"http://cdn.example/one.ts","ttl":20}', 'http://cdn.example/two.ts']);
    await made.play(30, ...both('news'));
    expect(made.count.asked).toBe(1);
    made.newest().end(gone);
    await made.play(3, ...both('news'));
    expect(input(made)).toBe('http://cdn.example/two.ts');
  });
});
