import { describe, expect, it } from 'vitest';

import { recordedFailures } from '../../tests/helpers/ffmpeg-fixtures.ts';
import { explainLine, explanations } from './explanations.ts';

/** Real lines, as they stand in a log file after time and level. */
const ffmpegLines: readonly (readonly [line: string, id: string])[] = [
  ['[rtmp @ 0x55] Server error: Already publishing', 'already-publishing'],
  ['[tcp @ 0x7f1] Connection to tcp://127.0.0.1:1935?tcp_nodelay=0 failed: Connection refused', 'leg-refused'],
  ['[tcp @ 0x7f1] Connection to tcp://nginx-rtmp:1935?tcp_nodelay=0 failed: Connection refused', 'leg-refused'],
  ['[fifo @ 0x7f3] Error opening rtmp://127.0.0.1:1935/live/news: Connection refused', 'leg-refused'],
  ['[fifo @ 0x7f3] Error opening rtmp://127.0.0.1:1935/live/news: Input/output error', 'leg-rejected'],
  ['[fifo @ 0x7f3] Recovery failed: Connection refused', 'leg-refused'],
  ['[fifo @ 0x7f3] Recovery failed: End of file', 'leg-recovering'],
  ['[fifo @ 0x7f3] Recovery attempt #7', 'leg-recovering'],
  ['[fifo @ 0x7f3] Recovery successful', 'leg-recovered'],
  ['[fifo @ 0x7f3] FIFO queue full', 'fifo-full'],
  ['[aac_adtstoasc @ 0x5] A non-NULL packet sent after an EOF.', 'packet-after-end'],
  ['[tee @ 0x5] Slave muxer #0 failed: Broken pipe, continuing with 1/2 slaves.', 'leg-given-up'],
  ['av_interleaved_write_frame(): No space left on device', 'no-space'],
  ["[hls @ 0x5] Failed to open file '/tmp/hls/stream_news_4.ts.tmp'", 'write-failed'],
  ['[hls @ 0x5] failed to rename file /tmp/hls/stream_news.m3u8.tmp to /tmp/hls/stream_news.m3u8: Read-only file system', 'read-only'],
  ['file:/srv/x.ts: Permission denied', 'denied'],
  ['[flv @ 0x1] Video codec hevc not compatible with flv', 'codec-not-rtmp'],
  ['[http @ 0x1] HTTP error 403 Forbidden', 'source-403'],
  ['http://h/x.ts: Server returned 403 Forbidden (access denied)', 'source-403'],
  ['[rtsp @ 0x1] method DESCRIBE failed: 401Unauthorized', 'source-401'],
  ['[rtsp @ 0x1] method DESCRIBE failed: 404 Not Found', 'source-404'],
  ['[http @ 0x1] HTTP error 429 Too Many Requests', 'source-429'],
  ['http://h/x.ts: Server returned 4XX Client Error, but not one of 40{0,1,3,4}', 'source-429'],
  ['[http @ 0x1] HTTP error 503 Service Unavailable', 'source-5xx'],
  ['[tcp @ 0x1] Failed to resolve hostname nosuch.invalid: Name or service not known', 'source-name'],
  ['[tcp @ 0x1] Connection to tcp://tv.example.com:80 failed: Connection refused', 'source-refused'],
  ['[in#0 @ 0x1] Error opening input: Connection timed out', 'source-timeout'],
  ['[rtmp @ 0x1] Cannot read RTMP handshake response', 'source-timeout'],
  ['[tls @ 0x1] An unexpected TLS packet was received.', 'source-tls'],
  ['http://h/x: Connection reset by peer', 'source-reset'],
  ['[http @ 0x1] Stream ends prematurely at 7, should be 9', 'source-broke-off'],
  ['[http @ 0x1] Will reconnect at 0 in 1 second(s).', 'source-reconnect'],
  ['[http @ 0x1] Will reconnect at 52640 in 0 second(s), error=Input/output error.', 'source-reconnect'],
  ['[hls @ 0x1] skipping 3 segments ahead, expired from playlists', 'hls-behind'],
  ['[hls @ 0x1] Failed to reload playlist 0', 'hls-reload'],
  ['[hls @ 0x1] Failed to open segment 6 of playlist 0', 'hls-segment'],
  ['[hls @ 0x1] URL file:///etc/passwd is not in allowed_segment_extensions', 'source-blocked'],
  ['http://h/html: Invalid data found when processing input', 'not-media'],
  ['[mpegts @ 0x1] Could not find codec parameters for stream 1 (Audio: aac): unspecified sample rate', 'no-parameters'],
  ["Stream map '0:v:0' matches no streams.", 'no-streams'],
  ["Unrecognized option 'nosuchoption'.", 'unknown-option'],
  ['Non-monotonous DTS in output stream 0:0; previous: 90, current: 45; changing to 91.', 'non-monotonous-dts'],
  ['[vost#0:0/copy @ 0x1] Non-monotonic DTS; previous: 90, current: 45; changing to 91.', 'non-monotonous-dts'],
  ['[mpegts @ 0x1] DTS 128090 < 225290 out of order', 'non-monotonous-dts'],
  ['[flv @ 0x1] Application provided invalid, non monotonically increasing dts to muxer in stream 0: 90 >= 90', 'non-monotonous-dts'],
  ['[vist#0:0/h264 @ 0x1] timestamp discontinuity (stream id=0): -1120000, new offset= 1120000', 'time-jump'],
  ['[mpegts @ 0x1] PES packet size mismatch', 'packet-loss'],
  ['[mpegts @ 0x1] Packet corrupt (stream = 0, dts = 228890), dropping it.', 'packet-loss'],
  ['[rtsp @ 0x1] RTP: missed 14 packets', 'packet-loss'],
  ['[udp @ 0x1] Circular buffer overrun. Surviving due to overrun_nonfatal option', 'buffer-overrun'],
  ['[h264 @ 0x1] non-existing PPS 0 referenced', 'no-key-frame'],
  ['[h264 @ 0x1] no frame!', 'no-key-frame'],
  ['udp://127.0.0.1:39871: Input/output error', 'source-nothing-comes'],
  ['rtmp://127.0.0.1:39173/live/nosuch: Input/output error', 'source-rtmp-no-stream'],
  ['[in#0 @ 0x1] Error opening input: Input/output error', 'source-unreadable'],
  ['file:/nosuch/x.ts: No such file or directory', 'source-file'],
  ['http://h/x: No route to host', 'source-unreachable'],
  [
    '[flv @ 0x1] Timestamps are unset in a packet for stream 1. This is deprecated and will stop working in the future. Fix your code to set the timestamps properly',
    'timestamps-unset',
  ],
  ["another process runs this stream's job", 'already-running'],
  ['suppressed 70 lines (more than 50 a second)', 'lines-left-out'],
];

