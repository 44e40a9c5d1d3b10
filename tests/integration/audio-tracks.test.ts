// Several sounds to choose from, on real ffmpeg and nginx: cut with the pictures in both legs, heard in a real player, and lost.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { legPlaylistName } from '../../src/core/ids.ts';
import { parseMediaPlaylist } from '../../src/playlist/media-playlist.ts';
import { chromiumPath, openPlayerHouse, type PlayerHouse } from '../helpers/browser-player.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { beginsAt, getRung, getText, wholeMaster } from '../helpers/rungs.ts';
import { createStack, eventually, kill, type TestStack } from '../helpers/stack.ts';
import { highHz, lowHz, soundThatGoes, twoSounds } from '../helpers/two-sounds.ts';

let stack: TestStack;
let house: PlayerHouse | undefined;

afterEach(async () => {
  await house?.close();
  house = undefined;
  await stack?.close();
});

async function playing(entries: (directory: string) => Promise<string>): Promise<void> {
  stack = await createStack({ streams: '  - { id: none, source: "test:", enabled: false }', server: '  segment: 1s' });
  stack.list(await entries(stack.directory));
  const ran = await stack.iptv('start', '--all', '--wait', '--timeout', '90s');
  expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 /);
}

const rung = (id: string, name: string) => getRung(`${stack.url}/live/${id}/${name}/index.m3u8`);

async function masterOf(id: string, sounds: number) {
  return eventually(`the master of ${id} offers ${sounds} sounds`, async () => {
    const text = await getText(`${stack.url}/live/${id}/index.m3u8`);
    const master = text === undefined ? undefined : wholeMaster(text);
    return master?.renditions.length === sounds && master.variants.every(({ attributes }) => attributes['CODECS'] !== undefined)
      ? master
      : undefined;
  });
}

describe.skipIf(!hasNginxRtmp)('several sounds of a channel', () => {
  it(
    'are offered beside a copied picture, are cut with it in both legs, and one that is lost holds up nobody',
    { timeout: 480_000 },
    async () => {
      await playing(async (directory) => {
        // Matroska has lengths where transport streams have start codes.
        const both = await twoSounds(join(directory, 'both.mkv'), { seconds: 16, codec: 'ac3' });
        const goes = await soundThatGoes(join(directory, 'goes.ts'), 24);
        return [
          `  - { id: news, source: ${both}, output: { audioTracks: [deu, eng, fra] } }`,
          `  - { id: goes, source: ${goes}, output: { audioTracks: all } }`,
        ].join('\n');
      });
      const master = await masterOf('news', 2);
      expect(
        master.renditions.map(({ uri, attributes }) => [uri, attributes['NAME'], attributes['LANGUAGE'], attributes['DEFAULT']]),
      ).toEqual([
        ['', 'Deutsch', 'de', 'YES'],
        ['eng/index.m3u8', 'English', 'en', 'NO'],
      ]);
      expect(
        master.variants.map(({ uri, attributes }) => [uri, attributes['AUDIO'], attributes['CODECS']?.replace(/avc1\.\w+/, 'avc1')]),
      ).toEqual([['source/index.m3u8', 'audio', 'avc1,mp4a.40.2']]);
      expect((await stack.iptv('plan', 'news', '--json')).stdout).toContain(
        'the source has no sound in fra (1: deu, 2: eng): it is not offered',
      );

      for (const leg of ['primary', 'backup'] as const) {
        const [pictures, sounds] = await eventually(`the ${leg} leg of both has segments`, async () => {
          const texts = await Promise.all(
            ['news_source', 'news_eng'].map((id) => readFile(join(stack.hls, legPlaylistName(id, leg)), 'utf8')),
          );
          const lists = texts.map((text) => parseMediaPlaylist(text)?.segments ?? []);
          return lists.every(({ length }) => length >= 3) ? lists : undefined;
        });
        const begins = (name: string) => beginsAt(stack.hls, name, 'a');
        const times = await Promise.all((sounds ?? []).slice(-3).map(({ uri }) => begins(uri)));
        const [picture] = (pictures ?? []).slice(-2);
        const at = await begins(picture?.uri ?? '');
        // nginx gathers several frames of sound; cut by the clock it would begin anywhere within a segment of 1.6 s.
        expect(Math.min(...times.map((time) => Math.abs(time - at)))).toBeLessThan(0.2);
        expect((sounds ?? []).map(({ durationSeconds }) => Math.round(durationSeconds * 10)).slice(1, -1)).toContain(16);
      }

      await masterOf('goes', 2);
      // From here on: the first job only learned which sounds there are.
      const [job] = stack.jobs('goes');
      const isOwn = (uri: string | undefined): boolean | undefined => (uri === undefined ? undefined : uri.includes('goes_audio2'));
      const newest = async () => (await rung('goes', 'audio2'))?.segments.at(-1)?.uri;
      await eventually('the second sound plays', async () => isOwn(await newest()) === true);
      await eventually('the first one stands in for it when it is gone', async () => isOwn(await newest()) === false);
      const verdict = async () => (await stack.stream('goes')).verdict;
      await eventually(
        'the verdict names the lost sound',
        async () => (await verdict())?.reason.includes('the sound audio2 is missing') === true,
      );
      expect(await verdict()).toMatchObject({ name: 'degraded', layer: 'source' });
      const lists = await Promise.all(['source', 'audio2'].map((name) => rung('goes', name)));
      const numbers = lists.map((list) => (list?.mediaSequence ?? 0) + (list?.segments.length ?? 0));
      expect(Math.abs((numbers[0] ?? 0) - (numbers[1] ?? 0))).toBeLessThanOrEqual(1);
      await eventually('it plays again when it is back', async () => isOwn(await newest()) === true);
      await eventually('and all is well again', async () => (await verdict())?.name === 'healthy');
      expect(stack.jobs('goes')).toEqual([job]);
      expect((await stack.stream('goes')).channel?.state).toBe('live');
    },
  );
});

