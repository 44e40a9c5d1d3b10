import { describe, expect, it } from 'vitest';

import { both, channel, createHouse, playing, stream } from '../../tests/fakes/house.ts';
import { lockHeldExitCode } from './job-command.ts';

describe('adoption', () => {
  it('lets a job play on whose order was lost, and ends one that was ordered to stop', async () => {
    const house = await createHouse([channel('news'), channel('sport')], { sport: 'stop' });
    const news = house.plantJob('news');
    const sport = house.plantJob('sport');
    await house.supervisor.begin();
    await house.play(5, ...both('news'));
    expect(news.signals).toEqual([]);
    expect(stream(house)).toMatchObject({ order: 'run', state: 'running', pid: news.pid });
    expect(sport.signals).toContain('SIGTERM');
    expect(stream(house, 'sport').state).toBe('stopped');
    expect(house.files.texts.get('/state/orders.json')).toContain('"news": "run"');
  });

  it('takes over a job that holds the lock and was not known', async () => {
    const house = await createHouse([channel('news')], { news: 'run' });
    await house.supervisor.begin();
    await house.clock.advance(0);
    const stray = house.plantJob('news');
    house.newest().end({ code: lockHeldExitCode, signal: undefined });
    await house.play(3, ...both('news'));
    expect(stream(house)).toMatchObject({ state: 'running', pid: stray.pid });
    await house.play(60, ...both('news'));
    expect(house.processes.started).toHaveLength(1);
    expect(stray.signals).toEqual([]);
  });

  it('does not let an order to stop be lost while it looks at what it adopts', async () => {
    const house = await createHouse([channel('news')], { news: 'run' });
    await house.supervisor.begin();
    await house.clock.advance(0);
    const stray = house.plantJob('news');
    const stat = house.files.stat.bind(house.files);
    const gate = Promise.withResolvers<void>();
    house.newest().end({ code: lockHeldExitCode, signal: undefined });
    house.files.stat = async (path) => {
      if (path.endsWith('.m3u8')) await gate.promise;
      return stat(path);
    };
    await house.clock.advance(0);
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    gate.resolve();
    await house.clock.advance(10_000);
    expect(stray.signals).toContain('SIGTERM');
    expect(stream(house)).toMatchObject({ order: 'stop', state: 'stopped' });
  });

  it('ends a job that was not known, when the stream is ordered to stop', async () => {
    const house = await createHouse([channel('news')], { news: 'run' });
    await house.supervisor.begin();
    await house.clock.advance(0);
    const stray = house.plantJob('news');
    const [own] = house.processes.started;
    house.processes.onSignal = (process, signal) => {
      process.end(process === own ? { code: lockHeldExitCode, signal: undefined } : { code: undefined, signal });
    };
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.clock.advance(5000);
    expect(stray.alive).toBe(false);
    expect(stream(house).state).toBe('stopped');
  });

  it('adopts a job although the HLS folder cannot be read', async () => {
    const house = await createHouse([channel('news')], { news: 'run' });
    const job = house.plantJob('news');
    house.files.stat = async () => Promise.reject(new Error('EACCES'));
    await house.supervisor.begin();
    expect(stream(house).pid).toBe(job.pid);
  });

  it('ends a job whose stream is no longer in the list, and comes up although it may not', async () => {
    const house = await createHouse([channel('news')], { news: 'run' });
    house.plantJob('gone');
    house.processes.onSignal = () => {
      throw new Error('not permitted');
    };
    await house.supervisor.begin();
    await house.clock.advance(6000);
    expect(house.said.filter((line) => line.includes('not permitted'))).toHaveLength(2);
    expect(stream(house).state).toBe('starting');
  });
});

describe('the sweep', () => {
  it('looks at one channel although another one, nginx and the tidying hang', async () => {
    const house = await playing('news', 'sport');
    const stat = house.files.stat.bind(house.files);
    house.files.stat = (path) => (path.includes('sport') ? new Promise(() => undefined) : stat(path));
    house.tidy = () => new Promise(() => undefined);
    house.originTick = () => new Promise(() => undefined);
    await house.clock.advance(60_000);
    expect(stream(house).restarts).toBeGreaterThanOrEqual(1);
    expect(house.said.filter((line) => line.includes('hangs for'))).toHaveLength(4);
  });

  it('looks at the channels although nginx’s log cannot be read', async () => {
    const house = await playing('news');
    house.originTick = async () => Promise.reject(new Error('EIO'));
    await house.clock.advance(30_000);
    expect(stream(house).lastFailure?.cause).toBe('stalled');
  });

  it('restarts a job that stands still although its files cannot be read', async () => {
    const house = await playing('news');
    house.files.stat = async () => Promise.reject(new Error('EACCES'));
    await house.clock.advance(8000);
    expect(house.newest().signals.length + house.processes.started.length).toBeGreaterThan(1);
    expect(house.events).toContainEqual(expect.objectContaining({ kind: 'job-failed', cause: 'stalled' }));
  });
});