const nginxLines: readonly (readonly [line: string, id: string])[] = [
  ['7#7: *3 live: already publishing, client: 172.18.0.3, server: 0.0.0.0:1935', 'rtmp-already-publishing'],
  ['7#7: *3 live: drop idle publisher, client: 127.0.0.1, server: 127.0.0.1:1935', 'rtmp-idle-publisher'],
  ["7#7: *3 connect: application not found: 'x', client: 127.0.0.1, server: 127.0.0.1:1935", 'rtmp-no-application'],
  ['7#7: *3 access forbidden by rule, client: 10.1.2.3, server: 0.0.0.0:1935', 'rtmp-forbidden'],
  ['7#7: *9 access forbidden by rule, client: 10.1.2.3, server: _, request: "GET /stat HTTP/1.1", host: "h"', 'http-forbidden'],
  [
    "7#7: *3 hls: write() failed: '/tmp/hls/news-9.ts' (28: No space left on device), client: 127.0.0.1, server: 0.0.0.0:1935",
    'hls-no-space',
  ],
  ["7#7: *3 hls: mkdir() failed on '/tmp/hls' (13: Permission denied), client: 127.0.0.1, server: 0.0.0.0:1935", 'hls-denied'],
  ["7#7: *3 hls: open() failed: '/tmp/hls/news.m3u8.bak' (2: No such file or directory), client: 127.0.0.1", 'hls-directory-gone'],
  ['7#7: *3 hls: video frame failed, client: 127.0.0.1, server: 0.0.0.0:1935', 'hls-failed'],
  [
    '7#7: *5 open() "/tmp/hls/news-3.ts" failed (2: No such file or directory), client: 10.0.0.9, server: _, request: "GET /hls/news-3.ts HTTP/1.1"',
    'http-not-found',
  ],
  [
    '7#7: *5 open() "/tmp/hls/news.m3u8" failed (13: Permission denied), client: 10.0.0.9, server: _, request: "GET /hls/news.m3u8 HTTP/1.1"',
    'http-denied',
  ],
  ['1#1: bind() to 0.0.0.0:1935 failed (98: Address already in use)', 'port-taken'],
  ['1#1: bind() to 0.0.0.0:80 failed (13: Permission denied)', 'port-denied'],
  ['1#1: unknown directive "rtmp" in /run/iptv/nginx.conf:16', 'rtmp-module-missing'],
  ['1#1: unknown directive "hsl" in /run/iptv/nginx.conf:36', 'nginx-config-invalid'],
  ['7#7: 4096 worker_connections are not enough', 'too-many-files'],
  ['1#1: worker process 7 exited on signal 9', 'worker-crashed'],
  ['7#7: *3 too big message: 16777217, client: 127.0.0.1, server: 0.0.0.0:1935', 'rtmp-message-too-big'],
  ['7#7: *3 ping: unresponded, client: 127.0.0.1, server: 0.0.0.0:1935', 'rtmp-ping'],
  ['7#7: *3 recv() failed (104: Connection reset by peer), client: 127.0.0.1, server: 0.0.0.0:1935', 'client-reset'],
  ["7#7: *3 hls: bad stream name: 'a..b', client: 127.0.0.1, server: 0.0.0.0:1935", 'rtmp-bad-name'],
  ['7#7: *3 hls: force fragment split: 31.200 sec, client: 127.0.0.1, server: 0.0.0.0:1935', 'hls-forced-split'],
  ['7#7: *3 client timed out (110: Connection timed out), client: 127.0.0.1, server: 0.0.0.0:1935', 'client-timeout'],
  [
    '7#7: *3 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.9, server: _, request: "GET /metrics HTTP/1.1"',
    'backend-unreachable',
  ],
  [
    '7#7: *15 connect() failed (111: Connection refused) while connecting to upstream, client: unix:, server: , request: "GET /live/news/index.m3u8 HTTP/1.1", upstream: "http://10.0.0.2:8088/live/news/index.m3u8", host: "10.0.0.2:8088"',
    'edge-origin-unreachable',
  ],
  [
    '72#72: *12 upstream timed out (110: Connection timed out) while connecting to upstream, client: unix:, server: , request: "GET /segment/live/news/news-5.ts HTTP/1.1", upstream: "http://172.29.0.2:8000/live/news/news-5.ts", host: "nginx-rtmp:8000"',
    'edge-origin-unreachable',
  ],
  [
    '7#7: *13 upstream prematurely closed connection while reading response header from upstream, client: 127.0.0.1, server: _, request: "GET /live/news/news-5.ts HTTP/1.1", upstream: "http://unix:/run/iptv-1-edge.sock:/segment/live/news/news-5.ts", host: "127.0.0.1:8089"',
    'edge-origin-unreachable',
  ],
  [
    '7#7: *9 connect() to unix:/run/iptv/web.sock failed (2: No such file or directory) while connecting to upstream, client: 10.0.0.9, server: _, request: "GET /live/news/index.m3u8 HTTP/1.1", upstream: "http://unix:/run/iptv/web.sock:/ondemand/news", host: "h"',
    'backend-unreachable',
  ],
  ["7#7: *3 publish: name='news' args='' type=live silent=0, client: 127.0.0.1, server: 0.0.0.0:1935", 'rtmp-publish'],
];

