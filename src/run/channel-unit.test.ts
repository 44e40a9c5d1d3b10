import { describe, expect, it } from 'vitest';

import { both, channel, createHouse, playing, stream, type House } from '../../tests/fakes/house.ts';
import { endpoints } from '../../tests/helpers/plans.ts';

const path = `${endpoints.hlsDirectory}/news/index.m3u8`;
const textOf = (house: House): string => house.files.texts.get(path) ?? '';
const listed = (house: House): readonly string[] => textOf(house).match(/^[^#\s]+$/gm) ?? [];
const sequence = (house: House): number => Number(/MEDIA-SEQUENCE:(\d+)/.exec(textOf(house))?.[1]);

describe('a channel', () => {
  it('is there, though empty, from the moment it is ordered, and lists what the primary leg makes', async () => {
    const house = await createHouse([channel('news')], { news: 'run' });
    await house.supervisor.begin();
    await house.clock.advance(400);
    expect(textOf(house)).toMatch(/^#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n/);
    expect(stream(house).channel).toMatchObject({ state: 'holding', leg: null });
    await house.play(4, ...both('news'));
    expect(listed(house)).toHaveLength(4);
    expect(listed(house).every((name) => name.startsWith('news-'))).toBe(true);
    expect(stream(house).channel).toMatchObject({ state: 'live', leg: 'primary', mediaSequence: sequence(house) });
    expect(stream(house).url).toBe('http://localhost:8088/live/news/index.m3u8');
  });

  it('is nothing before the order', async () => {
    const house = await createHouse([channel('news')]);
    await house.supervisor.begin();
    await house.play(3, ...both('news'));
    expect(textOf(house)).toBe('');
    expect(stream(house).channel?.state).toBe('none');
  });

  it('moves to the backup leg and says so', async () => {
    const house = await playing('news');
    await house.play(4, ['news', 'backup']);
    expect(stream(house).channel).toMatchObject({ state: 'live', leg: 'backup' });
    expect(textOf(house)).toContain('#EXT-X-DISCONTINUITY\n');
    expect(house.events).toContainEqual(expect.objectContaining({ kind: 'leg-switched', stream: 'news', cause: 'primary-silent' }));
  });

  it('is written again when somebody deletes it, or when nothing has changed for a minute', async () => {
    const house = await playing('news');
    const before = textOf(house);
    house.files.texts.delete(path);
    await house.clock.advance(1200);
    expect(textOf(house)).toBe(before);
    const stat = async () => (await house.files.stat(path))?.mtimeMs ?? 0;
    await house.clock.advance(70_000);
    const written = await stat();
    await house.clock.advance(70_000);
    expect(await stat()).toBeGreaterThan(written);
  });

  it('stays as it is while it cannot be written, and catches up', async () => {
    const house = await playing('news');
    const before = textOf(house);
    house.files.writeError = new Error('ENOSPC');
    await house.play(5, ...both('news'));
    expect(textOf(house)).toBe(before);
    expect(house.said.filter((line) => line.includes('ENOSPC') && line.includes('index.m3u8'))).toHaveLength(1);
    house.files.writeError = undefined;
    await house.play(2, ...both('news'));
    expect(listed(house).length).toBeGreaterThanOrEqual(9);
  });

  it('keeps what it will list as soon as it can be written, until it is stopped', async () => {
    const house = await playing('news');
    house.files.writeError = new Error('ENOSPC');
    await house.play(2, ...both('news'));
    const newest = (await house.files.list(endpoints.hlsDirectory)).findLast((name) => name.startsWith('news-')) ?? '';
    expect(textOf(house)).not.toContain(newest);
    expect(house.supervisor.channels.keptNames()).toContain(newest);
    house.files.writeError = undefined;
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.clock.advance(120_000);
    expect([...house.supervisor.channels.keptNames()]).toEqual([]);
  });

  it('keeps room ahead of its numbers in the state folder', async () => {
    const house = await playing('news');
    const kept = JSON.parse(house.files.texts.get('/state/channels.json') ?? '{}') as { news: { mediaSequence: number } };
    expect(kept.news.mediaSequence).toBeGreaterThan(sequence(house) + 500);
  });

  it('stands when it is stopped, and goes on from its numbers when it is started', async () => {
    const house = await playing('news');
    house.processes.onSignal = (process, signal) => process.end({ code: undefined, signal });
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.clock.advance(5000);
    const before = sequence(house) + listed(house).length;
    expect(stream(house).channel?.state).toBe('none');
    await house.play(5);
    expect(sequence(house) + listed(house).length).toBe(before);
    await house.supervisor.order({ action: 'start', ids: ['news'] });
    await house.play(3, ...both('news'));
    expect(sequence(house) + listed(house).length).toBe(before + 3);
  });

  it('starts its list anew when its segments were swept meanwhile, above every number before', async () => {
    const house = await playing('news');
    house.processes.onSignal = (process, signal) => process.end({ code: undefined, signal });
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.clock.advance(5000);
    const before = sequence(house) + listed(house).length;
    for (const name of [...house.files.texts.keys()]) if (name.startsWith(endpoints.hlsDirectory)) house.files.texts.delete(name);
    await house.supervisor.order({ action: 'start', ids: ['news'] });
    await house.play(3, ...both('news'));
    expect(sequence(house)).toBe(before);
    // What ended before the order, or with it, may have been shown before.
    expect(listed(house)).toHaveLength(2);
  });

  it('begins anew above its numbers after another boot: what a power cut left of its playlist may be an old one', async () => {
    const bootId = '/proc/sys/kernel/random/boot_id';
    const goOn = async (boot: string, from: House): Promise<House> => {
      from.files.put(bootId, `${boot}\n`);
      const house = await createHouse([channel('news')], {}, { files: from.files.texts });
      await house.supervisor.begin();
      return house;
    };
    const first = await goOn('one', await createHouse([channel('news')], { news: 'run' }));
    await first.play(4, ...both('news'));
    await first.supervisor.detach();
    const before = textOf(first);
    const last = sequence(first) + listed(first).length;
    const crashed = await goOn('one', first);
    await crashed.clock.advance(400);
    expect(textOf(crashed)).toBe(before);
    await crashed.supervisor.detach();
    const booted = await goOn('two', crashed);
    await booted.clock.advance(400);
    expect(listed(booted)).toEqual([]);
    expect(sequence(booted)).toBeGreaterThan(last);
    await booted.supervisor.detach();
  });

  it('shows a slate when no leg moves, though no job lives', async () => {
    const house = await playing('news');
    house.slate = { segments: [{ uri: 'slate-ab-0.ts', durationSeconds: 2 }] };
    await house.clock.advance(9000);
    expect(stream(house).channel?.state).toBe('slate');
    expect(listed(house).at(-1)).toMatch(/^slate-ab-0\.ts\?n=\d+$/);
    await house.play(3, ...both('news'));
    expect(stream(house).channel?.state).toBe('live');
    expect(house.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('slate'))).toEqual(['slate-on', 'slate-off']);
  });
});
