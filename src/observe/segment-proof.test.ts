import { describe, expect, it } from 'vitest';

import { proofCommand, readProof } from './segment-proof.ts';

describe('what a strict decoder says of a segment', () => {
  it.each([
    // 5.1, then 7.1.
    [
      '[h264 @ 0x5614c3e95ac0] cbp too large (113) at 14 3\n[h264 @ 0x5614c3e95ac0] error while decoding MB 14 3\nError while decoding stream #0:0: Invalid data found when processing input\n',
      '[h264] error while decoding MB 14 3',
    ],
    [
      '[h264 @ 0x1] cbp too large (113) at 14 3\n[h264 @ 0x1] error while decoding MB 14 3\n[vist#0:0/h264 @ 0x2] [dec:h264 @ 0x3] Error submitting packet to decoder: Invalid data found when processing input\n',
      '[h264] error while decoding MB 14 3',
    ],
    [
      '[h264 @ 0x1] reference picture missing during reorder\n[h264 @ 0x1] Missing reference picture, default is 65562\n',
      '[h264] reference picture missing during reorder',
    ],
  ])('is a reason to leave it out: %j', (stderr, reason) => {
    expect(readProof(stderr)).toBe(reason);
  });

  it.each([
    '',
    // Pictures before the first key frame of an open group: every such segment begins so.
    '[h264 @ 0x562c73936e40] co located POCs unavailable\n',
    '[null @ 0x1] Application provided invalid, non monotonically increasing dts to muxer in stream 0: 49 >= 49\n',
    'file:/tmp/hls/news-1.ts: No such file or directory\n',
  ])('is no reason: %j', (stderr) => {
    expect(readProof(stderr)).toBeUndefined();
  });

  it('is asked for without another protocol than files', () => {
    expect(proofCommand('/usr/bin/ffmpeg', '/tmp/hls/news-1.ts').argv.join(' ')).toContain(
      '-err_detect explode -protocol_whitelist file -i file:/tmp/hls/news-1.ts',
    );
  });
});