describe('explainLine', () => {
  it.each(ffmpegLines)('ffmpeg: %s', (line, id) => {
    expect(explainLine(line)?.id).toBe(id);
    expect(explainLine(line, 'ffmpeg')?.id).toBe(id);
  });

  it.each(nginxLines)('nginx: %s', (line, id) => {
    expect(explainLine(line)?.id).toBe(id);
    expect(explainLine(line, 'nginx')?.id).toBe(id);
  });

  it.each([
    ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers'],
    ['  Stream #0:0: Video: h264 (High), yuv420p, 1280x720, q=2-31, 25 fps, 25 tbr, 90k tbn'],
    ["Input #0, mpegts, from 'http://tv.example.com/x.ts':"],
    ['running -> stopping (order)'],
    ['1#1: start worker process 7'],
    ['1#1: worker process 7 exited on signal 15'],
    ["7#7: *3 client connected '127.0.0.1'"],
  ])('says nothing of: %s', (line) => {
    expect(explainLine(line)).toBeUndefined();
  });

  it('keeps the programs apart', () => {
    expect(explainLine('Permission denied', 'nginx')).toBeUndefined();
    expect(explainLine('Permission denied', 'ffmpeg')?.id).toBe('denied');
  });

  it.each(['5.1', '7.1'] as const)('knows what every recorded failure of ffmpeg %s complains of', (version) => {
    const unknown = recordedFailures(version)
      .filter(({ lines }) => lines.some((line) => /\[(?:error|fatal)\]/.test(line)))
      .filter(({ lines }) => !lines.some((line) => explainLine(line, 'ffmpeg') !== undefined))
      .map(({ name }) => name);
    expect(unknown).toEqual([]);
  });
});

describe('the table', () => {
  it('has unique ids, each proven by a real line', () => {
    const ids = explanations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const proven = new Set([...ffmpegLines, ...nginxLines].map(([, id]) => id));
    expect(ids.filter((id) => !proven.has(id))).toEqual([]);
    expect(ids.every((id) => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id))).toBe(true);
  });

  it('is made of plain sentences without an end', () => {
    for (const { id, meaning, advice } of explanations)
      for (const text of [meaning, advice]) expect(`${id}: ${text}`).toMatch(/^[a-z0-9-]+: (?:[^A-Z\s]|[A-Z]{2}).{4,160}[^.\s]$/);
  });

  it('looks at the beginning of an endless line only', () => {
    const endless = 'hls: open() tcp://127.0.0.1:1?tcp_nodelay '.repeat(2000);
    expect(explainLine(endless)).toBeUndefined();
    expect(explainLine(`${endless} failed`)).toBeUndefined();
    expect(explainLine(`hls: open() failed ${endless}`)?.id).toBe('hls-failed');
  });
});
