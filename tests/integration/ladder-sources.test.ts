// Ladders of sources that are not as one expects, and a supervisor that is killed: on real ffmpeg and nginx.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, describe, expect, it } from 'vitest';

import { parseMediaPlaylist } from '../../src/playlist/media-playlist.ts';
import { media } from '../helpers/media.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { beginsAt, getRung, getText, readMaster, sizeOf } from '../helpers/rungs.ts';
import { createStack, eventually, type TestStack } from '../helpers/stack.ts';

const run = promisify(execFile);
let stack: TestStack;

afterEach(() => stack?.close());

/** A phone's film: lying on disk, to be shown upright. ffmpeg 5 takes a tag for that, later ones an option. */
async function turned(from: string, to: string): Promise<void> {
  const words = ['-v', 'error', '-y'];
  await run('ffmpeg', [...words, '-display_rotation', '90', '-i', from, '-c', 'copy', to]).catch(() =>
    run('ffmpeg', [...words, '-i', from, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', to]),
  );
}

/** 320x180 at 25 frames a second for five seconds, then 640x360 at 50, in one file that goes on as if nothing were. */
async function changingSource(directory: string): Promise<string> {
  const part = async (name: string, size: string, fps: number, from: number): Promise<Buffer> => {
    const path = join(directory, name);
    const inputs = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
    const words = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', String(fps), '-c:a', 'aac', '-t', '5'];
    await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...inputs, ...words, '-output_ts_offset', String(from), '-f', 'mpegts', path]);
    return readFile(path);
  };
  const whole = join(directory, 'changing.ts');
  await writeFile(whole, Buffer.concat([await part('a.ts', '320x180', 25, 0), await part('b.ts', '640x360', 50, 5)]));
  return whole;
}

const small = '{ name: small, video: { height: 90, bitrate: 100k, preset: ultrafast } }';

describe.skipIf(!hasNginxRtmp)('ladders', () => {
  it(
    'of an upright film, of sound alone and beside a copied picture, which go on when the supervisor is killed',
    { timeout: 480_000 },
    async () => {
      stack = await createStack({ streams: '  - { id: none, source: "test:", enabled: false }' });
      await turned(await media('h264-aac.mp4'), join(stack.directory, 'turned.mp4'));
      const entries = [
        `  - { id: upright, source: turned.mp4, renditions: [${small}, { name: huge, video: { height: 720, bitrate: 1M } }] }`,
        `  - { id: changes, source: ${await changingSource(stack.directory)}, renditions: [${small}] }`,
        `  - { id: radio, source: ${await media('none-aac.ts')}, renditions: [${small}] }`,
        `  - { id: both, source: ${await media('h264-aac.ts')}, renditions: [{ name: source, video: copy }, ${small}] }`,
      ];
      stack.list(entries.join('\n'));
      const ran = await stack.iptv('start', '--all', '--wait', '--timeout', '90s');
      expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 /);
      const masterOf = async (id: string, rungs: number) =>
        eventually(`the master of ${id} names what was found`, async () => {
          const text = await getText(`${stack.url}/live/${id}/index.m3u8`);
          return text !== undefined && (text.match(/CODECS/g) ?? []).length === rungs ? readMaster(text) : undefined;
        });

      expect((await masterOf('upright', 1)).map(({ uri, attributes }) => [uri, attributes['RESOLUTION']])).toEqual([
        ['small/index.m3u8', '90x160'],
      ]);
      const upright = await eventually('the upright rung plays', async () =>
        (await getRung(`${stack.url}/live/upright/small/index.m3u8`))?.segments.at(-1),
      );
      expect(await sizeOf(stack.hls, upright.uri)).toBe('90x160');

      expect((await masterOf('radio', 1)).map(({ attributes }) => attributes['CODECS'])).toEqual(['mp4a.40.2']);
      expect((await stack.iptv('plan', 'radio', '--json')).stdout).toContain('the source has no picture: small carries its sound');

      await masterOf('both', 2);
      const [source, scaled] = await eventually('both rungs list as much', async () => {
        const lists = await Promise.all(['source', 'small'].map((name) => getRung(`${stack.url}/live/both/${name}/index.m3u8`)));
        const isSame = lists[0]?.mediaSequence === lists[1]?.mediaSequence && lists[0]?.segments.length === lists[1]?.segments.length;
        return isSame && (lists[0]?.segments.length ?? 0) >= 3 ? lists : undefined;
      });
      for (const [index, { uri }] of (source?.segments ?? []).slice(-2).entries()) {
        const [left, right] = await Promise.all([
          beginsAt(stack.hls, uri),
          beginsAt(stack.hls, scaled?.segments.slice(-2)[index]?.uri ?? ''),
        ]);
        expect(Math.abs(left - right)).toBeLessThanOrEqual(1 / 25);
      }

      // The picture becomes four times as large and slower while the job runs: the rung stays as it was, and so does the job.
      const [changing] = stack.jobs('changes');
      const sizes = new Set<string>();
      await eventually('segments of both halves', async () => {
        const list = parseMediaPlaylist(await readFile(join(stack.hls, 'stream_changes_small.m3u8'), 'utf8'));
        for (const { uri } of list?.segments.slice(-3) ?? []) sizes.add(await sizeOf(stack.hls, uri));
        // Segments of two seconds: eight are more than both halves.
        return (list?.segments.length ?? 0) >= 8;
      });
      expect([...sizes]).toEqual(['160x90']);
      expect(stack.jobs('changes')).toEqual([changing]);

      const jobs = stack.jobs('both');
      const before = source?.mediaSequence ?? 0;
      await stack.loseSupervisor();
      expect((await stack.iptv('up')).code).toBe(0);
      const after = await eventually('the rungs go on', async () => {
        const lists = await Promise.all(['source', 'small'].map((name) => getRung(`${stack.url}/live/both/${name}/index.m3u8`)));
        const [left, right] = lists;
        const isSame = left?.mediaSequence === right?.mediaSequence && left?.segments.length === right?.segments.length;
        return isSame && (left?.mediaSequence ?? 0) > before ? left : undefined;
      });
      expect(stack.jobs('both')).toEqual(jobs);
      // The same list goes on: nobody was told to forget what was there.
      expect(after?.segments.length).toBeGreaterThanOrEqual(3);
    },
  );
});
