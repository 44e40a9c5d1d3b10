// A stream with renditions on real ffmpeg and nginx: what the master promises is there, and the rungs are cut together.

import { afterEach, describe, expect, it } from 'vitest';

import { chromiumPath, openPlayerHouse, type PlayerHouse } from '../helpers/browser-player.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { beginsAt, getRung, getText, readMaster, sizeOf } from '../helpers/rungs.ts';
import { createStack, eventually, kill, type TestStack } from '../helpers/stack.ts';

let stack: TestStack;
let house: PlayerHouse | undefined;

afterEach(async () => {
  await house?.close();
  house = undefined;
  await stack?.close();
});

const fps = 25;
const renditions = `
    renditions:
      - { name: high, video: { height: 240, bitrate: 300k } }
      - { name: low, video: { height: 120, bitrate: 100k } }
      - { name: huge, video: { height: 2160, bitrate: 9M } }
      - { name: sound, video: none, audio: { bitrate: 48k } }`;

async function playing(): Promise<void> {
  stack = await createStack({ streams: `  - id: news\n    source: test:?size=426x240&fps=${fps}${renditions}` });
  const ran = await stack.iptv('start', 'news', '--wait', '--timeout', '90s');
  expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 /);
}

const rungUrl = (name: string): string => `${stack.url}/live/news/${name}/index.m3u8`;

describe.skipIf(!hasNginxRtmp)('a stream with renditions', () => {
  it('names its rungs in a master playlist, and cuts them together in both legs', { timeout: 480_000 }, async () => {
    await playing();
    const text = await eventually('the codecs of every rung are known', async () => {
      const master = await getText(`${stack.url}/live/news/index.m3u8`);
      return master !== undefined && (master.match(/CODECS/g) ?? []).length === 3 ? master : undefined;
    });
    const master = readMaster(text);
    expect(master.map(({ uri }) => uri)).toEqual(['high/index.m3u8', 'low/index.m3u8', 'sound/index.m3u8']);
    expect(master.map(({ attributes }) => attributes['RESOLUTION'])).toEqual(['426x240', '214x120', undefined]);
    expect(master[0]?.attributes).toMatchObject({
      'FRAME-RATE': '25.000',
      CODECS: expect.stringMatching(/^avc1\.[0-9a-f]{6},mp4a\.40\.2$/) as string,
    });
    expect(master[2]?.attributes['CODECS']).toBe('mp4a.40.2');
    for (const { attributes } of master)
      expect(Number(attributes['AVERAGE-BANDWIDTH'])).toBeLessThanOrEqual(Number(attributes['BANDWIDTH']));

    await eventually('both legs move', async () => {
      const { legs } = await stack.stream('news');
      return legs.primary.state === 'fresh' && legs.backup.state === 'fresh' && legs.primary.segments >= 4;
    });
    const [high, low, sound] = await eventually('the rungs list the same numbers', async () => {
      const lists = await Promise.all(['high', 'low', 'sound'].map((name) => getRung(rungUrl(name))));
      const isSame = lists.every(
        (list) => list?.mediaSequence === lists[0]?.mediaSequence && list?.segments.length === lists[0]?.segments.length,
      );
      return isSame && (lists[0]?.segments.length ?? 0) >= 4 ? lists : undefined;
    });
    for (const [index, segment] of (high?.segments ?? []).entries()) {
      const others = [low?.segments[index], sound?.segments[index]];
      expect(others.map((one) => one?.programDateTimeMs)).toEqual([segment.programDateTimeMs, segment.programDateTimeMs]);
      expect(others.map((one) => one?.discontinuity)).toEqual([segment.discontinuity, segment.discontinuity]);
      const [begins, lowBegins] = await Promise.all([beginsAt(stack.hls, segment.uri), beginsAt(stack.hls, others[0]?.uri ?? '')]);
      expect(Math.abs(begins - lowBegins)).toBeLessThanOrEqual(1 / fps);
    }
    expect(await sizeOf(stack.hls, low?.segments.at(-1)?.uri ?? '')).toBe('214x120');
    const notes = (await stack.iptv('plan', 'news', '--json')).stdout;
    expect(notes).toContain('huge would be larger than the source (426x240): left out');
  });
});

describe.skipIf(!hasNginxRtmp || chromiumPath === undefined)('a player of a ladder', () => {
  it('changes rungs across a killed job and a killed nginx, without a reload', { timeout: 480_000 }, async () => {
    await playing();
    await eventually('the master is written', () => getText(`${stack.url}/live/news/index.m3u8`));
    house = await openPlayerHouse();
    const player = await house.open(`${stack.url}/live/news/index.m3u8`);
    const shows = (what: string, width: number): Promise<unknown> =>
      eventually(what, async () => {
        const seen = await player.report();
        if (seen.width === width && seen.stallSeconds < 0.5 && seen.playedSeconds > 1) return true;
        throw new Error(JSON.stringify({ ...seen, fragments: seen.fragments.slice(-4), errors: seen.errors.slice(-6) }));
      });
    // hls.js leaves a rung of sound alone out where there are pictures.
    const [low, high] = [0, 1];
    await player.choose(high);
    await shows('the high rung', 426);
    await player.mark();

    const [job] = stack.jobs('news');
    kill(job);
    await player.choose(low);
    await eventually('another job runs', () => stack.jobs('news').some((pid) => pid !== job));
    await shows('the low rung, after the job was killed', 214);

    const { origin } = await stack.status();
    if (origin.pid === null) throw new Error('no nginx');
    kill(-origin.pid);
    // A player that is told to change while nobody answers gives that rung up; one that plays on its buffer does not notice.
    await eventually('another nginx answers', async () => {
      const { pid, answers } = (await stack.status()).origin;
      return pid !== null && pid !== origin.pid && answers;
    });
    await player.choose(high);
    await shows('the high rung, after nginx was killed', 426);
    await eventually('the primary leg is back', async () => (await stack.stream('news')).channel?.leg === 'primary');
    await player.choose(low);
    await shows('the low rung, on the primary leg again', 214);
    expect(await player.report()).toMatchObject({ reloads: 0, mediaRecoveries: 0, fatal: [], sequenceBack: 0, errorCode: null });
  });
});
