import { beforeEach, describe, expect, it } from 'vitest';

import { createMemoryFiles, type MemoryFiles } from '../../tests/fakes/memory-files.ts';
import { createVirtualClock, type VirtualClock } from '../../tests/fakes/virtual-clock.ts';
import { isOrder, openStore } from './stores.ts';

let clock: VirtualClock;
let files: MemoryFiles;
let errors: string[];

beforeEach(() => {
  clock = createVirtualClock();
  files = createMemoryFiles(clock);
  errors = [];
});

const open = () =>
  openStore({ files, clock, path: '/s/orders.json', writeDelayMs: 500, onError: (message) => errors.push(message) }, isOrder);

describe('a store', () => {
  it('keeps what was set for the next one', async () => {
    const first = await open();
    first.set('news', 'run');
    first.set('sport', 'stop');
    await first.flush();
    const second = await open();
    expect(second.get('news')).toBe('run');
    expect(second.keys()).toEqual(['news', 'sport']);
  });

  it('writes many changes at once', async () => {
    const store = await open();
    for (let index = 0; index < 100; index += 1) store.set(`s${index}`, 'run');
    expect(files.texts.size).toBe(0);
    await clock.advance(500);
    expect(files.texts.size).toBe(1);
  });

  it('sets a damaged file aside instead of writing over it', async () => {
    files.put('/s/orders.json', '{"news": "ru');
    const store = await open();
    expect(store.get('news')).toBeUndefined();
    expect(files.texts.get('/s/orders.json.damaged')).toBe('{"news": "ru');
    expect(errors[0]).toContain('damaged');
  });

  it('passes over values it does not know', async () => {
    files.put('/s/orders.json', '{"news": "run", "odd": 7}');
    expect((await open()).keys()).toEqual(['news']);
  });

  it('reports a full disk and writes when there is room again', async () => {
    const store = await open();
    files.writeError = new Error('ENOSPC: no space left on device');
    store.set('news', 'run');
    await store.flush();
    expect(errors[0]).toContain('ENOSPC');
    files.writeError = undefined;
    store.set('sport', 'run');
    await store.flush();
    expect(JSON.parse(files.texts.get('/s/orders.json') ?? '')).toEqual({ news: 'run', sport: 'run' });
  });

  it('opens although a damaged file cannot be set aside', async () => {
    files.put('/s/orders.json', '{"news": "ru');
    files.writeError = new Error('ENOSPC');
    const store = await open();
    expect(store.keys()).toEqual([]);
    expect(errors.join()).toContain('cannot be set aside');
  });

  it('writes by itself what a full disk refused, once there is room, and tells of the problem meanwhile', async () => {
    const store = await open();
    files.writeError = new Error('ENOSPC');
    store.set('news', 'run');
    await store.flush();
    expect(store.problem()).toContain('ENOSPC');
    files.writeError = undefined;
    await clock.advance(10_000);
    expect(files.texts.get('/s/orders.json')).toContain('news');
    expect(store.problem()).toBeUndefined();
    expect(clock.pending()).toBe(0);
  });

  it('goes on with its copy when the file was damaged, as by a power cut on a disk that lies', async () => {
    const spared = () =>
      openStore(
        { files, clock, path: '/s/orders.json', writeDelayMs: 500, onError: (message) => errors.push(message), spare: true },
        isOrder,
      );
    const first = await spared();
    first.set('news', 'run');
    await first.flush();
    for (const damage of ['', '{"news": "ru', '\0\0\0\0']) {
      files.put('/s/orders.json', damage);
      errors = [];
      const next = await spared();
      expect(next.get('news')).toBe('run');
      expect(errors.join()).toContain('/s/orders.json.spare');
    }
    files.put('/s/orders.json.spare', '');
    expect((await spared()).keys()).toEqual([]);
  });
});
