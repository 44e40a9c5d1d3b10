import { describe, expect, it } from 'vitest';

import { both, channel, createHouse, stream, type House } from '../../../tests/fakes/house.ts';
import { endpoints } from '../../../tests/helpers/plans.ts';
import type { OnDemandConfig, ProviderConfig, StreamConfig } from '../../core/config.ts';
import type { DeskAnswer } from './desk-answer.ts';

const folder = (id: string): string => `${endpoints.hlsDirectory}/${id}`;
const fileOf = (house: House, id = 'news'): string | undefined => house.files.texts.get(`${folder(id)}/index.m3u8`);
const isMarked = (house: House, id = 'news'): boolean => house.files.texts.has(`${folder(id)}/on-demand`);

function onDemand(id: string, more: Partial<OnDemandConfig> = {}, provider?: string): StreamConfig {
  const made = channel(id);
  const sources = made.sources.map((source) => (provider === undefined ? source : { ...source, provider }));
  return { ...made, sources, onDemand: { idleAfterMs: 60_000, firstWaitMs: 7000, prewarm: [], ...more } };
}

async function idle(streams: readonly StreamConfig[], providers: readonly ProviderConfig[] = []): Promise<House> {
  const house = await createHouse(streams, Object.fromEntries(streams.map(({ id }) => [id, 'run'])), { providers });
  await house.supervisor.begin();
  await house.clock.advance(1100);
  return house;
}

interface Asked {
  readonly hangUp: () => void;
  answer: DeskAnswer | undefined;
}

function ask(house: House, id = 'news', agent = 'player'): Asked {
  const gone = new AbortController();
  const asked: Asked = { hangUp: () => gone.abort(), answer: undefined };
  void house.supervisor.desk.ask(id, { agent, gone: gone.signal }).then((answer) => (asked.answer = answer));
  return asked;
}

/** Woken and playing. */
async function watched(house: House, id = 'news'): Promise<void> {
  const viewer = ask(house, id);
  await house.clock.advance(0);
  await house.play(4, ...both(id));
  expect(viewer.answer?.kind).toBe('playlist');
  expect(stream(house, id).state).toBe('running');
}

/** Seconds with pictures in which the access log tells of viewers each second. */
async function watch(house: House, seconds: number, id = 'news', viewers = 1): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    house.supervisor.desk.watched(id, viewers);
    await house.play(1, ...both(id));
  }
}

const causes = (house: House): readonly string[] => house.events.flatMap(({ kind, cause }) => (kind === 'demand' ? [cause] : []));

