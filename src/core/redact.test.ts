import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, redactText } from './redact.ts';

describe('redactText', () => {
  it.each([': Connection refused', ', retrying', ')', ']', '|x', ';'])('hides an Xtream path however the line goes on: %s', (rest) => {
    for (const path of ['live/joe/hunter22/1.ts', 'joe/hunter22/17']) {
      const shown = redactText(`[error] http://tv.example:8080/${path}${rest}`);
      expect(shown).not.toMatch(/joe|hunter22/);
      expect(shown.endsWith(rest)).toBe(true);
    }
  });

  it.each([
    ['userinfo', 'rtsp://admin:hunter2@cam.example/stream', 'rtsp://***@cam.example/stream'],
    ['user without password', 'rtsp://hunter2@cam.example/', 'rtsp://***@cam.example/'],
    ['@ inside a password', 'rtsp://admin:hun@ter2@cam.example/x', 'rtsp://***@cam.example/x'],
    ['/ inside a password', 'rtsp://admin:hun/ter2@cam.example/x', 'rtsp://***@cam.example/x'],
    ["' inside a password", "[error] 'rtsp://a:hun'ter2@cam.example/x' failed", "[error] 'rtsp://***@cam.example/x' failed"],
    ['userinfo amid text', "Opening 'https://u:hunter2@h/x.ts' for reading", "Opening 'https://***@h/x.ts' for reading"],
    ['query token', 'https://h/x.m3u8?token=hunter2&size=2', 'https://h/x.m3u8?token=***&size=2'],
    ['query of Xtream', 'http://h/get.php?username=joe&password=hunter2&type=m3u', 'http://h/get.php?username=***&password=***&type=m3u'],
    [
      'query of a signed URL',
      'https://h/x?X-Amz-Signature=hunter2&X-Amz-Credential=joe',
      'https://h/x?X-Amz-Signature=***&X-Amz-Credential=***',
    ],
    ['query of Akamai and nginx', 'https://h/x?hdnts=exp=1~hmac=hunter2&st=hunter2&e=17', 'https://h/x?hdnts=***&st=***&e=***'],
    ['Stalker portal', 'http://h/portal.php?mac=00:1A:79:00:00:01&sid=hunter2', 'http://h/portal.php?mac=***&sid=***'],
    ['RTMP key', 'rtmp://h/live/news?key=hunter2', 'rtmp://h/live/news?key=***'],
    ['librtmp words', 'rtmp://h/live playpath=news token=hunter2 live=1', 'rtmp://h/live playpath=news token=*** live=1'],
    ['Xtream live', 'http://h:8080/live/joe/hunter2/1.ts', 'http://h:8080/live/***/***/1.ts'],
    ['Xtream path that a server repeats', '403 Forbidden for /x/live/joe/hunter2/1.ts?a=1', '403 Forbidden for /x/live/***/***/1.ts?a=1'],
    ['Xtream movie', "'http://h/movie/joe/hunter2/77.mkv'", "'http://h/movie/***/***/77.mkv'"],
    ['Xtream plain', 'http://h:8080/joe/hunter2/1.ts', 'http://h:8080/***/***/1.ts'],
    ['Xtream plain without ending', 'http://h:8080/joe/hunter2/123', 'http://h:8080/***/***/123'],
    ['Xtream timeshift', 'http://h/timeshift/joe/hunter2/60/2026-11-22:13-00/1.ts', 'http://h/timeshift/***/***/60/2026-11-22:13-00/1.ts'],
    ['SRT', 'srt://h:9000?mode=caller&streamid=#!::u=joe,r=x&passphrase=hunter2', 'srt://h:9000?mode=caller&streamid=***&passphrase=***'],
    ['Authorization', 'Authorization: Basic am9lOmh1bnRlcjI=', 'Authorization: ***'],
    ['Cookie', 'Cookie: sid=hunter2; theme=dark\r\nAccept: */*', 'Cookie: ***\r\nAccept: */*'],
    ['own header', 'X-Auth-Token: hunter2', 'X-Auth-Token: ***'],
    ['header in JSON', '{"Authorization":"Bearer hunter2","a":1}', '{"Authorization":"***","a":1}'],
    ['bearer in prose', 'sent bearer eyJhbGciOiJIUzI1NiJ9.x.y', 'sent bearer ***'],
  ])('hides %s', (_, text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it.each([
    'http://localhost:8088/hls/news.m3u8',
    'http://localhost:8088/hls/stream_news_1763816400.ts',
    'http://host/live/news/index.m3u8',
    'http://localhost:8088/live/news/index.m3u8',
    'http://host/live/news/12.ts',
    'http://host/hls/news/12.ts',
    'http://host/2026/11/22',
    'http://nginx-rtmp:8000/stat',
    'rtmp://nginx-rtmp:1935/live/news',
    'udp://@239.1.1.1:1234?fifo_size=57344&overrun_nonfatal=1',
    'rtp://10.0.0.1@239.1.1.1:5004',
    'srt://h:9000?mode=caller&latency=200000',
    'http://host:8080/a/@handle/x.m3u8',
    'https://host/video.m3u8?quality=720&start=10&keyframe=1',
    '/tmp/hls/stream_news_7.ts',
    '/home/joe/movies/7.mkv',
    '2026-11-22T13:00:00.123Z info frame= 100 fps= 25 time=00:00:04.01 speed=1x',
    "[hls @ 0x55d0] [info] Opening '/tmp/hls/stream_news.m3u8.tmp' for writing",
    '[info]   Stream #0:0[0x100]: Video: h264 (High) ([27][0][0][0] / 0x001B), yuv420p, 1280x720 [SAR 1:1 DAR 16:9], 25 fps',
    'User-Agent: VLC/3.0.20',
    'bearer of good news',
    'write to joe@example.org: all is well',
  ])('leaves %s alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('is stable: a second pass changes nothing', () => {
    const text = 'rtsp://a:b@h/x http://h/joe/pw/1.ts?token=x Cookie: a';
    expect(redactText(redactText(text))).toBe(redactText(text));
  });

  it('finds known secrets in every spelling', () => {
    const secret = 'p@ss/w"o rd%';
    const redact = createRedactor([secret]);
    for (const spelling of [
      secret,
      encodeURIComponent(secret),
      encodeURIComponent(secret).toLowerCase(),
      encodeURIComponent(secret).replaceAll('%20', '+'),
      JSON.stringify(secret).slice(1, -1),
    ]) {
      expect(redact(`before ${spelling} after`)).toBe('before *** after');
    }
    expect(createRedactor(['p%40ss%2Fword'])('login p@ss/word')).toBe('login ***');
  });

  it('does not blank ordinary text for very short values', () => {
    expect(redactText('a lazy fox', ['a', 'fo', ''])).toBe('a lazy fox');
  });

  it('never lets a known secret through', () => {
    const secret = fc
      .string({ minLength: 3, maxLength: 24, unit: 'grapheme' })
      .filter((text) => !text.includes('*') && text.trim().length >= 3);
    const spelling = fc.constantFrom(
      (text: string) => text,
      (text: string) => encodeURIComponent(text),
      (text: string) => JSON.stringify(text).slice(1, -1),
    );
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.string(), fc.string(), spelling, (secrets, before, after, spell) => {
        const shown = redactText(secrets.map((value) => before + spell(value) + after).join(' '), secrets);
        for (const value of secrets) expect(shown).not.toContain(value);
        for (const value of secrets) expect(shown).not.toContain(spell(value));
      }),
    );
  });

  it('never lets credentials through where URLs carry them', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._~!$-]{4,20}$/).map((text) => `S3c${text}`);
    fc.assert(
      fc.property(word, word, fc.constantFrom('.ts', '.m3u8', ''), (user, pass, ending) => {
        const places = [
          `rtsp://${user}:${pass}@host:554/cam`,
          `https://host/live.m3u8?token=${pass}&user=${user}`,
          `http://host:8080/live/${user}/${pass}/12${ending}`,
          `http://host:8080/${user}/${pass}/12${ending}`,
          `srt://host:9?streamid=${user}&passphrase=${pass}`,
          `Authorization: Bearer ${user}${pass}`,
          `Cookie: ${user}=${pass}`,
        ];
        for (const place of places) {
          for (const text of [place, `[error] '${place}': failed`, `open ${place} now`]) {
            expect(redactText(text)).not.toContain(pass);
            expect(redactText(text)).not.toContain(user);
          }
        }
      }),
    );
  });

  it('stays fast on hostile lines', () => {
    const started = performance.now();
    for (const piece of ['http://', 'a://b:', 'token=', '/live/', 'x-auth', '?e=', 'a:b@', '://a/b', '@', 'x-', 'secret', '.']) {
      redactText(piece.repeat(20_000 / piece.length), ['hunter2']);
    }
    // Milliseconds when it is quiet; a pattern that backtracks takes minutes.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
