import { beforeEach, describe, expect, it } from 'vitest';

import { channel } from '../tests/fakes/house.ts';
import type { Config } from './core/config.ts';
import { openCurrentList, type CurrentList } from './current-list.ts';

const server: Config['server'] = {
  runtime: 'local',
  publicUrl: 'http://localhost:8088',
  hlsDirectory: '/tmp/hls',
  permissions: 'compat',
  ports: { rtmp: 1935, http: 8000, publicHttp: 8088 },
  segmentSeconds: 2,
  windowSegments: 10,
};
const configOf = (more: Partial<Config> = {}): Config => ({ path: '/streams.yaml', server, streams: [], secrets: [], ...more });

let text: string | undefined;
let next: () => Promise<Config>;
let taken: Config[];
let list: CurrentList;
let now: number;

const open = (readLast?: () => Promise<Config | undefined>): Promise<CurrentList> =>
  openCurrentList({
    readText: async () => text,
    readList: () => next(),
    onChange: (config) => taken.push(config),
    monotonic: () => now,
    ...(readLast === undefined ? {} : { readLast }),
  });

beforeEach(async () => {
  text = 'one';
  next = async () => configOf({ secrets: ['old'] });
  taken = [];
  now = 0;
  list = await open();
});

describe('the current list', () => {
  it('is taken over when the file has changed, or a file it refers to', async () => {
    await list.reload();
    await list.reload(true);
    expect(taken).toHaveLength(0);
    text = 'two';
    await list.reload();
    expect(taken).toHaveLength(1);
    next = async () => configOf({ streams: [channel('news')] });
    await list.reload();
    expect(taken).toHaveLength(1);
    await list.reload(true);
    expect(taken.map(({ streams }) => streams.length)).toEqual([0, 1]);
  });

  it('stays as it was when the new one is invalid, and is tried again', async () => {
    text = 'two';
    next = async () => Promise.reject(new Error('invalid'));
    await expect(list.reload()).rejects.toThrow('invalid');
    await expect(list.reload()).rejects.toThrow('invalid');
    expect(taken).toHaveLength(0);
    next = async () => configOf();
    await list.reload();
    expect(taken).toHaveLength(1);
  });

  it('keeps the server section it began with, and says what waits', async () => {
    text = 'two';
    next = async () => configOf({ server: { ...server, hlsDirectory: '/srv/hls', ports: { ...server.ports, rtmp: 1936 } } });
    await list.reload();
    expect(list.config().server).toEqual(server);
    expect(list.notes().join()).toMatch(/server\.hlsDirectory, server\.ports .* iptv down and iptv up/);
    text = 'three';
    next = async () => configOf();
    await list.reload();
    expect(list.notes()).toEqual([]);
  });

  it('goes on scrubbing the passwords of definitions that still run', async () => {
    text = 'two';
    next = async () => configOf({ secrets: ['new'] });
    await list.reload();
    expect(list.config().secrets).toEqual(['new', 'old']);
  });

  it('ends with the newest file however long the readings take', async () => {
    text = 'two';
    const slow = Promise.withResolvers<Config>();
    next = () => slow.promise;
    const first = list.reload();
    await Promise.resolve();
    text = 'three';
    const second = list.reload();
    await Promise.resolve();
    next = async () => configOf({ path: '/three' });
    slow.resolve(configOf({ path: '/two' }));
    await Promise.all([first, second]);
    expect(list.config().path).toBe('/three');
  });
});

describe('a file that is being written', () => {
  const both = configOf({ streams: [channel('news'), channel('sport')] });
  const cut = configOf({ streams: [channel('news')] });

  beforeEach(async () => {
    next = async () => both;
    list = await open();
    taken = [];
  });

  it('is read again when it changed under the reader, whatever was read', async () => {
    for (const half of [async () => cut, async () => Promise.reject(new Error('invalid'))]) {
      text = 'half';
      next = async () => {
        text = 'whole\n';
        next = async () => both;
        return half();
      };
      await list.reload(true);
      expect(list.config().streams).toHaveLength(2);
    }
  });

  it('is refused where it ends within a line and lacks streams, and taken once it is whole', async () => {
    text = 'streams:\n  - id: news\n    source: http://tv.exa';
    next = async () => cut;
    await expect(list.reload()).rejects.toThrow('/streams.yaml lacks sport and ends within a line: it looks half written');
    await expect(list.peek()).rejects.toMatchObject({ code: 'list-cut', exitCode: 78 });
    expect([taken, list.config().streams.length]).toEqual([[], 2]);
    text = `${text}mple/a.ts\n`;
    await list.reload();
    expect(list.config().streams).toHaveLength(1);
  });

  it('is taken in one piece with the question what it changes', async () => {
    text = 'new\n';
    next = async () => ({ ...cut, server: { ...server, windowSegments: 6 } });
    const seen = await list.take((config, keys) => [config.streams.length, list.config().streams.length, keys]);
    expect(seen).toEqual([1, 2, ['windowSegments']]);
    expect(list.config().streams).toHaveLength(1);
  });
});

describe('a list that is invalid at the start', () => {
  const invalid = async (): Promise<Config> => Promise.reject(new Error('streams[0].colour'));

  it('is an error where nothing was in force before', async () => {
    next = invalid;
    await expect(open()).rejects.toThrow('colour');
    await expect(open(async () => undefined)).rejects.toThrow('colour');
  });

  it('changes nothing where one was: that stands in, says so, and gives way to the mended file', async () => {
    next = invalid;
    list = await open(async () => configOf({ streams: [channel('news')] }));
    expect(list.config().streams.map(({ id }) => id)).toEqual(['news']);
    expect(list.notes().join()).toMatch(
      /^\/streams\.yaml cannot be used \(streams\[0\]\.colour\): the list that was in force before stands in/,
    );
    await expect(list.reload()).rejects.toThrow('colour');
    next = async () => configOf({ streams: [channel('sport')] });
    await list.followMending();
    expect(taken).toEqual([]);
    text = 'mended\n';
    await list.followMending();
    expect(taken.map(({ streams }) => streams[0]?.id)).toEqual(['sport']);
    expect([list.notes(), list.refusal()]).toEqual([[], undefined]);
  });

  it('is tried again by itself when only a variable or a file it names was mended', async () => {
    next = invalid;
    list = await open(async () => configOf());
    next = async () => configOf({ streams: [channel('news')] });
    now = 30_000;
    await list.followMending();
    expect(list.config().streams).toHaveLength(1);
  });
});
