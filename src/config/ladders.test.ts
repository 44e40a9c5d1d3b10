// `ladder:` and `renditions:` in streams.yaml: what they become, and the exact report of what cannot be.

import { describe, expect, it } from 'vitest';

import { list, report, streamOf } from '../../tests/helpers/one-stream.ts';
import { ladders } from './ladders.ts';

const renditionsOf = (text: string) => streamOf(text)?.renditions;

describe('renditions', () => {
  it('are a named ladder or a list; without either a stream is as it was', () => {
    expect(renditionsOf(list('ladder: 1080p'))).toBe(ladders['1080p']);
    expect(renditionsOf(list('name: News'))).toBeUndefined();
    const own =
      '[{name: source, video: copy}, {name: sd, video: {height: 576, bitrate: 1.5M, fps: 25}, audio: {bitrate: 96k}}, {name: radio, video: none}]';
    expect(renditionsOf(list(`renditions: ${own}`))).toEqual([
      { name: 'source', video: 'copy' },
      { name: 'sd', video: { height: 576, bitrateBps: 1_500_000, fps: 25 }, audioBitrateBps: 96_000 },
      { name: 'radio', video: 'none' },
    ]);
  });

  it('of a stream win over those of the defaults as a whole', () => {
    const text = (own: string): string => `version: 1\ndefaults: { ladder: mobile }\nstreams:\n  - { id: news, source: "test:"${own} }\n`;
    expect(renditionsOf(text(''))).toBe(ladders.mobile);
    expect(renditionsOf(text(', renditions: [{name: source, video: copy}]'))).toEqual([{ name: 'source', video: 'copy' }]);
  });

  it.each<[string, readonly string[]]>([
    [list('ladder: 4k'), ['5:13 streams[0].ladder: expected one of 1080p, 720p, mobile, got "4k"']],
    [
      list('ladder: 720p\n    renditions: [{name: a, video: copy}]'),
      ['6:5 streams[0].renditions: use either ladder or renditions, not both'],
    ],
    [
      list('renditions: [{name: a, video: copy}, {name: a, video: none}]'),
      ['5:49 streams[0].renditions[1].name: the name a is already used by another rendition of this stream'],
    ],
    [
      list('renditions: [{name: 720, video: copy}]'),
      ['5:25 streams[0].renditions[0].name: expected a name, got the number 720: put it in quotes'],
    ],
    [
      list('renditions: [{name: HD_1, video: copy}]'),
      [
        '5:25 streams[0].renditions[0].name: a name may hold only a-z and 0-9, and at least one letter: it becomes a part of file names, got "HD_1"',
      ],
    ],
    [
      list('renditions: [{name: a, video: {height: 721, bitrate: 1M}}]'),
      ['5:44 streams[0].renditions[0].video.height: must be even: players take a colour for two by two pixels, got the number 721'],
    ],
    [
      list('renditions: [{name: a, video: {height: 720, bitrate: fast}}]'),
      ['5:58 streams[0].renditions[0].video.bitrate: expected bits a second such as 2800k or 2.8M, from 50k to 100M, got "fast"'],
    ],
    [
      list('renditions: [{name: a, video: {height: 720, bitrate: 2M, maxrate: 1500k}}]'),
      ['5:71 streams[0].renditions[0].video.maxrate: must not be lower than bitrate'],
    ],
    [
      list('ladder: mobile', 'n'.repeat(62)),
      [`5:13 streams[0].ladder: ${'n'.repeat(62)}_480p names its files and is longer than 64 characters: use a shorter id or name`],
    ],
    [list('output: {loudness: loud}'), ['5:24 streams[0].output.loudness: expected LUFS from -36 to -9, such as -23, got "loud"']],
    [
      list('output: {audioTrack: German}'),
      ['5:26 streams[0].output.audioTrack: expected the number of a sound, counted from 1, or a language such as deu, got "German"'],
    ],
    [
      list('output: {encoder: gpu}'),
      ['5:23 streams[0].output.encoder: expected one of auto, x264, nvenc, qsv, vaapi, videotoolbox, got "gpu"'],
    ],
    [
      `version: 1\nstreams:\n  - { id: news, source: "test:", ladder: 720p }\n  - { id: news_720p, source: "test:" }\n`,
      ['4:11 streams[1].id: the id news_720p collides with news on line 3: renditions of news are named news_<rendition>'],
    ],
  ])('refuses %j', (text, expected) => {
    expect(report(text).slice(0, 1)).toEqual(expected);
  });
});
