import { describe, expect, it } from 'vitest';

import { createDamageSigns } from './damage-signs.ts';

const corrupt = '[mpegts @ 0x5600fe9569c0] [warning] Packet corrupt (stream = 1, dts = 1158394), dropping it.';

describe('the time that ffmpeg complained about', () => {
  it.each([
    corrupt,
    '[in#0/mpegts @ 0x1] [warning] corrupt input packet in stream 0',
    '[mpegts @ 0x1] [warning] PES packet size mismatch',
    '[h264 @ 0x1] [warning] Invalid NAL unit 0, skipping.',
    '[NULL @ 0x1] [error] missing picture in access unit with size 98',
    '[rtsp @ 0x1] [warning] RTP: missed 3 packets',
  ])('is known from %j', (line) => {
    const signs = createDamageSigns();
    signs.feed(line, 10_000, 9000);
    expect(signs.touches(8500, 9100)).toBe(true);
    expect(signs.touches(10_500, 12_500)).toBe(true);
    expect(signs.touches(5000, 7900)).toBe(false);
    expect(signs.touches(11_100, 13_100)).toBe(false);
  });

  it('is nothing when all is well', () => {
    const signs = createDamageSigns();
    signs.feed('[hls @ 0x1] [info] Opening stream_news_7.ts.tmp for writing', 10_000);
    expect(signs.touches(0, Infinity)).toBe(false);
  });

  it('is one stretch while it goes on, and is not kept for ever', () => {
    const signs = createDamageSigns();
    for (let at = 0; at < 600_000; at += 500) signs.feed(corrupt, at);
    expect(signs.touches(300_000, 302_000)).toBe(true);
    const apart = createDamageSigns();
    for (let at = 0; at < 600_000; at += 10_000) apart.feed(corrupt, at);
    expect(apart.touches(0, 2000)).toBe(false);
    expect(apart.touches(588_000, 590_000)).toBe(true);
  });
});
