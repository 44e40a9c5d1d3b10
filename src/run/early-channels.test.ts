import { describe, expect, it } from 'vitest';

import { both, channel, createHouse, playing, stateFolder, type House } from '../../tests/fakes/house.ts';
import { endpoints } from '../../tests/helpers/plans.ts';
import { statePaths } from '../core/state-paths.ts';
import { startEarlyChannels, type EarlyChannels } from './early-channels.ts';

const path = `${endpoints.hlsDirectory}/news/index.m3u8`;
const paths = statePaths(stateFolder, undefined);
const listed = (house: House): readonly string[] => house.files.texts.get(path)?.match(/^[^#\s]+$/gm) ?? [];

/** A house whose supervisor was killed: nobody ticks it any more. */
async function orphaned(): Promise<House> {
  const house = await playing('news');
  await house.supervisor.detach();
  return house;
}

const start = (house: House): Promise<EarlyChannels> => startEarlyChannels(house, paths, (message) => void house.said.push(message));

describe('channels before the list is read', () => {
  it('go on from the state folder alone, with the numbers that follow', async () => {
    const house = await orphaned();
    const before = listed(house);
    await house.play(2, ...both('news'));
    expect(listed(house)).toEqual(before);
    const early = await start(house);
    await house.play(3, ...both('news'));
    expect(listed(house).slice(0, before.length)).toEqual(before);
    expect(listed(house).length).toBeGreaterThan(before.length + 2);
    expect(house.files.texts.get(path)).not.toContain('#EXT-X-DISCONTINUITY\n');
    expect(await early.stop()).toEqual([]);
  });

  it('are let go when the supervisor is ready, and tell what happened', async () => {
    const house = await orphaned();
    const early = await start(house);
    await house.play(6, ['news', 'backup']);
    expect(await early.stop()).toContainEqual(expect.objectContaining({ kind: 'leg-switched', stream: 'news', cause: 'primary-silent' }));
    const after = house.files.texts.get(path);
    await house.play(4, ...both('news'));
    expect(house.files.texts.get(path)).toBe(after);
  });

  it('are left alone when they were ordered to stop, when they have no playlist yet, and when nothing is known of them', async () => {
    for (const spoil of [
      (house: House) => house.files.put(paths.orders, '{"news":"stop"}'),
      (house: House) => void house.files.texts.delete(path),
      (house: House) => house.files.put(paths.channels, '{"news":{"early":{"hlsDirectory":7}}}'),
    ]) {
      const house = await orphaned();
      spoil(house);
      const before = house.files.texts.get(path);
      const early = await start(house);
      await house.play(3, ...both('news'));
      expect(house.files.texts.get(path)).toBe(before);
      await early.stop();
    }
  });

  it('do not make the HLS folder, whose owner and mode are in the list', async () => {
    const house = await orphaned();
    const early = await start(house);
    house.files.texts.delete(path);
    house.files.writeError = new Error('ENOENT');
    await house.play(3, ...both('news'));
    expect(house.said.filter((line) => line.includes('the HLS folder is gone'))).toHaveLength(1);
    await early.stop();
  });

  it('are written down with their settings while a supervisor runs', async () => {
    const house = await createHouse([channel('news')], { news: 'run' });
    await house.supervisor.begin();
    await house.play(3, ...both('news'));
    expect(JSON.parse(house.files.texts.get(paths.channels) ?? '{}')).toMatchObject({
      news: { early: { hlsDirectory: endpoints.hlsDirectory, segmentSeconds: 2, windowSegments: 10 } },
    });
  });
});
