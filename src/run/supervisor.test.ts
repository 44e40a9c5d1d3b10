import { describe, expect, it } from 'vitest';

import { channel, createHouse, type House } from '../../tests/fakes/house.ts';
import type { StreamStatus } from '../core/status.ts';
import { lockHeldExitCode } from './job-command.ts';

const gone = { code: 1, signal: undefined };
const both = (id: string) => [[id, 'primary'], [id, 'backup']] as const;

function stream(house: House, id = 'news'): StreamStatus {
  const [found] = house.supervisor.status([id]).streams;
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

async function playing(...ids: readonly string[]): Promise<House> {
  const house = await createHouse(ids.map((id) => channel(id)), Object.fromEntries(ids.map((id) => [id, 'run'])));
  await house.supervisor.begin();
  await house.play(3, ...ids.flatMap(both));
  for (const id of ids) expect(stream(house, id).state).toBe('running');
  return house;
}

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
    const { stat } = house.files;
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
    const { stat } = house.files;
    house.files.stat = (path) => (path.includes('sport') ? new Promise(() => undefined) : stat(path));
    house.tidy = () => new Promise(() => undefined);
    house.originTick = () => new Promise(() => undefined);
    await house.clock.advance(60_000);
    expect(stream(house).restarts).toBeGreaterThanOrEqual(1);
    expect(house.said.filter((line) => line.includes('hangs for'))).toHaveLength(3);
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
    expect(stream(house).lastFailure?.cause ?? stream(house).state).toBe('stalled');
  });
});

describe('one leg', () => {
  it('that nginx lost for a minute does not cost the other one a restart when nginx is back', async () => {
    const house = await playing('news');
    house.originSince = undefined;
    await house.play(60, ['news', 'backup']);
    house.originSince = house.clock.monotonic();
    await house.play(5, ['news', 'backup']);
    await house.play(60, ...both('news'));
    expect(house.processes.started).toHaveLength(1);
    expect(house.newest().signals).toEqual([]);
  });

  it('that stays dead is mended ever more rarely', async () => {
    const house = await playing('news');
    const startsAfter = async (seconds: number): Promise<number> => {
      const before = house.processes.started.length;
      await house.play(seconds, ['news', 'backup']);
      return house.processes.started.length - before;
    };
    expect(await startsAfter(40)).toBe(1);
    expect(await startsAfter(150)).toBe(1);
    expect(await startsAfter(300)).toBe(0);
  });
});

describe('sources', () => {
  it('gives the second one a turn when the first plays for moments only', async () => {
    const house = await createHouse([channel('news', 'http://a.example/1.ts', 'http://b.example/2.ts')], { news: 'run' });
    await house.supervisor.begin();
    const indexes: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await house.play(3, ...both('news'));
      indexes.push(stream(house).source.index);
      house.newest().end(gone);
      await house.clock.advance(5000);
    }
    expect(indexes).toEqual([0, 0, 1]);
  });
});

describe('what a job says', () => {
  const stderr = '/state/jobs/news.stderr';
  const opening = (audio: string): string =>
    [
      "[info] Input #0, mpegts, from 'http://tv.example/news.ts':",
      '[info]   Stream #0:0[0x100]: Video: h264 (High), yuv420p, 320x180, 25 fps, 25 tbr, 90k tbn',
      `[info]   Stream #0:1[0x101]: Audio: ${audio}, 44100 Hz, stereo, fltp, 128 kb/s`,
      "[info] Output #0, tee, to 'somewhere':",
      '',
    ].join('\n');
  const audioWords = (house: House): string => house.newest().spec?.argv.join(' ').match(/-c:a \S+/)?.[0] ?? '';

  it('changes its command at once, is remembered for the source, and counts as no failure', async () => {
    const house = await playing('news');
    expect(audioWords(house)).toBe('-c:a copy');
    house.files.put(stderr, opening('ac3'));
    await house.play(3, ...both('news'));
    expect(audioWords(house)).toBe('-c:a aac');
    expect(stream(house)).toMatchObject({ restarts: 0, audio: 'transcode' });
    expect(house.files.texts.get('/state/facts.json')).toContain('ac3');
  });

  it('changes it three times at most, until a stable run', async () => {
    const house = await playing('news');
    for (const audio of ['ac3', 'aac (LC)', 'ac3', 'aac (LC)']) {
      house.files.put(stderr, opening(audio));
      await house.play(3, ...both('news'));
    }
    expect(house.processes.started).toHaveLength(4);
    expect(house.said.join('\n')).toContain('waits for the next start');
    house.newest().end(gone);
    await house.play(70, ...both('news'));
    expect(audioWords(house)).toBe('-c:a copy');
    house.files.put(stderr, opening('ac3'));
    await house.play(3, ...both('news'));
    expect(audioWords(house)).toBe('-c:a aac');
    expect(house.processes.started).toHaveLength(6);
  });

  it('does not stay on disk when it has ended: it may name the source with its password', async () => {
    const house = await playing('news');
    house.files.put(stderr, opening('aac (LC)') + '[error] Server returned 403 Forbidden (access denied)');
    house.newest().end(gone);
    await house.clock.advance(0);
    expect(house.files.texts.get(stderr)).toBe('');
    expect(stream(house).lastFailure).toMatchObject({ cause: 'auth' });
  });

  it('and the number of its last segment outlives it', async () => {
    const house = await playing('news');
    const { backup } = stream(house).legs;
    house.newest().end(gone);
    await house.clock.advance(0);
    expect(JSON.parse(house.files.texts.get('/state/sequences.json') ?? '')).toEqual({ news: backup.mediaSequence });
  });
});

it('an order to start begins with the first source', async () => {
  const house = await createHouse([channel('news', 'http://a.example/1.ts', 'http://b.example/2.ts')], { news: 'run' });
  await house.supervisor.begin();
  await house.clock.advance(0);
  house.newest().end(gone);
  await house.clock.advance(2000);
  expect(stream(house).source.index).toBe(1);
  await house.supervisor.order({ action: 'stop', ids: ['news'] });
  await house.clock.advance(6000);
  await house.supervisor.order({ action: 'start', ids: ['news'] });
  await house.clock.advance(0);
  expect(stream(house).source.index).toBe(0);
});

describe('a stream that left the list', () => {
  it('plays on, can be stopped, and cannot be started or restarted', async () => {
    const house = await playing('news', 'sport');
    house.supervisor.configure(house.config([channel('sport')]));
    await house.play(5, ...both('news'));
    expect(stream(house)).toMatchObject({ state: 'running', definition: 'removed' });
    await expect(house.supervisor.order({ action: 'restart', ids: ['news'] })).rejects.toMatchObject({ code: 'no-such-stream', next: 'iptv stop news' });
    expect((await house.supervisor.order({ action: 'restart', all: true })).ids).toEqual(['sport']);
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.play(3, ...both('sport'));
    expect(stream(house).state).toBe('stopped');
    expect((await house.supervisor.order({ action: 'start', all: true })).ids).toEqual(['sport']);
    house.supervisor.configure(house.config([channel('sport')]));
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
  house.supervisor.configure(house.config([{ ...news, sources: [{ ...source, kind: 'srt', url: 'srt://tv.example:1' }] }, channel('sport')]));
  expect(house.supervisor.status().streams.map(({ id, definition }) => [id, definition])).toEqual([['news', 'changed'], ['sport', 'current']]);
});
