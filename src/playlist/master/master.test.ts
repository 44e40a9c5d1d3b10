import { describe, expect, it } from 'vitest';

import { languageTag } from '../../core/language.ts';
import { emptyChannel, type ChannelState } from '../channel/channel-state.ts';
import { printChannel } from '../channel/channel-text.ts';
import { append } from '../channel/window.ts';
import { parseMediaPlaylist } from '../media-playlist.ts';
import { announce, measure, nothingMeasured } from './bandwidth.ts';
import { codecsOf } from '../validate/segment-codecs.ts';
import { readMasterPlaylist } from '../validate/master.ts';
import { printMaster } from './master-text.ts';
import { groupOf, printRendition } from './renditions.ts';
import { printRung, restoreRungs } from '../channel/rung-text.ts';

const settings = { segmentSeconds: 2, windowSegments: 5, cushionSeconds: undefined, stallAfterMs: undefined };

function channelOf(count: number): ChannelState {
  const input = { now: 0, wallMs: 1e12, settings, legs: { primary: [], backup: [] }, slate: undefined, missing: new Set<string>() };
  let state = emptyChannel({ nextSequence: 40, discontinuitySequence: 7, targetDurationSeconds: 2, begun: true }, 0);
  for (let index = 0; index < count; index += 1) {
    const uri = `news_high-100000000000${index}.ts`;
    state = append(
      state,
      { uri, durationSeconds: 2, discontinuity: index === 1, from: 'primary', endedAt: 2000 * index },
      { ...input, now: 2000 * index },
    );
  }
  return state;
}

const low = (uri: string) => ({ uri: uri.replace('high', 'low'), durationSeconds: 2.02 });

describe('a rung of a channel', () => {
  it('has the numbers, dates and joints of all rungs, and its own segments', () => {
    const state = channelOf(4);
    const [first, rung] = [
      parseMediaPlaylist(printChannel(state, settings)),
      parseMediaPlaylist(printRung(state, settings, ({ uri }) => low(uri))),
    ];
    expect(rung).toMatchObject({ mediaSequence: 40, discontinuitySequence: 7, targetDurationSeconds: 2 });
    const shape = ({ discontinuity, programDateTimeMs }: { discontinuity: boolean; programDateTimeMs: number | undefined }) => [
      discontinuity,
      programDateTimeMs,
    ];
    expect(rung?.segments.map(shape)).toEqual(first?.segments.map(shape));
    expect(rung?.segments[0]).toMatchObject({ uri: 'news_low-1000000000000.ts', durationSeconds: 2.02 });
  });

  it('lists only what came after it, under the same numbers, when it is new', () => {
    const uris = channelOf(4).entries.map(({ uri }) => uri);
    const text = printRung(channelOf(4), settings, ({ uri }) => (uris.indexOf(uri) < 2 ? undefined : low(uri)));
    expect(parseMediaPlaylist(text)).toMatchObject({ mediaSequence: 42, discontinuitySequence: 8 });
    expect(parseMediaPlaylist(text)?.segments).toHaveLength(2);
  });

  it('is found again by a new supervisor, also when the old one died between two of them', () => {
    const state = channelOf(4);
    const first = printChannel(state, settings);
    const whole = printRung(state, settings, ({ uri }) => low(uri));
    expect(restoreRungs(first, new Map([['low', whole]]))?.text).toBe(first);
    const next = { ...state, entries: state.entries.slice(1) };
    const ahead = printRung(next, settings, ({ uri }) => low(uri));
    const restored = restoreRungs(first, new Map([['low', ahead]]));
    expect(parseMediaPlaylist(restored?.text ?? '')).toMatchObject({ mediaSequence: 41 });
    expect(restored?.pieces.get('news_high-1000000000001.ts')?.get('low')?.uri).toBe('news_low-1000000000001.ts');
    const behind = printRung({ ...state, entries: state.entries.slice(0, 3), nextSequence: 43 }, settings, ({ uri }) => low(uri));
    expect(restoreRungs(first, new Map([['low', behind]]))).toBeUndefined();
    expect(restoreRungs(first, new Map([['low', '']]))).toBeUndefined();
    expect(restoreRungs(first, new Map([['low', '']]), () => true)?.text).toBe(first);
  });
});

