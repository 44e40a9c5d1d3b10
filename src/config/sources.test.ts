import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyKind, readSource } from './sources.ts';

const folder = '/etc/iptv';

describe('readSource', () => {
  it.each([
    ['http://h/x.m3u8', 'hls', 'http://h/x.m3u8'],
    ['https://h/x.M3U8?a=b.ts', 'hls', 'https://h/x.M3U8?a=b.ts'],
    ['http://h/list.m3u', 'hls', 'http://h/list.m3u'],
    ['http://h/x.ts?list=y.m3u8', 'http-ts', 'http://h/x.ts?list=y.m3u8'],
    ['HTTP://H:8080/x', 'http-ts', 'http://H:8080/x'],
    ['http://u:p@[::1]:80/x', 'http-ts', 'http://u:p@[::1]:80/x'],
    ['rtmp://h/app/name', 'rtmp', 'rtmp://h/app/name'],
    ['rtmps://h:443/app/name?key=1', 'rtmp', 'rtmps://h:443/app/name?key=1'],
    ['rtsp://h', 'rtsp', 'rtsp://h'],
    ['rtsps://h/a b'.replace(' ', '%20'), 'rtsp', 'rtsps://h/a%20b'],
    ['srt://h:9000', 'srt', 'srt://h:9000'],
    ['srt://:9000?latency=5&mode=listener', 'srt', 'srt://:9000?latency=5&mode=listener'],
    ['udp://@239.1.1.1:1234', 'udp', 'udp://@239.1.1.1:1234'],
    ['udp://:1234', 'udp', 'udp://:1234'],
    ['udp://10.0.0.1@239.1.1.1:1234', 'udp', 'udp://10.0.0.1@239.1.1.1:1234'],
    ['rtp://[ff15::1]:5004', 'rtp', 'rtp://[ff15::1]:5004'],
    ['/srv/a.ts', 'file', '/srv/a.ts'],
    ['a.ts', 'file', '/etc/iptv/a.ts'],
    ['../a.ts', 'file', '/etc/a.ts'],
    ['../../../../a.ts', 'file', '/a.ts'],
    ['a dir/ä.mp4', 'file', '/etc/iptv/a dir/ä.mp4'],
    ['file:a.ts', 'file', '/etc/iptv/a.ts'],
    ['file:/srv/a.ts', 'file', '/srv/a.ts'],
    ['file:///srv/a%20b.ts', 'file', '/srv/a b.ts'],
    ['file://localhost/srv/a.ts', 'file', '/srv/a.ts'],
    ['test:', 'test', 'test:?size=640x360&fps=25&tone=440'],
    ['test:?tone=880&size=320x180', 'test', 'test:?size=320x180&fps=25&tone=880'],
  ])('%s is %s: %s', (text, kind, url) => {
    expect(readSource(text, folder)).toMatchObject({ ok: true, value: { kind, url } });
  });

  it.each([
    ['', 'expected a URL or a file name, got an empty text'],
    ['http://h/a b', 'a URL must not contain spaces: write %20 instead'],
    ['http://h/"', 'a URL must not contain "\\"": write %22 instead'],
    ['http://h/\nHost: x', 'must be one line without control characters'],
    ['http://h/\u0085', 'must be one line without control characters'],
    ['http://h/a|b', 'must not contain "|"'],
    ['http:h/x', 'is not a URL of the form scheme://host/path'],
    ['http:///x', 'has no host'],
    ['http://h:0/x', 'has a port outside 1 to 65535'],
    ['http://h:70000/x', 'has a port outside 1 to 65535'],
    ['http://h:8o/x', 'has no valid host and port: in a user name or password write / as %2F and : as %3A'],
    ['http://u:pa/ss@h/x', 'has no valid host and port: in a user name or password write / as %2F and : as %3A'],
    ['http://u:p@ss@h/x', 'has more than one @: inside a user name or password write it as %40'],
    ["http://u:p'w@h/x", "must not contain ' or brackets in a user name or password: write them as %27, %28, %29"],
    ['http://h_[x]/y', 'has no valid host and port: in a user name or password write / as %2F and : as %3A'],
    ['udp://239.1.1.1', 'needs a port, such as udp://@239.1.1.1:1234'],
    ['rtp://h', 'needs a port, such as rtp://@239.1.1.1:1234'],
    ['srt://h', 'needs a port, such as srt://host:9000'],
    ['srt://:9000', 'has no host'],
    ['rtmp://h', 'needs an application and a stream name: rtmp://host/live/name'],
    ['tv.example.com:8080/x', 'is not a URL: write http:// in front of the host'],
    ['localhost:8080/x', 'is not a URL: write http:// in front of the host'],
    ['//h/x.m3u8', 'looks like a web address: write http:// in front'],
    ['www.example.com/x', 'looks like a web address: write http:// in front'],
    ['~/a.ts', '~ is not replaced here: write the whole path'],
    ['/srv/', 'names no file'],
    ['file:', 'names no file'],
    ['file://server/a.ts', 'expected file:/absolute/path, file:///absolute/path or file:relative/path'],
    ['file:///a%zz.ts', 'has a % that starts no escape: write %25, or use a plain path'],
    ['file:///a%0Ab.ts', 'must be one line without control characters'],
    ['lists/all.m3u', 'is a list, not a media file: name the media file itself, or serve the list over http'],
    ['file:a.ffconcat', 'is a list, not a media file: name the media file itself, or serve the list over http'],
    ['test:bars', 'expected test: or test:?size=640x360&fps=25&tone=440'],
    ['test:?fps=0', 'fps must be a whole number from 1 to 120'],
    ['test:?fps=25&fps=50', 'gives fps twice'],
    ['test:?size=641x360', 'size must be even and between 16x16 and 9998x9998, such as 1280x720'],
  ])('%j is refused: %s', (text, message) => {
    expect(readSource(text, folder)).toMatchObject({ ok: false, problem: { message } });
  });

  it.each(['concat:a.ts', 'subfile:x', 'pipe:0', 'data:text/plain,x', 'async:http://h/x', 'crypto:x', 'gopher://h/x', 'constructor:x'])(
    '%s has an unsupported scheme',
    (text) => {
      expect(readSource(text, folder)).toMatchObject({ ok: false, problem: { message: expect.stringContaining('scheme') } });
    },
  );

  it.each([
    ['htpp://h/x', 'http'],
    ['rstp://h/x', 'rtsp'],
    ['testt:', 'test'],
  ])('%s: did you mean %s', (text, suggestion) => {
    expect(readSource(text, folder)).toMatchObject({ ok: false, problem: { suggestion } });
  });

  it('never throws and never hands ffmpeg anything but the checked forms', () => {
    const schemes = fc.constantFrom(
      'http://',
      'https://',
      'rtmp://',
      'rtsp://',
      'srt://',
      'udp://',
      'file:',
      'test:?',
      '',
      'concat:',
      'pipe:',
    );
    fc.assert(
      fc.property(schemes, fc.string({ unit: 'binary-ascii', maxLength: 40 }), (scheme, rest) => {
        const read = readSource(`${scheme}${rest}`, folder);
        if (!read.ok) return;
        expect(read.value.url).toMatch(/^(?:https?:\/\/|rtmps?:\/\/|rtsps?:\/\/|srt:\/\/|udp:\/\/|rtp:\/\/|\/|test:\?)/);
        // oxlint-disable-next-line no-control-regex -- the point of the test
        expect(read.value.url).not.toMatch(/[\u0000-\u001f|]/);
      }),
    );
  });
});

