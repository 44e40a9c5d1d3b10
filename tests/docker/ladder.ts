// A small ladder in the docker runtime: its list, and what a viewer at the published port finds of it.

import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

import { decode } from '../helpers/media.ts';
import { readMaster } from '../helpers/rungs.ts';
import { eventually } from '../helpers/wait.ts';
import { ask } from './http-behaviour.ts';

const rungs = { high: 180, low: 96 } as const;

/** Two rungs, cheap enough for a busy machine. */
export const ladderEntry = [
  '  - id: sizes',
  '    source: test:?size=320x180&fps=25&tone=440',
  '    renditions:',
  ...Object.entries(rungs).map(
    ([name, height]) => `      - { name: ${name}, video: { height: ${height}, bitrate: 100k, preset: ultrafast } }`,
  ),
  '',
].join('\n');

/** The master is valid, and names what both legs of both rungs and the channel itself are made of. */
export async function expectLadder(url: (path: string) => string, directory: string): Promise<void> {
  const limit = { timeoutMs: 60_000, every: 500 };
  const { text } = await eventually(
    () => ask(url('/live/sizes/index.m3u8')),
    (answer) => (answer.text.match(/CODECS/g) ?? []).length === 2,
    { ...limit, what: 'a master playlist that knows its codecs' },
  );
  expect(readMaster(text).map(({ uri, attributes }) => [uri, attributes['RESOLUTION']])).toEqual([
    ['high/index.m3u8', '320x180'],
    ['low/index.m3u8', '170x96'],
  ]);
  for (const name of Object.keys(rungs)) {
    for (const playlist of [`/hls/sizes_${name}.m3u8`, `/hls/stream_sizes_${name}.m3u8`, `/live/sizes/${name}/index.m3u8`]) {
      const names = await eventually(
        async () => (await ask(url(playlist))).text.match(/^\S+\.ts$/gm) ?? [],
        (found) => found.length >= 2,
        { ...limit, what: `two segments in ${playlist}` },
      );
      const copy = join(directory, 'rung.ts');
      await writeFile(copy, (await ask(url(`${dirname(playlist)}/${names.at(-1) ?? ''}`))).bytes);
      const decoded = await decode(copy);
      expect([playlist, decoded.errors, decoded.codecs.toSorted(), decoded.width]).toEqual([
        playlist,
        [],
        ['aac', 'h264'],
        name === 'high' ? 320 : 170,
      ]);
    }
  }
}