describe('the figures of a rung', () => {
  const segmentOf = (bps: number) => ({ bytes: bps / 4, durationSeconds: 2 });

  it('hold the peak with some room, and change only when a segment needs more', () => {
    let measured = measure(measure(nothingMeasured, segmentOf(1_000_000)), segmentOf(2_000_000));
    const first = announce(measured, undefined);
    expect(first).toEqual({ peakBps: 2_200_000, averageBps: 1_500_000 });
    measured = measure(measured, segmentOf(2_100_000));
    expect(announce(measured, first)).toBe(first);
    measured = measure(measured, segmentOf(2_300_000));
    expect(announce(measured, first)?.peakBps).toBe(2_530_000);
  });

  it('come down when they are far too high for long', () => {
    const before = { peakBps: 9_000_000, averageBps: 5_000_000 };
    let measured = nothingMeasured;
    for (let index = 0; index < 59; index += 1) measured = measure(measured, segmentOf(1_000_000));
    expect(announce(measured, before)).toBe(before);
    expect(announce(measure(measured, segmentOf(1_000_000)), before)?.peakBps).toBe(1_100_000);
  });
});

describe('printMaster', () => {
  it('writes what RFC 8216 4.3.4.2 asks for, and leaves out what is not known', () => {
    const bandwidth = { peakBps: 2_200_000, averageBps: 1_500_000 };
    const text = printMaster([
      { uri: '720p/index.m3u8', bandwidth, codecs: 'avc1.64001f,mp4a.40.2', width: 1280, height: 720, fps: 30_000 / 1001 },
      { uri: 'audio/index.m3u8', bandwidth, codecs: undefined, width: undefined, height: undefined, fps: undefined },
    ]);
    expect(text.split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-STREAM-INF:BANDWIDTH=2200000,AVERAGE-BANDWIDTH=1500000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970',
      '720p/index.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=2200000,AVERAGE-BANDWIDTH=1500000',
      'audio/index.m3u8',
      '',
    ]);
  });

  it('says no codecs of what is no transport stream', () => {
    expect(codecsOf(new Uint8Array(400).fill(0x47))).toBeUndefined();
    expect(codecsOf(new Uint8Array())).toBeUndefined();
  });
});

describe('alternative renditions', () => {
  const bandwidth = { peakBps: 2_200_000, averageBps: 1_500_000 };
  const picture = { bandwidth, codecs: 'avc1.64001f,mp4a.40.2', width: 1280, height: 720, fps: 25 };
  const sound = (
    language: string | undefined,
    more: { readonly name?: string; readonly uri?: string; readonly isDefault?: true } = {},
  ) => ({
    type: 'AUDIO' as const,
    groupId: 'audio',
    name: more.name,
    language,
    isDefault: more.isDefault ?? false,
    channels: 2,
    ...(more.uri === undefined ? {} : { uri: more.uri }),
  });

  it('are named in their own language, differ in name, and are chosen by language once', () => {
    const group = groupOf(
      [
        sound('de', { isDefault: true }),
        sound('en', { uri: 'eng/index.m3u8' }),
        sound('de', { uri: 'x' }),
        sound(undefined, { uri: 'y' }),
        sound('qaa'),
        sound('en', { name: 'Say "hi"\n' }),
      ],
      'Sound',
    );
    expect(group.map(({ name, isAutomatic }) => [name, isAutomatic])).toEqual([
      ['Deutsch', true],
      ['English', true],
      ['Deutsch 2', false],
      ['Sound 4', false],
      ['Original', true],
      ["Say 'hi'", false],
    ]);
  });

  it('stand before the variants, which name their groups, and are what the checker takes', () => {
    const audio = groupOf([sound('de', { isDefault: true }), sound('en', { uri: 'eng/index.m3u8' })], 'Sound');
    const subtitles = groupOf(
      [{ type: 'SUBTITLES', groupId: 'subs', name: undefined, language: 'de', isDefault: false, uri: 'sub-de/index.m3u8' }],
      'Subtitles',
    );
    const text = printMaster(
      [{ ...picture, uri: '720p/index.m3u8', audioGroup: 'audio', subtitlesGroup: 'subs' }],
      [...audio, ...subtitles],
    );
    expect(text.split('\n').slice(1, 7)).toEqual([
      '#EXT-X-VERSION:4',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Deutsch",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2"',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="2",URI="eng/index.m3u8"',
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="Deutsch",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="sub-de/index.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=2200000,AVERAGE-BANDWIDTH=1500000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio",SUBTITLES="subs"',
    ]);
    const read = readMasterPlaylist(text);
    expect(read.mistakes).toEqual([]);
    expect(read.renditions.map(({ uri }) => uri)).toEqual(['', 'eng/index.m3u8', 'sub-de/index.m3u8']);
  });

  it.each<[string, string | undefined]>([
    ['deu', 'de'],
    ['ger', 'de'],
    ['de', 'de'],
    ['FRE', 'fr'],
    ['qaa', 'qaa'],
    ['und', undefined],
    ['mul', undefined],
    ['x', undefined],
    ['german', undefined],
  ])('have %s as the tag %s', (code, tag) => {
    expect(languageTag(code)).toBe(tag);
  });
});

