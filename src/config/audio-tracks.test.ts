// `audioTracks:` in streams.yaml: what it becomes, and the exact report of what cannot be.

import { describe, expect, it } from 'vitest';

import { list, report, streamOf } from '../../tests/helpers/one-stream.ts';
import { pictureAsItIs } from './ladders.ts';

describe('audioTracks', () => {
  it('are all sounds or a list, above the picture as it is where there is no ladder', () => {
    expect(streamOf(list('output: { audioTracks: all }'))).toMatchObject({ output: { audioTracks: 'all' }, renditions: pictureAsItIs });
    const own = '[deu, 2, { track: 3, name: Kommentar, language: deu }]';
    expect(streamOf(list(`output: { audioTracks: ${own} }\n    ladder: mobile`))).toMatchObject({
      output: { audioTracks: [{ track: 'deu' }, { track: 2 }, { track: 3, name: 'Kommentar', language: 'deu' }] },
      renditions: [{ name: '480p' }, { name: '360p' }, { name: 'audio' }],
    });
  });

  it('of one sound are audioTrack: there is nothing to choose from', () => {
    const stream = streamOf(list('output: { audioTracks: [deu] }'));
    expect(stream?.output).toMatchObject({ audioTrack: 'deu' });
    expect(stream?.renditions).toBeUndefined();
  });

  it('of a stream win over those of the defaults, and over the single one there', () => {
    const text = (common: string, own: string): string =>
      `version: 1\ndefaults: { output: { ${common} } }\nstreams:\n  - { id: news, source: "test:", output: { ${own} } }\n`;
    expect(streamOf(text('audioTracks: [deu, eng]', 'audioTrack: fra'))?.output).toEqual(
      expect.not.objectContaining({ audioTracks: expect.anything() as unknown }),
    );
    expect(streamOf(text('audioTrack: fra', 'audioTracks: all'))?.output).toEqual(
      expect.not.objectContaining({ audioTrack: expect.anything() as unknown }),
    );
  });

  it.each<[string, string]>([
    [
      list('output: { audioTrack: deu, audioTracks: [deu, eng] }'),
      '5:32 streams[0].output.audioTracks: use either audioTrack or audioTracks, not both',
    ],
    [
      list('output: { audioTracks: [deu, eng, ger] }'),
      '5:39 streams[0].output.audioTracks[2]: ger is the same as deu before it: another sound of that language is asked for by its number',
    ],
    [list('output: { audioTracks: [2, 1, 2] }'), '5:35 streams[0].output.audioTracks[2]: 2 is the same as 2 before it: once is enough'],
    [list('output: { audio: none, audioTracks: all }'), '5:28 streams[0].output.audioTracks: audio: none leaves no sound to choose from'],
    [
      list('output: { video: transcode, audioTracks: all }'),
      '5:33 streams[0].output.audioTracks: with video: transcode it needs renditions or a ladder, which say how the picture is encoded',
    ],
    [
      list('output: { audioTracks: [deu, eng] }\n    renditions: [{ name: eng, video: copy }]'),
      '5:34 streams[0].output.audioTracks[1]: this sound is named eng, and so is a rendition of this stream: rename the rendition',
    ],
    [
      list('output: { audioTracks: [deu, eng] }', 'n'.repeat(62)),
      `5:29 streams[0].output.audioTracks[0]: ${'n'.repeat(62)}_deu names its files and is longer than 64 characters: use a shorter id`,
    ],
    [list('output: { audioTracks: [deu, { name: x }] }'), '5:36 streams[0].output.audioTracks[1].track: is missing'],
    [
      list('output: { audioTracks: [deu, { track: eng, language: English }] }'),
      '5:58 streams[0].output.audioTracks[1].language: expected a language such as deu or de (ISO 639), got "English"',
    ],
  ])('refuses %j', (text, expected) => {
    expect(report(text).filter((line) => !line.includes('is named source'))).toEqual(
      expected.includes(`${'n'.repeat(62)}`) ? expect.arrayContaining([expected]) : [expected],
    );
  });

  it.each([
    ['German', 'expected all, or a list such as [deu, eng], got "German"'],
    ['[1, 2, 3, 4, 5, 6, 7, 8, 9]', 'the list is too long: at most 8 are allowed'],
    ['[]', 'the list is empty'],
  ])('is not %s', (value, message) => {
    expect(report(list(`output: { audioTracks: ${value} }`))).toEqual([`5:28 streams[0].output.audioTracks: ${message}`]);
  });
});