describe('a stream that starts on demand', () => {
  it('is idle until somebody asks, and says so honestly', async () => {
    const house = await idle([onDemand('news')]);
    expect(house.processes.started).toHaveLength(0);
    expect(stream(house)).toMatchObject({
      order: 'run',
      state: 'idle',
      verdict: { name: 'idle' },
      channel: { state: 'none', ageSeconds: null },
    });
    expect(isMarked(house)).toBe(true);
    expect(fileOf(house)).toBeUndefined();
    await house.clock.advance(600_000);
    expect(house.processes.started).toHaveLength(0);
  });

  it('is started once for many, who all get the first picture; nginx finds no file before', async () => {
    const house = await idle([onDemand('news')]);
    const viewers = Array.from({ length: 50 }, () => ask(house));
    await house.clock.advance(300);
    expect(house.processes.started).toHaveLength(1);
    expect(stream(house).state).toBe('starting');
    expect(fileOf(house)).toBeUndefined();
    await house.play(2, ...both('news'));
    for (const { answer } of viewers) expect(answer).toMatchObject({ kind: 'playlist', text: expect.stringMatching(/#EXTINF/) });
    await house.play(1, ...both('news'));
    expect(fileOf(house)).toMatch(/#EXTINF/);
    expect(house.processes.started).toHaveLength(1);
    expect(causes(house)).toEqual(['viewer', 'answered']);
    expect(house.events).toContainEqual(
      expect.objectContaining({ cause: 'answered', data: expect.objectContaining({ viewers: 50, slate: false }) }),
    );
  });

  it('rests when nobody watched for idleAfter, and starts anew without what was shown before', async () => {
    const house = await idle([onDemand('news')]);
    await watched(house);
    await watch(house, 120);
    expect(stream(house).state).toBe('running');
    const sequence = Number(/MEDIA-SEQUENCE:(\d+)/.exec(fileOf(house) ?? '')?.[1]);
    await house.play(57, ...both('news'));
    expect(stream(house).state).toBe('running');
    // Set aside: whoever still watches would come to us now.
    expect(fileOf(house)).toBeUndefined();
    await house.play(6, ...both('news'));
    expect(stream(house)).toMatchObject({ order: 'run', state: 'idle', verdict: { name: 'idle' } });
    expect(house.processes.living()).toHaveLength(0);
    expect(causes(house)).toEqual(['viewer', 'answered', 'idle']);

    const again = ask(house);
    await house.play(3, ...both('news'));
    expect(again.answer?.kind).toBe('playlist');
    const text = again.answer?.kind === 'playlist' ? again.answer.text : '';
    expect(Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1])).toBeGreaterThan(sequence);
    expect(text.match(/#EXTINF/g)?.length).toBeLessThanOrEqual(3);
  });

  it('needs no access log: who comes while its playlist is set aside is answered at once, and it stays', async () => {
    const house = await idle([onDemand('news')]);
    await watched(house);
    for (let minute = 0; minute < 5; minute += 1) {
      for (let second = 0; second < 60; second += 2) {
        if (fileOf(house) === undefined) {
          const viewer = ask(house);
          await house.clock.advance(0);
          expect(viewer.answer?.kind).toBe('playlist');
        }
        await house.play(2, ...both('news'));
      }
    }
    expect(stream(house).state).toBe('running');
    expect(house.processes.started).toHaveLength(1);
    expect(house.said.filter((line) => line.includes('access log does not arrive'))).toHaveLength(1);
  });

  it('shows its slate after firstWait, or 503 without one, and leaves nobody hanging', async () => {
    const house = await idle([onDemand('news')]);
    house.slate = { segments: [{ uri: 'slate-ab12-0.ts', durationSeconds: 2 }] };
    const viewer = ask(house);
    await house.clock.advance(6900);
    expect(viewer.answer).toBeUndefined();
    await house.clock.advance(600);
    expect(viewer.answer).toMatchObject({ kind: 'playlist', text: expect.stringContaining('slate-ab12') });
    expect(stream(house).channel?.state).toBe('slate');

    const bare = await idle([onDemand('news')]);
    const unlucky = ask(bare);
    await bare.clock.advance(9000);
    expect(unlucky.answer).toMatchObject({ kind: 'wait', why: 'news does not play yet: it has no picture yet' });
  });

  it('shows its slate at once when every source has refused', async () => {
    const house = await idle([onDemand('news', { firstWaitMs: 60_000 })]);
    house.slate = { segments: [{ uri: 'slate-ab12-0.ts', durationSeconds: 2 }] };
    const viewer = ask(house);
    await house.clock.advance(300);
    house.files.put('/state/jobs/news.log', '[http @ 0x1] HTTP error 404 Not Found\n');
    house.newest().end({ code: 1, signal: undefined });
    await house.clock.advance(2500);
    const second = house.newest();
    if (second.alive) second.end({ code: 1, signal: undefined });
    await house.clock.advance(1500);
    expect(viewer.answer).toMatchObject({ kind: 'playlist', text: expect.stringContaining('slate-ab12') });
  });

  it('is not woken by our own looks, by unknown names, or after the order to stop', async () => {
    const house = await idle([onDemand('news'), channel('always')]);
    const answers = [ask(house, 'news', 'iptv'), ask(house, 'nobody'), ask(house, 'always')];
    await house.clock.advance(300);
    expect(answers.map(({ answer }) => answer?.kind)).toEqual(['wait', 'none', 'wait']);
    expect(stream(house).state).toBe('idle');
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    const late = ask(house);
    await house.clock.advance(1200);
    expect(late.answer?.kind).toBe('none');
    expect(stream(house)).toMatchObject({ order: 'stop', state: 'stopped', verdict: { name: 'stopped' } });
    expect(isMarked(house)).toBe(false);
  });

  it('stays up for those who hung up while they waited, but not for long', async () => {
    const house = await idle([onDemand('news')]);
    const viewer = ask(house);
    await house.clock.advance(500);
    viewer.hangUp();
    await house.play(70, ...both('news'));
    expect(stream(house).state).toBe('idle');
  });

  it('answers restart and start with what it is', async () => {
    const house = await idle([onDemand('news')]);
    const restarted = await house.supervisor.order({ action: 'restart', ids: ['news'] });
    const started = await house.supervisor.order({ action: 'start', ids: ['news'] });
    expect([restarted.notes, started.notes]).toEqual([
      ['news is idle: its first viewer starts it anew'],
      ['news starts with its first viewer'],
    ]);
    await house.clock.advance(2000);
    expect(house.processes.started).toHaveLength(0);
    await watched(house);
    await house.supervisor.order({ action: 'restart', ids: ['news'], seamless: false });
    await house.play(4, ...both('news'));
    expect(house.processes.started).toHaveLength(2);
    expect(stream(house).state).toBe('running');
  });

  it('changes from and to on demand with the list', async () => {
    const house = await idle([onDemand('news')]);
    house.supervisor.configure(house.config([channel('news')]));
    await house.clock.advance(1000);
    // As every change: with the next order.
    expect(stream(house).state).toBe('idle');
    await house.supervisor.order({ action: 'restart', ids: ['news'] });
    await house.play(4, ...both('news'));
    expect(stream(house).state).toBe('running');
    expect(isMarked(house)).toBe(false);
    await house.play(200, ...both('news'));
    expect(stream(house).state).toBe('running');
    house.supervisor.configure(house.config([onDemand('news')]));
    await house.play(200, ...both('news'));
    expect(stream(house).state).toBe('idle');
    expect(isMarked(house)).toBe(true);
  });

  it('belongs to its viewers also after a new supervisor took over', async () => {
    const house = await createHouse([onDemand('news')], { news: 'run' });
    const job = house.plantJob('news');
    for (let at = 0; at < 3; at += 1) for (const [id, leg] of both('news')) house.segment(id, leg);
    await house.supervisor.begin();
    await house.play(30, ...both('news'));
    expect(stream(house)).toMatchObject({ state: 'running', pid: job.pid });
    await house.play(40, ...both('news'));
    expect(stream(house).state).toBe('idle');
  });

  it('has no playlist of before when it is ordered to run again', async () => {
    const house = await idle([onDemand('news')]);
    await watched(house);
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.clock.advance(3000);
    expect(fileOf(house)).toMatch(/#EXTINF/);
    await house.supervisor.order({ action: 'start', ids: ['news'] });
    expect(fileOf(house)).toBeUndefined();
    expect(isMarked(house)).toBe(true);
    await watched(house);
  });

  it('has its mark again when the HLS folder was deleted', async () => {
    const house = await idle([onDemand('news')]);
    house.files.texts.delete(`${folder('news')}/on-demand`);
    await house.clock.advance(7000);
    expect(isMarked(house)).toBe(true);
  });
});

describe('a provider with one connection', () => {
  const one: ProviderConfig = { name: 'x', maxConnections: 1, releaseDelayMs: 0 };

  it('gets the channel that somebody wants instead of one that nobody watches any more', async () => {
    const house = await idle([onDemand('news', {}, 'x'), onDemand('sport', {}, 'x')], [one]);
    await watched(house);
    await watch(house, 3);
    const viewer = ask(house, 'sport');
    await house.play(12, ...both('news'));
    expect(stream(house, 'news').state).toBe('idle');
    expect(causes(house)).toContain('gave-way');
    await house.play(5, ...both('sport'));
    expect(stream(house, 'sport').state).toBe('running');
    expect(viewer.answer).toBeDefined();
  });

  it('is not taken from those who watch', async () => {
    const house = await idle([onDemand('news', {}, 'x'), onDemand('sport', {}, 'x')], [one]);
    await watched(house);
    ask(house, 'sport');
    await watch(house, 60);
    expect(stream(house, 'news').state).toBe('running');
    expect(stream(house, 'sport').pid).toBeNull();
  });
});

describe('what is kept warm', () => {
  it('runs in its prewarm hours without a viewer, and rests after them', async () => {
    // The virtual wall clock begins at midnight, UTC.
    const prewarm = [{ cron: '5 0 * * *', forMs: 600_000, timezone: 'UTC' }];
    const house = await idle([onDemand('news', { prewarm })]);
    await house.clock.advance(290_000);
    expect(stream(house).state).toBe('idle');
    await house.clock.advance(12_000);
    await house.play(300, ...both('news'));
    expect(stream(house).state).toBe('running');
    await house.play(400, ...both('news'));
    expect(stream(house).state).toBe('idle');
    expect(causes(house)).toEqual(['prewarm', 'idle']);
  });

  it('stays up after it was popular', async () => {
    const house = await idle([onDemand('news', { keepWarm: { viewers: 3, forMs: 600_000 } })]);
    await watched(house);
    await watch(house, 10, 'news', 3);
    await house.play(500, ...both('news'));
    expect(stream(house).state).toBe('running');
    await house.play(180, ...both('news'));
    expect(stream(house).state).toBe('idle');
    expect(causes(house)).toEqual(['viewer', 'answered', 'keep-warm', 'idle']);
  });
});