describe.skipIf(!hasNginxRtmp || chromiumPath === undefined)('a player of several sounds', () => {
  it('hears the one it chooses, across a killed job, without a reload', { timeout: 480_000 }, async () => {
    await playing(async (directory) => {
      const both = await twoSounds(join(directory, 'both.ts'), { seconds: 16 });
      return `  - { id: news, source: ${both}, output: { audioTracks: [deu, eng] } }`;
    });
    await masterOf('news', 2);
    house = await openPlayerHouse();
    const player = await house.open(`${stack.url}/live/news/index.m3u8`);
    const hears = (what: string, hertz: number): Promise<unknown> =>
      eventually(what, async () => {
        const [tone, seen] = [await player.tone(), await player.report()];
        if (Math.abs(tone - hertz) < 30 && seen.stallSeconds < 0.5 && seen.playedSeconds > 1) return true;
        throw new Error(JSON.stringify({ tone, ...seen, fragments: seen.fragments.slice(-4), errors: seen.errors.slice(-6) }));
      });
    await hears('the German sound, which is in the picture', lowHz);
    expect(await player.sounds()).toEqual([
      { name: 'Deutsch', lang: 'de' },
      { name: 'English', lang: 'en' },
    ]);
    await player.mark();
    await player.chooseSound(1);
    await hears('the English sound', highHz);
    const [job] = stack.jobs('news');
    kill(job);
    await eventually('another job runs', () => stack.jobs('news').some((pid) => pid !== job));
    await hears('the English sound after the job was killed', highHz);
    await player.chooseSound(0);
    await hears('the German sound again', lowHz);
    await player.chooseSound(1);
    await hears('the English sound again', highHz);
    expect(await player.report()).toMatchObject({ reloads: 0, mediaRecoveries: 0, fatal: [], sequenceBack: 0, errorCode: null });
  });
});
