import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { legHead } from './leg-head.ts';
import { parseMediaPlaylist, type MediaPlaylist } from './media-playlist.ts';
import { printMediaPlaylist } from './print-playlist.ts';

/** As ffmpeg 5.1 wrote it. */
const backup = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:896674004
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-DISCONTINUITY
#EXTINF:2.000000,
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T13:26:42.083+0000
stream_news_896674004.ts
#EXTINF:1.960000,
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T14:26:44.083+0100
stream_news_896674005.ts
`;

/** As nginx-rtmp wrote it. */
const primary = `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-MEDIA-SEQUENCE:4
#EXT-X-TARGETDURATION:2
#EXTINF:2.000,
news-1795354002103.ts
#EXTINF:2.000,
news-1795354004110.ts
`;

describe('parseMediaPlaylist', () => {
  it("reads ffmpeg's", () => {
    expect(parseMediaPlaylist(backup)).toEqual({
      version: 6,
      targetDurationSeconds: 2,
      mediaSequence: 896674004,
      discontinuitySequence: 0,
      tags: ['#EXT-X-INDEPENDENT-SEGMENTS'],
      ended: false,
      segments: [
        {
          uri: 'stream_news_896674004.ts',
          durationSeconds: 2,
          title: '',
          discontinuity: true,
          programDateTimeMs: Date.UTC(2026, 10, 22, 13, 26, 42, 83),
          tags: [],
        },
        {
          uri: 'stream_news_896674005.ts',
          durationSeconds: 1.96,
          title: '',
          discontinuity: false,
          programDateTimeMs: Date.UTC(2026, 10, 22, 13, 26, 44, 83),
          tags: [],
        },
      ],
    });
  });

  it("reads nginx-rtmp's", () => {
    expect(parseMediaPlaylist(primary)).toMatchObject({
      mediaSequence: 4,
      segments: [{ uri: 'news-1795354002103.ts' }, { uri: 'news-1795354004110.ts' }],
    });
  });

  it.each(['', '\n', '\0\0', 'hello', '<html>', '#EXT', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n'])(
    'is undefined for %j',
    (text) => {
      expect(parseMediaPlaylist(text)).toBeUndefined();
    },
  );

  it('keeps tags it does not know with their segment or with the list', () => {
    const text =
      '#EXTM3U\r\n#EXT-X-FUTURE:1\r\n#EXT-X-KEY:METHOD=NONE\r\n# a remark\r\n#EXTINF:4,the title\r\n#EXT-X-GAP\r\na.ts\r\n#EXT-X-ENDLIST\r\n';
    expect(parseMediaPlaylist(text)).toMatchObject({
      tags: ['#EXT-X-FUTURE:1'],
      ended: true,
      segments: [{ uri: 'a.ts', title: 'the title', tags: ['#EXT-X-KEY:METHOD=NONE', '#EXT-X-GAP'] }],
    });
  });

  it('survives half a playlist, nonsense numbers and URIs without EXTINF', () => {
    expect(parseMediaPlaylist('#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:x\n#EXTINF:-3,\na.ts\nstray.ts\n#EXTINF:2')).toMatchObject({
      mediaSequence: 0,
      segments: [{ uri: 'a.ts', durationSeconds: 0 }],
    });
  });
});

const word = fc.stringMatching(/^[a-z0-9_][a-z0-9_ .-]{0,20}[a-z0-9]$/);
const segment = fc.record({
  uri: word,
  durationSeconds: fc.oneof(
    fc.constant(2),
    fc.integer({ min: 0, max: 1e9 }).map((micros) => micros / 1e6),
  ),
  title: fc.oneof(fc.constant(''), word),
  discontinuity: fc.boolean(),
  programDateTimeMs: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }),
  tags: fc.array(
    word.map((value) => `#EXT-X-BYTERANGE:${value}`),
    { maxLength: 2 },
  ),
});
const playlist: fc.Arbitrary<MediaPlaylist> = fc.record({
  version: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  targetDurationSeconds: fc.integer({ min: 0, max: 1000 }),
  mediaSequence: fc.maxSafeNat(),
  discontinuitySequence: fc.nat(),
  tags: fc.array(
    word.map((value) => `#EXT-X-OTHER:${value}`),
    { maxLength: 2 },
  ),
  segments: fc.array(segment, { maxLength: 12 }),
  ended: fc.boolean(),
});

/** Lines as they stand in real and in broken playlists. */
const line = fc.oneof(
  fc.constantFrom(
    ...backup.split('\n'),
    ...primary.split('\n'),
    '#EXTINF:',
    '#EXTINF:9,',
    '#EXT-X-ENDLIST',
    'x.ts',
    '#EXT-X-DISCONTINUITY-SEQUENCE:7',
    '#',
  ),
  fc.string(),
);

describe('printing', () => {
  it('gives back the same meaning', () => {
    fc.assert(
      fc.property(playlist, (value) => {
        expect(parseMediaPlaylist(printMediaPlaylist(value))).toEqual(value);
      }),
    );
  });

  it('gives back the same meaning for whatever was readable, and reading never throws', () => {
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const first = parseMediaPlaylist(`#EXTM3U\n${lines.join('\n')}`);
        if (first !== undefined) expect(parseMediaPlaylist(printMediaPlaylist(first))).toEqual(first);
      }),
      { numRuns: 500 },
    );
  });

  it('is line for line what nginx-rtmp writes', () => {
    const read = parseMediaPlaylist(primary);
    expect(read && printMediaPlaylist(read).split('\n').sort()).toEqual(primary.split('\n').sort());
  });
});

describe('legHead', () => {
  it('tells sequence, count and the last segment', () => {
    expect(legHead(backup)).toEqual({
      mediaSequence: 896674004,
      segments: 2,
      lastUri: 'stream_news_896674005.ts',
      lastDurationSeconds: 1.96,
      targetDurationSeconds: 2,
    });
    expect(legHead(primary)).toEqual({
      mediaSequence: 4,
      segments: 2,
      lastUri: 'news-1795354004110.ts',
      lastDurationSeconds: 2,
      targetDurationSeconds: 2,
    });
  });

  it.each(['', 'garbage', '#EXTM3U\n', '#EXTM3U\n#EXTINF:2,\n', '\0\0'])('is undefined for %j', (text) => {
    expect(legHead(text)).toBeUndefined();
  });

  it('agrees with the full reading', () => {
    fc.assert(
      fc.property(playlist, (value) => {
        const head = legHead(printMediaPlaylist(value));
        const last = value.segments.at(-1);
        if (last === undefined) expect(head).toBeUndefined();
        else {
          expect(head).toEqual({
            mediaSequence: value.mediaSequence,
            segments: value.segments.length,
            lastUri: last.uri,
            lastDurationSeconds: last.durationSeconds,
            targetDurationSeconds: value.targetDurationSeconds,
          });
        }
      }),
    );
  });
});
