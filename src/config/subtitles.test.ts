import { describe, expect, it } from 'vitest';

import { list, report, streamOf } from '../../tests/helpers/one-stream.ts';

describe('output.subtitles', () => {
  it('is drop by default; with subtitles a stream has renditions, of its own or the copied picture', () => {
    expect(streamOf(list('output: {subtitles: drop}'))).not.toHaveProperty('renditions');
    expect(streamOf(list('output: {subtitles: drop}'))?.output.subtitles).toBeUndefined();
    const plain = streamOf(list('output: {subtitles: webvtt}'));
    expect([plain?.output.subtitles, plain?.renditions]).toEqual(['text', [{ name: 'source', video: 'copy' }]]);
    const chosen = streamOf(list('output: {subtitles: [deu, 2]}\n    ladder: mobile'));
    expect([chosen?.output.subtitles, chosen?.renditions?.length]).toEqual([['deu', 2], 3]);
  });

  it.each<[string, readonly string[]]>([
    [
      list('output: {subtitles: srt}'),
      [
        '5:25 streams[0].output.subtitles: expected drop, webvtt, or a list of tracks by their numbers or languages, such as [deu, 2], got "srt"',
      ],
    ],
    [
      list('output: {subtitles: [deu, German]}'),
      [
        '5:25 streams[0].output.subtitles: expected drop, webvtt, or a list of tracks by their numbers or languages, such as [deu, 2], got "German"',
      ],
    ],
    [list('output: {subtitles: []}'), ['5:25 streams[0].output.subtitles: expected 1 to 8 tracks, got 0']],
    [
      list('output: {subtitles: webvtt, video: transcode}'),
      ['5:40 streams[0].output.video: with subtitles the picture is copied: to encode it, say how in renditions'],
    ],
    [
      list('output: {subtitles: webvtt}\n    renditions: [{name: sub2, video: copy}]'),
      ['5:25 streams[0].output.subtitles: a rendition is named sub2, which names subtitles: use another name'],
    ],
    [
      list('output: {subtitles: webvtt}', 'a'.repeat(62)),
      [
        `5:25 streams[0].output.subtitles: ${'a'.repeat(62)}_sub1 would name its subtitles and is longer than 64 characters: use a shorter id`,
      ],
    ],
  ])('%#: reports what cannot be', (text, expected) => {
    expect(report(text)).toEqual(expected);
  });
});
