import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { findRtmpStream, parseRtmpStat } from './rtmp-stat.ts';

/** Taken from nginx 1.22.1 with nginx-rtmp 1.2.2 (which calls itself 1.1.4). */
function fixture(name: string): string {
  return readFileSync(new URL(`../../tests/fixtures/stat/${name}.xml`, import.meta.url), 'utf8');
}

describe('parseRtmpStat', () => {
  it('reads publishers, bytes and codecs', () => {
    const stat = parseRtmpStat(fixture('two-streams'));
    expect(stat).toMatchObject({ version: '1.1.4', nginxVersion: '1.22.1', uptimeSeconds: 31, applications: [{ name: 'live' }] });
    expect(stat && findRtmpStream(stat, 'live', 'news')).toEqual({
      name: 'news',
      publishing: true,
      ageMs: 29639,
      bytesIn: 2666005,
      bitrateInBps: 796216,
      bytesOut: 2665955,
      clients: 2,
      dropped: 0,
      video: { codec: 'H264', width: 320, height: 180, fps: 25 },
      audio: { codec: 'AAC', sampleRate: 44100, channels: 1 },
    });
    expect(stat && findRtmpStream(stat, 'live', 'sport-hd')).not.toHaveProperty('audio');
    expect(stat && findRtmpStream(stat, 'live', 'other')).toBeUndefined();
    expect(stat && findRtmpStream(stat, 'other', 'news')).toBeUndefined();
  });

  it('reads an idle server', () => {
    expect(parseRtmpStat(fixture('idle'))).toMatchObject({ applications: [{ name: 'live', streams: [] }] });
  });

  it('reads a name that needed escaping', () => {
    const text = fixture('two-streams').replace('<name>news</name>', '<name>a&amp;b</name>');
    expect(parseRtmpStat(text)?.applications[0]?.streams[1]?.name).toBe('a&b');
  });

  it('is not stopped by one bad character in a foreign name', () => {
    const text = fixture('two-streams').replace('<name>news</name>', '<name>n\u0001ews</name>');
    expect(parseRtmpStat(text)?.applications[0]?.streams).toHaveLength(2);
  });

  it.each(['', 'not found', '<html><body>404</body></html>', '<rtmp><server>', fixture('idle').slice(0, 200)])(
    'is undefined for %j',
    (text) => {
      expect(parseRtmpStat(text)).toBeUndefined();
    },
  );
});
