// Subtitles as WebVTT on real ffmpeg and nginx: each cue at its picture, in both legs, across a killed job and a killed supervisor.

import { afterEach, describe, expect, it } from 'vitest';

import { chromiumPath, openPlayerHouse, type PlayerHouse } from '../helpers/browser-player.ts';
import { serveCaptioned, teletextFile, type CaptionedSource } from '../helpers/captioned.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { watchPlaylist, type PlaylistWatch } from '../helpers/playlist-watch.ts';
import { getRung, getText } from '../helpers/rungs.ts';
import { createStack, eventually, kill, type TestStack } from '../helpers/stack.ts';
import { readMasterPlaylist } from '../../src/playlist/validate/master.ts';

let stack: TestStack;
let source: CaptionedSource | undefined;
let house: PlayerHouse | undefined;
let watch: PlaylistWatch | undefined;

afterEach(async () => {
  await watch?.close();
  await house?.close();
  source?.close();
  await stack?.close();
});

describe.skipIf(!hasNginxRtmp || chromiumPath === undefined)('subtitles', () => {
  it('are shown at their pictures, in both legs, also after the job and the supervisor were killed', { timeout: 480_000 }, async () => {
    stack = await createStack({ streams: '  - { id: none, source: "test:", enabled: false }' });
    source = await serveCaptioned(stack.directory);
    const teletext = await teletextFile(stack.directory);
    stack.list(
      [
        `  - { id: news, source: "${source.url}", output: { subtitles: webvtt } }`,
        `  - { id: old, source: ${teletext}, output: { subtitles: [deu] } }`,
      ].join('\n'),
    );
    const ran = await stack.iptv('start', '--all', '--wait', '--timeout', '90s');
    expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 /);
    const text = await eventually('the master names the subtitles', async () => {
      const master = await getText(`${stack.url}/live/news/index.m3u8`);
      return master?.includes('TYPE=SUBTITLES') === true && master.includes('CODECS') ? master : undefined;
    });
    const master = readMasterPlaylist(text);
    expect(master.mistakes).toEqual([]);
    expect(master.renditions).toMatchObject([{ uri: 'sub1/index.m3u8', attributes: { LANGUAGE: 'de', NAME: 'Deutsch' } }]);

    const shapeOf = async (name: string) => {
      const list = await getRung(`${stack.url}/live/news/${name}/index.m3u8`);
      return JSON.stringify([list?.mediaSequence, list?.discontinuitySequence, list?.segments.map(({ uri: _, ...rest }) => rest)]);
    };
    await eventually('both lists have the same numbers, durations, dates and discontinuities', async () => {
      const [picture, words] = await Promise.all(['source', 'sub1'].map(shapeOf));
      return picture === words && (picture?.match(/durationSeconds/g) ?? []).length >= 4;
    });
    // The first job learned what the source carries, and wrote none.
    await eventually('the newest segments have their cues', async () => {
      const list = await getRung(`${stack.url}/live/news/sub1/index.m3u8`);
      const newest = list?.segments.slice(-2) ?? [];
      const texts = await Promise.all(newest.map(({ uri }) => getText(`${stack.url}/live/news/sub1/${uri}`)));
      const whole = /^WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:\d+,LOCAL:\d\d:\d\d:\d\d\.\d{3}\n\n\S+\n\S+ --> \S+\ncue \d+\n/;
      return texts.length === 2 && texts.every((text) => whole.test(text ?? ''));
    });

    watch = watchPlaylist(`${stack.url}/live/news/sub1/index.m3u8`);
    house = await openPlayerHouse();
    const player = await house.open(`${stack.url}/live/news/index.m3u8`);
    await eventually('it plays', async () => (await player.report()).playedSeconds > 1);
    await player.watchCaptions();
    const rightly = (what: string) =>
      eventually(what, async () => {
        const seen = await player.captions();
        // Where a player joins or jumps, its subtitles may come a moment after its pictures: counted anew.
        if (seen.wrong > 10) await player.markCaptions();
        else if (seen.right > 100) return seen;
        throw new Error(JSON.stringify([seen, (await player.report()).errors.slice(-4)]));
      });
    await rightly('subtitles come with their pictures');
    await player.markCaptions();
    await eventually('teletext is read', async () => {
      const list = await getText(`${stack.url}/live/old/sub1/index.m3u8`);
      const [newest = ''] = list?.match(/^\S+\.vtt$/gm)?.slice(-1) ?? [];
      return /\ncue \d+\n/.test((await getText(`${stack.url}/live/old/sub1/${newest}`)) ?? '');
    });

    const { discontinuities } = await player.report();
    const [job] = stack.jobs('news');
    kill(job);
    await eventually('another job runs', () => stack.jobs('news').some((pid) => pid !== job));
    await eventually('the player shows the next job', async () => (await player.report()).discontinuities > discontinuities);
    await rightly('after the job was killed');

    const { origin } = await stack.status();
    const shown = (await player.report()).fragments.at(-1)?.sn ?? 0;
    if (origin.pid === null) throw new Error('no nginx');
    kill(-origin.pid);
    await eventually('the backup leg is shown', async () =>
      (await player.report()).fragments.some(({ sn, name }) => sn > shown && name.startsWith('stream_')),
    );
    await player.markCaptions();
    await rightly('in the backup leg');

    const { sn = 0 } = (await player.report()).fragments.at(-1) ?? {};
    await stack.loseSupervisor();
    expect((await stack.iptv('up')).code).toBe(0);
    await eventually('what the next supervisor lists is shown', async () => ((await player.report()).fragments.at(-1)?.sn ?? 0) > sn + 6);
    await player.markCaptions();
    await rightly('after the supervisor was killed');
    expect(await player.report()).toMatchObject({ reloads: 0, mediaRecoveries: 0, fatal: [], sequenceBack: 0 });
    expect(watch.report()).toMatchObject({ breaches: [], lostSegments: [], badStatuses: {} });
  });
});