describe('the checker of master playlists', () => {
  const valid = [
    '#EXTM3U',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,URI="eng/index.m3u8"',
    '#EXT-X-STREAM-INF:BANDWIDTH=1000,AUDIO="a"',
    'high/index.m3u8',
  ];

  it.each<[string, string, string]>([
    ['#EXTM3U', '#EXTM3V', 'it does not begin with #EXTM3U (4.3.1.1)'],
    ['#EXTM3U', '#EXTM3U\n#EXT-X-TARGETDURATION:2', '#EXT-X-TARGETDURATION:2 belongs into a media playlist (4.1)'],
    ['BANDWIDTH=1000', 'BANDWIDTH=0', 'high/index.m3u8: BANDWIDTH is required, a whole number (4.3.4.2)'],
    ['AUDIO="a"', 'AUDIO="b"', 'high/index.m3u8: AUDIO="b" names no group of EXT-X-MEDIA (4.3.4.2)'],
    ['NAME="English"', 'NAME="Deutsch"', 'AUDIO a: two renditions have one name: Deutsch, Deutsch (4.3.4.1.1)'],
    ['LANGUAGE="en"', 'LANGUAGE="de"', 'AUDIO a: two renditions that are chosen automatically do not differ in language (4.3.4.1.1)'],
    ['LANGUAGE="en"', 'LANGUAGE="deu"', 'LANGUAGE=deu is no tag of RFC 5646 (4.3.4.1)'],
    ['DEFAULT=NO', 'DEFAULT=YES', 'AUDIO a: more than one default (4.3.4.1.1)'],
    ['DEFAULT=YES,AUTOSELECT=YES', 'DEFAULT=YES,AUTOSELECT=NO', 'Deutsch: the default must be chosen automatically (4.3.4.1)'],
    ['NAME="English"', 'NAME=English', 'NAME=English must be quoted (4.2)'],
    ['TYPE=AUDIO,GROUP-ID="a",NAME="Deutsch"', 'TYPE=SUBTITLES,GROUP-ID="a",NAME="Deutsch"', 'Deutsch: subtitles need a URI (4.3.4.1)'],
    ['high/index.m3u8', '#high', 'no URI follows #EXT-X-STREAM-INF:BANDWIDTH=1000,AUDIO="a" (4.3.4.2)'],
  ])('finds %s made %s', (from, to, mistake) => {
    const text = valid.join('\n');
    expect(readMasterPlaylist(`${text}\n`).mistakes).toEqual([]);
    expect(readMasterPlaylist(`${text.replace(from, to)}\n`).mistakes).toContain(mistake);
  });

  it('writes what a rendition is called without breaking its line', () => {
    expect(printRendition({ type: 'AUDIO', groupId: 'a', name: 'a"b\nc', language: undefined, isDefault: false, isAutomatic: false })).toBe(
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a\'b c",DEFAULT=NO,AUTOSELECT=NO',
    );
  });
});
