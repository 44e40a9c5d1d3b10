import { describe, expect, it } from 'vitest';

import type { PlaylistFinding } from './finding.ts';
import { rules, type Rule } from './rules.ts';
import { validatePlaylist, type SnapshotOptions } from './snapshot.ts';

const channel: SnapshotOptions = { producer: 'channel' };

const good = `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:1
#EXTINF:2.000,
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T13:26:42.083+0000
a.ts
#EXT-X-DISCONTINUITY
#EXTINF:2.400,
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T13:26:44.083Z
b.ts
#EXTINF:2.000,
c.ts
`;

const nowMs = Date.UTC(2026, 10, 22, 13, 26, 49);

function rulesOf(findings: readonly PlaylistFinding[]): readonly Rule[] {
  return findings.map(({ rule }) => rule);
}

const without = (line: string): string => good.replace(`${line}\n`, '');
const instead = (line: string, other: string): string => good.replace(line, other);

describe('validatePlaylist', () => {
  it('finds nothing in what holds every rule', () => {
    expect(validatePlaylist(good, { ...channel, nowMs })).toEqual([]);
    expect(validatePlaylist(new TextEncoder().encode(good.replaceAll('\n', '\r\n')), { ...channel, nowMs })).toEqual([]);
  });

  it.each<[Rule, string | Uint8Array, SnapshotOptions?]>([
    ['empty', ''],
    ['not-a-playlist', '<html>\n'],
    ['not-a-playlist', ' #EXTM3U\n'],
    ['not-a-playlist', '#EXTM3U8\n'],
    ['not-utf8', new Uint8Array([...new TextEncoder().encode(good), 0xff])],
    ['byte-order-mark', `\uFEFF${good}`],
    ['control-character', instead('2.000,', '2.000,\u0000')],
    ['control-character', instead('2.000,', '2.000,\ttab')],
    ['master-playlist', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n'],
    ['mixed-playlist', instead('#EXTINF:2.000,', '#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXTINF:2.000,')],
    ['target-duration-missing', without('#EXT-X-TARGETDURATION:2')],
    ['target-duration-invalid', instead('TARGETDURATION:2', 'TARGETDURATION:2.0')],
    ['target-duration-invalid', instead('TARGETDURATION:2', 'TARGETDURATION:0')],
    ['segment-too-long', instead('2.400', '2.500')],
    ['version-too-low', without('#EXT-X-VERSION:3')],
    ['version-too-low', instead('#EXTINF:2.400', '#EXT-X-BYTERANGE:100@0\n#EXTINF:2.400')],
    ['version-too-low', instead('#EXTINF:2.400', '#EXT-X-MAP:URI="i.mp4"\n#EXTINF:2.400')],
    ['version-too-high', instead('VERSION:3', 'VERSION:6')],
    ['tag-repeated', instead('#EXT-X-VERSION:3', '#EXT-X-VERSION:3\n#EXT-X-VERSION:3')],
    ['tag-repeated', instead('#EXTINF:2.000,', '#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2.000,')],
    ['tag-too-late', `${without('#EXT-X-MEDIA-SEQUENCE:7')}#EXT-X-MEDIA-SEQUENCE:7\n`],
    ['tag-too-late', `${without('#EXT-X-DISCONTINUITY-SEQUENCE:1')}#EXT-X-DISCONTINUITY-SEQUENCE:1\n`],
    ['duration-missing', without('#EXTINF:2.400,')],
    ['duration-invalid', instead('2.400', 'two')],
    ['duration-invalid', instead('2.400', '-2.4')],
    ['uri-missing', without('a.ts')],
    ['uri-missing', without('c.ts')],
    ['no-segments', '#EXTM3U\n#EXT-X-TARGETDURATION:2\n'],
    ['playlist-type-on-live', instead('#EXT-X-VERSION:3', '#EXT-X-VERSION:3\n#EXT-X-PLAYLIST-TYPE:EVENT')],
    ['media-sequence-invalid', instead('SEQUENCE:7', 'SEQUENCE:-7')],
    ['too-short', without('#EXTINF:2.000,\nc.ts')],
    ['discontinuity-sequence-invalid', instead('DISCONTINUITY-SEQUENCE:1', 'DISCONTINUITY-SEQUENCE:x')],
    ['discontinuity-sequence-missing', without('#EXT-X-DISCONTINUITY-SEQUENCE:1')],
    ['date-invalid', instead('2026-11-22T13:26:42.083+0000', 'yesterday')],
    ['date-missing-after-discontinuity', without('#EXT-X-PROGRAM-DATE-TIME:2026-11-22T13:26:44.083Z')],
    ['date-not-increasing', instead('13:26:44.083Z', '13:26:42.083Z')],
    ['date-off', good, { ...channel, nowMs: nowMs + 20_000 }],
    ['date-off', good, { ...channel, nowMs: nowMs - 20_000 }],
    ['ended', `${good}#EXT-X-ENDLIST\n`],
    ['not-ended', good, { ...channel, live: false }],
    ['uri-repeated', instead('c.ts', 'a.ts')],
    ['uri-foreign', instead('c.ts', 'https://elsewhere.example/c.ts')],
  ])('%s', (rule, text, options) => {
    expect(rulesOf(validatePlaylist(text, options ?? channel))).toContain(rule);
  });

  it('finds one cause, not its echoes', () => {
    expect(rulesOf(validatePlaylist(instead('2.400', '2.500'), channel))).toEqual(['segment-too-long']);
    expect(rulesOf(validatePlaylist('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n', channel))).toContain('master-playlist');
    expect(rulesOf(validatePlaylist(`${good}#EXT-X-ENDLIST\n`, channel))).toEqual(['ended']);
  });

  it('says what and where', () => {
    const [found] = validatePlaylist(instead('2.400', '2.500'), channel);
    expect(found).toEqual({
      rule: 'segment-too-long',
      section: '4.3.3.1',
      severity: 'error',
      errorClass: 'playlist-content',
      message: 'b.ts is 2.5 s long, more than the target duration of 2 s',
    });
  });

  it('takes what ffmpeg and nginx-rtmp cannot do for a warning on a leg and for an error on the channel', () => {
    const gap = without('#EXT-X-DISCONTINUITY-SEQUENCE:1');
    const severity = (producer: 'leg' | 'channel'): string | undefined =>
      validatePlaylist(gap, { producer }).find(({ rule }) => rule === 'discontinuity-sequence-missing')?.severity;
    expect([severity('leg'), severity('channel')]).toEqual(['warning', 'error']);
  });

  it('takes a cushion into account when it compares dates with the clock', () => {
    expect(validatePlaylist(good, { ...channel, nowMs: nowMs + 20_000, lagMs: 20_000 })).toEqual([]);
  });

  it('counts every rule in one of the seven classes of hls-monitor', () => {
    expect(new Set(Object.values(rules).map(({ errorClass }) => errorClass)).size).toBe(7);
  });
});