describe('applyKind', () => {
  const http = { kind: 'http-ts', url: 'http://h/x', secrets: [] } as const;

  it('settles what an http URL leaves open', () => {
    expect(applyKind(http, 'hls')).toMatchObject({ ok: true, value: { kind: 'hls' } });
    expect(applyKind(http, undefined)).toMatchObject({ ok: true, value: { kind: 'http-ts' } });
  });

  it('refuses what does not fit', () => {
    expect(applyKind(http, 'rtmp')).toMatchObject({ ok: false });
    expect(applyKind({ kind: 'file', url: '/a.ts', secrets: [] }, 'hls')).toMatchObject({ ok: false });
  });
});

describe('credentials written in URLs', () => {
  it.each([
    ['http://joe:hunter2@h/x', ['hunter2']],
    ['rtsp://joe:a:b@h/x', ['a:b']],
    ['rtsp://joe@h/x', []],
    ['http://h/x?token=abcdef&n=1', ['abcdef']],
    ['srt://h:1?passphrase=long-enough&latency=5', ['long-enough']],
    ['http://h/x?key=1', []],
    ['http://h/x?u=anna&p=sesame&type=m3u&n=12345&live=yes', ['u=anna', 'p=sesame']],
  ])('%s: %j', (text, secrets) => {
    expect(readSource(text, folder)).toMatchObject({ ok: true, value: { secrets } });
  });
});
