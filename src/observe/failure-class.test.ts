import { describe, expect, it } from 'vitest';
import { recordedFailures } from '../../tests/helpers/ffmpeg-fixtures.ts';
import { classifyFailure } from './failure-class.ts';

/** Scenario of the recordings -> cause, pace, what the user reads. */
const expected: Readonly<Record<string, readonly [cause: string, retry: string, message: RegExp]>> = {
  'file-empty': ['not-media', 'slow', /no media that ffmpeg understands/],
  'file-is-folder': ['not-media', 'slow', /a folder/],
  'file-missing': ['not-found', 'slow', /file does not exist/],
  'file-not-media': ['not-media', 'slow', /no media/],
  'hls-403': ['auth', 'slow', /^the source answered 403 Forbidden \(access denied\)$/],
  'hls-404': ['not-found', 'slow', /404 Not Found/],
  'hls-html': ['not-media', 'slow', /a web page/],
  'hls-local-file': ['blocked', 'slow', /must not be opened/],
  'hls-segments-404': ['hls-stale', 'normal', /segments cannot be loaded/],
  'hls-stale': ['ended', 'fast', /ended, or stood still/],
  'http-401': ['auth', 'slow', /asks for a login \(401/],
  'http-403': ['auth', 'slow', /403 Forbidden/],
  'http-404': ['not-found', 'slow', /404 Not Found/],
  'http-410': ['not-found', 'slow', /410 Gone/],
  'http-429': ['rate-limited', 'slow', /429/],
  'http-500': ['upstream-5xx', 'normal', /\(500 Internal Server Error\)/],
  'http-503': ['upstream-5xx', 'normal', /\(503 Service Unavailable\)/],
  'http-dns': ['dns', 'normal', /the name nosuch\.invalid/],
  'http-eof': ['ended', 'fast', /the source ended/],
  'http-eof-origin-down': ['ended', 'fast', /the source ended/],
  'http-hang': ['timeout', 'normal', /timed out/],
  'http-html': ['not-media', 'slow', /a web page/],
  'http-redirect-to-file': ['unknown', 'normal', /exit code \d+: .*Invalid argument$/],
  'http-refused': ['refused', 'normal', /^nobody listens at 127\.0\.0\.1:1 /],
  'https-plain': ['tls', 'slow', /TLS/],
  'rtmp-no-app': ['not-found', 'slow', /RTMP server has no such stream/],
  'rtmp-no-stream': ['not-found', 'slow', /RTMP server has no such stream/],
  'rtmp-refused': ['refused', 'normal', /^nobody listens at 127\.0\.0\.1:1 /],
  'rtmp-silent': ['timeout', 'normal', /timed out/],
  'rtsp-401': ['auth', 'slow', /401/],
  'rtsp-404': ['not-found', 'slow', /404 Not Found/],
  'rtsp-refused': ['refused', 'normal', /^nobody listens at/],
  'rtsp-silent': ['timeout', 'normal', /does not answer/],
  'srt-refused': ['timeout', 'normal', /timed out/],
  'udp-silent': ['timeout', 'normal', /nothing arrives/],
  'unknown-option': ['config', 'never', /the option -nosuchoption$/],
};

describe.each(['5.1', '7.1'] as const)('classifyFailure on what ffmpeg %s said', (version) => {
  const recorded = recordedFailures(version);

  it('covers every recording', () => {
    expect(recorded.map(({ name }) => name).toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  it.each(recorded.map((failure) => [failure.name, failure] as const))('%s', (name, { lines, code }) => {
    const [cause, retry, message] = expected[name] ?? ['', '', /./];
    const found = classifyFailure(lines, { code, signal: undefined });
    expect(found).toMatchObject({ cause, retry });
    expect(found.message).toMatch(message);
    expect(found.evidence.length).toBeLessThanOrEqual(3);
    for (const line of found.evidence) expect(line).not.toMatch(/0x[\da-f]{6}|\[error\]/);
  });
});

describe('classifyFailure', () => {
  const refusedLeg = [
    '[tcp @ 0x7f1] [error] Connection to tcp://127.0.0.1:1935?tcp_nodelay=0 failed: Connection refused',
    '[rtmp @ 0x7f2] [error] Cannot open connection tcp://127.0.0.1:1935?tcp_nodelay=0',
    '[fifo @ 0x7f3] [error] Error opening rtmp://127.0.0.1:1935/live/news: Connection refused',
    '[fifo @ 0x7f3] [info] Recovery failed: Connection refused',
  ];

  it.each([
    ['a crash', { signal: 'SIGSEGV' }, 'crashed', /crashed \(SIGSEGV\)/],
    ['a crash told by a shell', { code: 139 }, 'crashed', /SIGSEGV/],
    ['out of memory', { signal: 'SIGKILL' }, 'killed', /out of memory, or by hand/],
    ['a size limit', { signal: 'SIGXFSZ' }, 'killed', /size limit/],
    ['a held lock', { code: 75 }, 'lock-held', /another process/],
    ['no such program', { code: 127 }, 'config', /cannot be started/],
    ['silence', { code: 9 }, 'unknown', /exit code 9 and said nothing/],
    ['nothing known', {}, 'unknown', /^ffmpeg ended and said nothing/],
    ['a clean end', { code: 0 }, 'ended', /the source ended/],
  ])('names %s', (_, exit, cause, message) => {
    const found = classifyFailure([], exit);
    expect(found.cause).toBe(cause);
    expect(found.message).toMatch(message);
  });

  it('names the one who ended it', () => {
    const found = classifyFailure(['[info] Exiting normally, received signal 15.'], { code: 255 });
    expect(found).toMatchObject({ cause: 'killed', message: 'somebody told ffmpeg to end (signal 15)' });
  });

  it("does not take the RTMP leg's trouble for the source's", () => {
    expect(classifyFailure([...refusedLeg, ...refusedLeg], { code: 0 }).cause).toBe('ended');
    const source = [
      '[http @ 0x1] [warning] HTTP error 403 Forbidden',
      '[error] http://h/x.ts: Server returned 403 Forbidden (access denied)',
    ];
    expect(classifyFailure([...source, ...refusedLeg], { code: 1 }).cause).toBe('auth');
    expect(classifyFailure(['[rtmp @ 0x2] [error] Server error: Already publishing', ...refusedLeg.slice(2)], { code: 0 }).cause).toBe(
      'ended',
    );
  });

  it('takes the trouble of an RTMP source for its own', () => {
    const lines = [...refusedLeg, '[tcp @ 0x9] [error] Connection to tcp://far.example:1935?tcp_nodelay=0 failed: Connection refused'];
    const found = classifyFailure([...lines, '[error] rtmp://far.example:1935/live/x: Connection refused'], { code: 1 });
    expect(found).toMatchObject({ cause: 'refused', message: 'nobody listens at far.example:1935 (connection refused)' });
  });

  it('looks at the output when both legs failed', () => {
    const found = classifyFailure([...refusedLeg, '[tee @ 0x5] [error] All tee outputs failed.'], { code: 1 });
    expect(found).toMatchObject({ cause: 'output', retry: 'normal' });
  });

  it('forgets an old warning when ffmpeg ended with 0', () => {
    const survived = '[http @ 0x1] [warning] HTTP error 404 Not Found';
    const since = Array.from({ length: 20 }, (_, index) => `[mpegts @ 0x2] [warning] Packet corrupt (stream = 0, dts = ${index})`);
    expect(classifyFailure([survived, ...since], { code: 0 }).cause).toBe('ended');
    expect(classifyFailure([...since, survived], { code: 0 }).cause).toBe('not-found');
  });

  it('reads past lines that say nothing', () => {
    const noise = Array.from({ length: 60 }, (_, index) => `[hls @ 0x2] [info] Opening 'http://h/${index}.ts' for reading`);
    expect(
      classifyFailure(['[error] http://h/x: Server returned 401 Unauthorized (authorization failed)', ...noise], { code: 1 }).cause,
    ).toBe('auth');
  });

  it('reads the lines of our own log files too', () => {
    const line = '2026-11-22T13:00:00.123Z error http://h/x: Server returned 404 Not Found';
    expect(classifyFailure([line], { code: 1 }).cause).toBe('not-found');
  });

  it.each([
    ['[mpegts @ 0x1] [error] av_interleaved_write_frame(): No space left on device', 'disk-full', 'slow'],
    ['[error] file:/x.ts: Permission denied', 'permission', 'never'],
    ['[error] Could not open /tmp/hls/x: Read-only file system', 'read-only', 'slow'],
    ['[flv @ 0x1] [error] Video codec hevc not compatible with flv', 'codec', 'never'],
    ["[error] Unknown encoder 'libx264'", 'config', 'never'],
    ['[h264_nvenc @ 0x1] [error] EncodePicture failed!: unknown error (20)', 'encoder', 'normal'],
    ['[error] Error while opening encoder for output stream #0:0 - maybe incorrect parameters', 'encoder', 'normal'],
    ["[error] Stream map '0:v:0' matches no streams.", 'config', 'never'],
    ['[error] http://h/x: Connection reset by peer', 'reset', 'fast'],
    ['[http @ 0x1] [error] Stream ends prematurely at 7, should be 9', 'reset', 'fast'],
    ['[error] http://h/x: No route to host', 'unreachable', 'normal'],
    ['[http @ 0x1] [warning] HTTP error 451 Unavailable For Legal Reasons', 'rejected', 'slow'],
    ['[hls @ 0x1] [error] Failed to reload playlist 0', 'hls-stale', 'normal'],
    ['flock: failed to execute /usr/bin/ffmpeg: No such file or directory', 'config', 'never'],
  ])('%s', (line, cause, retry) => {
    expect(classifyFailure([line], { code: 1 })).toMatchObject({ cause, retry });
  });
});
