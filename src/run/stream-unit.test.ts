import { describe, expect, it } from 'vitest';

import { both, channel, createHouse, playing, stream, type House } from '../../tests/fakes/house.ts';
import { AppError } from '../core/errors.ts';

const gone = { code: 1, signal: undefined };

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
    // Whole for a stable run: the next time counts as the first.
    await house.play(70, ...both('news'));
    expect(await startsAfter(40)).toBe(1);
  });
});

it('legs that cannot be looked at are no reason to end a job that may be well', async () => {
  const house = await playing('news');
  const readText = house.files.readText.bind(house.files);
  house.files.readText = async (path) => {
    if (path.endsWith('.m3u8')) throw new AppError({ exitCode: 75, code: 'too-many-files', message: 'cannot read: too many open files' });
    return readText(path);
  };
  await house.play(30, ...both('news'));
  house.files.readText = readText;
  await house.play(5, ...both('news'));
  expect(house.newest().signals).toEqual([]);
  expect(stream(house)).toMatchObject({ state: 'running', restarts: 0 });
});

describe('a job that is stopped by a signal before its first segment', () => {
  it('has no more time than one that plays: it waits for no source', async () => {
    const house = await createHouse([channel('news')], { news: 'run' });
    await house.supervisor.begin();
    await house.play(20);
    const [first] = house.processes.started;
    if (first === undefined) throw new Error('not started');
    first.state = 'T';
    house.processes.vitals = () => ({ states: 'T', cpuMs: 50, unreadBytes: undefined });
    await house.play(5);
    expect(first.signals).toEqual([]);
    await house.play(4);
    expect(first.signals[0]).toBe('SIGKILL');
    expect(stream(house).lastFailure?.cause).toBe('job-hung');
    expect(house.processes.started).toHaveLength(2);
  });

  it('is left alone when it goes on', async () => {
    const house = await createHouse([channel('news')], { news: 'run' });
    await house.supervisor.begin();
    await house.play(1);
    for (let round = 0; round < 3; round += 1) {
      house.newest().state = 'T';
      await house.play(4);
      house.newest().state = 'S';
      await house.play(2);
    }
    expect(house.processes.started).toHaveLength(1);
    expect(house.newest().signals).toEqual([]);
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
  const audioWords = (house: House): string =>
    house
      .newest()
      .spec?.argv.join(' ')
      .match(/-c:a \S+/)?.[0] ?? '';

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

  it('of a codec that changed ends it at once, with a command for the other one, and nothing of it is listed', async () => {
    const house = await playing('news');
    house.files.put(stderr, opening('aac (LC)'));
    await house.play(6, ...both('news'));
    const line = '[mpegts @ 0x1] [error] AAC bitstream not in ADTS format and extradata missing\n';
    const listed = (): string => house.files.texts.get('/tmp/hls/news/index.m3u8') ?? '';
    house.files.put(stderr, opening('aac (LC)') + line.repeat(20));
    const before = listed();
    await house.play(1, ...both('news'));
    house.files.put(stderr, opening('aac (LC)') + line.repeat(45));
    await house.play(1, ...both('news'));
    const changed = { kind: 'job-failed', cause: 'codec-changed' };
    await house.clock.advance(3000);
    expect(house.events).toContainEqual(expect.objectContaining(changed));
    expect(audioWords(house)).toBe('-c:a aac');
    expect(stream(house)).toMatchObject({ restarts: 1, source: { index: 0 }, lastFailure: { cause: 'codec-changed' } });
    const spoilt = listed()
      .split('\n')
      .filter((text) => text.endsWith('.ts') && !before.includes(text));
    expect(spoilt).toEqual([]);
    await house.play(8, ...both('news'));
    expect(stream(house).channel?.state).toBe('live');
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
    expect(JSON.parse(house.files.texts.get('/state/sequences.json') ?? '')).toEqual({
      news: (backup.mediaSequence ?? 0) + backup.segments - 1,
    });
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