describe('a stream that left the list', () => {
  it('plays on, can be stopped, and cannot be started or restarted', async () => {
    const house = await playing('news', 'sport');
    house.supervisor.configure(house.config([channel('sport')]));
    await house.play(5, ...both('news'));
    expect(stream(house)).toMatchObject({ state: 'running', definition: 'removed' });
    await expect(house.supervisor.order({ action: 'restart', ids: ['news'] })).rejects.toMatchObject({
      code: 'no-such-stream',
      next: 'iptv stop news',
    });
    expect((await house.supervisor.order({ action: 'restart', all: true })).ids).toEqual(['sport']);
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.play(3, ...both('sport'));
    expect(stream(house).state).toBe('stopped');
    expect((await house.supervisor.order({ action: 'start', all: true })).ids).toEqual(['sport']);
    house.supervisor.configure(house.config([channel('sport')]));
    expect(() => house.supervisor.status(['news'])).toThrow('no stream "news"');
  });

  it('is shown as stopped for a minute, for who waits for that, and then no more', async () => {
    const house = await playing('news', 'sport');
    house.supervisor.configure(house.config([channel('sport')]));
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.play(40, ...both('sport'));
    expect(stream(house).state).toBe('stopped');
    await house.play(30, ...both('sport'));
    expect(house.supervisor.status().streams.map(({ id }) => id)).toEqual(['sport']);
    expect(() => house.supervisor.status(['news'])).toThrow('no stream "news"');
  });

  it('runs again when it is back, as was ordered', async () => {
    const house = await createHouse([channel('sport')], { news: 'run' });
    await house.supervisor.begin();
    house.supervisor.configure(house.config([channel('sport'), channel('news')]));
    await house.play(3, ...both('news'));
    expect(stream(house).state).toBe('running');
    expect(stream(house, 'sport').state).toBe('stopped');
  });
});

describe('orders', () => {
  it('say so when they cannot be saved, and are saved once the disk has room', async () => {
    const house = await createHouse([channel('news')]);
    await house.supervisor.begin();
    house.files.writeError = new Error('ENOSPC');
    const { notes } = await house.supervisor.order({ action: 'start', ids: ['news'] });
    expect(notes.join()).toContain('ENOSPC');
    house.files.writeError = undefined;
    await house.clock.advance(11_000);
    expect(house.files.texts.get('/state/orders.json')).toContain('"news": "run"');
  });

  it('are refused while the supervisor leaves, so that it can', async () => {
    const house = await playing('news');
    house.processes.onSignal = (process, signal) => {
      if (signal === 'SIGKILL') process.end({ code: undefined, signal });
    };
    let left = false;
    const leaving = house.supervisor.stopAll().then(() => (left = true));
    await expect(house.supervisor.order({ action: 'start', ids: ['news'] })).rejects.toMatchObject({ code: 'leaving' });
    await house.clock.advance(6000);
    await leaving;
    expect(left).toBe(true);
    expect(house.processes.living()).toEqual([]);
    expect(JSON.parse(house.files.texts.get('/state/orders.json') ?? '')).toEqual({ news: 'run' });
  });

  it('to go down are carried out although one job cannot be ended', async () => {
    const house = await playing('news', 'sport');
    const stuck = house.processes.started[0];
    house.processes.onSignal = (process, signal) => {
      if (process !== stuck) process.end({ code: undefined, signal });
    };
    let left = false;
    void house.supervisor.stopAll().then(() => (left = true));
    await house.clock.advance(50_000);
    expect(left).toBe(true);
    expect(house.said.join('\n')).toContain(`news (${stuck?.pid})`);
  });
});

it('one definition that this ffmpeg cannot run does not hide the status of the others', async () => {
  const house = await playing('news', 'sport');
  const news = channel('news');
  const [source] = news.sources;
  if (source === undefined) throw new Error('no source');
  house.supervisor.configure(
    house.config([{ ...news, sources: [{ ...source, kind: 'srt', url: 'srt://tv.example:1' }] }, channel('sport')]),
  );
  expect(house.supervisor.status().streams.map(({ id, definition }) => [id, definition])).toEqual([
    ['news', 'changed'],
    ['sport', 'current'],
  ]);
});
