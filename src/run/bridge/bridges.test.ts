import { describe, expect, it } from 'vitest';

import { both, channel, createHouse, stream, stateFolder, type House } from '../../../tests/fakes/house.ts';
import type { FakeProcess } from '../../../tests/fakes/fake-processes.ts';
import { endpoints } from '../../../tests/helpers/plans.ts';
import { bridgeMark, jobMark } from '../../core/state-paths.ts';

const folder = endpoints.hlsDirectory;
const playlist = `${folder}/news/bridge.m3u8`;
const news = channel('news');
const [source] = news.sources;
const ofProvider = { ...news, sources: source === undefined ? [] : [{ ...source, provider: 'tv' }] };

const tv = { name: 'tv', maxConnections: 2, releaseDelayMs: 1000 };

async function house(maxConnections = 2): Promise<House> {
  const made = await createHouse([ofProvider], { news: 'run' }, { providers: [{ ...tv, maxConnections }] });
  await made.supervisor.begin();
  await made.play(8, ...both('news'));
  expect(stream(made).state).toBe('running');
  return made;
}

const isBridge = ({ spec }: FakeProcess): boolean => spec?.env[bridgeMark] === 'news';
const bridgeOf = (made: House): FakeProcess | undefined => made.processes.living().find(isBridge);
const jobOf = (made: House): FakeProcess | undefined => made.processes.living().find((process) => !isBridge(process));
const listed = (made: House): readonly string[] => (made.files.texts.get(`${folder}/news/index.m3u8`) ?? '').match(/^[^#\s]+$/gm) ?? [];
const restart = (made: House, seamless = true): Promise<unknown> =>
  made.supervisor.order({ action: 'restart', ids: ['news'], ...(seamless ? {} : { seamless }) });

/** Two seconds, in which the bridge writes a segment, and so do the legs that are named. */
async function pass(made: House, ...legs: readonly ('primary' | 'backup')[]): Promise<void> {
  const template = bridgeOf(made)?.spec?.argv.find((word) => word.includes('%04d'));
  if (template !== undefined) {
    const text = made.files.texts.get(playlist) ?? '';
    const names = text.match(/^[^#\s]+$/gm) ?? [];
    const name = template.slice(template.lastIndexOf('/') + 1).replace('%04d', String(names.length).padStart(4, '0'));
    made.files.put(`${folder}/${name}`, 'x'.repeat(188));
    const head = '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n';
    made.files.put(playlist, head + [...names, name].map((uri) => `#EXTINF:2.000,\n${uri}\n`).join(''));
  }
  for (const leg of legs) made.segment('news', leg);
  await made.clock.advance(2000);
}

const phase = (made: House): string | undefined => stream(made).bridge;
const told = (made: House) => made.events.filter(({ kind }) => kind === 'restarted');

describe('a restart of a healthy stream', () => {
  it('is carried by a second connection: the channel goes over before the old job ends, and back when the new one is steady', async () => {
    const made = await house();
    const old = jobOf(made);
    await restart(made);
    expect(phase(made)).toBe('opening');
    await pass(made, ...(['primary', 'backup'] as const));
    const bridge = bridgeOf(made);
    expect(bridge?.spec?.argv.join(' ')).not.toContain('rtmp://');
    expect(made.supervisor.status().providers).toMatchObject([{ inUse: 2 }]);
    expect(old?.signals).toEqual([]);
    let shownThen: string | undefined;
    const end = made.processes.onSignal;
    made.processes.onSignal = (process, signal) => {
      if (process === old) shownThen ??= listed(made).at(-1);
      end(process, signal);
    };
    for (let left = 5; left > 0 && phase(made) !== 'carrying'; left -= 1) await pass(made, 'primary', 'backup');
    expect(phase(made)).toBe('carrying');
    expect(old?.signals).toEqual(['SIGTERM']);
    expect(shownThen).toMatch(/^stream_news_\d{14}\.ts$/);
    await pass(made);
    expect(jobOf(made)).not.toBe(old);
    for (let left = 12; left > 0 && phase(made) !== undefined; left -= 1) await pass(made, 'primary', 'backup');
    await made.clock.advance(2000);
    expect(listed(made).at(-1)).toMatch(/^news-/);
    expect(bridge?.alive).toBe(false);
    expect(made.files.texts.has(playlist)).toBe(false);
    expect(made.supervisor.status().providers).toMatchObject([{ inUse: 1 }]);
    expect(told(made)).toMatchObject([{ cause: 'seamless', data: { seamless: true } }]);
    expect(stream(made).orderedRestart).toMatchObject({ seamless: true, reason: null });
  });

  it('is an ordinary one without a free connection, and when nobody wants it otherwise', async () => {
    const full = await house(1);
    await restart(full);
    await full.clock.advance(500);
    expect(full.processes.started.filter(isBridge)).toEqual([]);
    await full.play(8, ...both('news'));
    expect(full.events.filter(({ kind }) => kind === 'job-failed')).toEqual([]);
    expect(full.events.findLast(({ kind }) => kind === 'job-started')).toMatchObject({ cause: 'retry' });
    expect(told(full)).toMatchObject([
      { cause: 'stop-start', message: expect.stringContaining('no free connection: 1 of 1 in use') as unknown },
    ]);
    const other = await house();
    await restart(other, false);
    await other.clock.advance(500);
    expect(other.processes.started.filter(isBridge)).toEqual([]);
    expect(stream(other).orderedRestart?.reason).toBe('not asked for (--no-seamless)');
  });

  it('leaves the old job alone until the second connection plays, and is an ordinary one when that fails or takes too long', async () => {
    for (const fails of [true, false]) {
      const made = await house();
      const old = jobOf(made);
      await restart(made);
      await made.play(4, ...both('news'));
      expect(old?.signals).toEqual([]);
      if (fails) bridgeOf(made)?.end({ code: 1, signal: undefined });
      await made.play(fails ? 2 : 30, ...both('news'));
      expect(old?.signals).toEqual(['SIGTERM']);
      expect(stream(made).orderedRestart?.reason).toContain(fails ? 'the second connection failed' : 'no steady picture within');
      await made.play(4, ...both('news'));
      expect(bridgeOf(made)).toBeUndefined();
      expect(made.supervisor.status().providers).toMatchObject([{ inUse: 1 }]);
    }
  });

  it('ends with the stream: a stop leaves no second connection', async () => {
    const made = await house();
    await restart(made);
    await pass(made, 'primary', 'backup');
    await made.supervisor.order({ action: 'stop', ids: ['news'] });
    await made.clock.advance(3000);
    expect(made.processes.living()).toEqual([]);
    expect(stream(made).bridge).toBeUndefined();
  });
});

it('carries the channel on while a new definition does not play, until the old one does again', async () => {
  const made = await house();
  const gone = { ...ofProvider.sources[0], url: 'http://gone.example/news.ts' } as (typeof news.sources)[0];
  made.supervisor.configure({ ...made.config([{ ...ofProvider, sources: [gone] }]), providers: [tv] });
  await restart(made);
  for (let left = 8; left > 0 && phase(made) !== 'carrying'; left -= 1) await pass(made, 'primary', 'backup');
  await pass(made);
  const failing = jobOf(made);
  expect(failing?.spec?.argv).toContain(gone.url);
  for (let left = 5; left > 0; left -= 1) await pass(made);
  expect([phase(made), made.supervisor.unit('news').rollback()]).toEqual(['carrying', true]);
  await pass(made);
  expect(jobOf(made)?.spec?.argv).toContain(source?.url);
  for (let left = 12; left > 0 && phase(made) !== undefined; left -= 1) await pass(made, 'primary', 'backup');
  expect(told(made)).toMatchObject([{ cause: 'seamless' }]);
});

describe('going over to another source while the first one plays', () => {
  const other = (provider: string | undefined) => ({
    ...ofProvider.sources[0],
    ...{ url: 'http://b.example/news.ts', display: 'http://b.example/news.ts' },
    ...(provider === undefined ? {} : { provider }),
  });

  async function twoSources(target: string, limits: Readonly<Record<string, number>>): Promise<House> {
    const sources = [...ofProvider.sources, other(target)] as typeof news.sources;
    const providers = Object.entries(limits).map(([name, maxConnections]) => ({ name, maxConnections, releaseDelayMs: 1000 }));
    const made = await createHouse([{ ...news, sources }], { news: 'run' }, { providers });
    await made.supervisor.begin();
    await made.play(8, ...both('news'));
    return made;
  }
  const force = (made: House): Promise<unknown> => made.supervisor.unit('news').sources.force(1);
  const inputOf = (process: FakeProcess | undefined): string => process?.spec?.argv[process.spec.argv.indexOf('-i') + 1] ?? '';
  async function carried(made: House): Promise<void> {
    for (let left = 8; left > 0 && phase(made) !== 'carrying'; left -= 1) await pass(made, 'primary', 'backup');
    expect(phase(made)).toBe('carrying');
  }

  it.each([
    ['a free connection of the same provider', 'tv', { tv: 2 }, 'http://b.example/news.ts'],
    ['two of another one', 'other', { tv: 1, other: 2 }, 'http://b.example/news.ts'],
    ['one of each', 'other', { tv: 2, other: 1 }, source?.url],
  ])('is carried over %s', async (_name, target, limits, over) => {
    const made = await twoSources(target, limits as Readonly<Record<string, number>>);
    const old = jobOf(made);
    await force(made);
    await pass(made, 'primary', 'backup');
    expect([inputOf(bridgeOf(made)), old?.signals]).toEqual([over, []]);
    await carried(made);
    expect(old?.signals).toEqual(['SIGTERM']);
    await made.clock.advance(1500);
    expect(inputOf(jobOf(made))).toBe('http://b.example/news.ts');
    for (let left = 12; left > 0 && phase(made) !== undefined; left -= 1) await pass(made, 'primary', 'backup');
    expect(told(made)).toMatchObject([{ cause: 'seamless', message: 'went over to source 2 without a gap' }]);
    for (const { inUse, limit } of made.supervisor.status().providers ?? []) expect(inUse).toBeLessThanOrEqual(limit ?? Infinity);
  });

  it('is done at once where there is no connection for a bridge, and after a bridge that fails', async () => {
    const full = await twoSources('other', { tv: 1, other: 1 });
    await force(full);
    await full.clock.advance(1000);
    expect([full.processes.started.filter(isBridge), inputOf(jobOf(full))]).toEqual([[], 'http://b.example/news.ts']);
    const made = await twoSources('tv', { tv: 2 });
    await force(made);
    await made.play(4, ...both('news'));
    bridgeOf(made)?.end({ code: 1, signal: undefined });
    await made.play(4, ...both('news'));
    expect(inputOf(jobOf(made))).toBe('http://b.example/news.ts');
    expect(told(made)).toMatchObject([
      { cause: 'stop-start', message: expect.stringContaining('the second connection failed') as unknown },
    ]);
  });

  it('is not done twice, nor when the first source died meanwhile', async () => {
    const made = await twoSources('tv', { tv: 3 });
    await force(made);
    await pass(made, 'primary', 'backup');
    await force(made);
    jobOf(made)?.end({ code: 1, signal: undefined });
    await made.play(4);
    const second = jobOf(made);
    expect(inputOf(second)).toBe('http://b.example/news.ts');
    for (let left = 16; left > 0; left -= 1) await pass(made, 'primary', 'backup');
    expect([jobOf(made), bridgeOf(made), phase(made)]).toEqual([second, undefined, undefined]);
  });
});

it('ends what an earlier supervisor left half-way, and counts its connection until it is gone', async () => {
  const made = await createHouse([ofProvider], { news: 'run' }, { providers: [{ name: 'tv', maxConnections: 2, releaseDelayMs: 0 }] });
  const left = made.processes.plant({ [bridgeMark]: 'news', [jobMark.state]: stateFolder });
  made.files.put(playlist, '#EXTM3U\n');
  made.processes.onSignal = (process, signal) => {
    if (signal === 'SIGKILL') process.end({ code: undefined, signal });
  };
  await made.supervisor.begin();
  await made.clock.advance(1000);
  expect(made.supervisor.status().providers).toMatchObject([{ inUse: 2 }]);
  await made.clock.advance(6000);
  expect(left.signals).toEqual(['SIGTERM', 'SIGTERM', 'SIGKILL']);
  expect(made.supervisor.status().providers).toMatchObject([{ inUse: 1 }]);
  expect(made.files.texts.has(playlist)).toBe(false);
});
