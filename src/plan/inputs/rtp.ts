// RTP, unicast or multicast, without RTSP around it.

import { byUrl, type InputKind } from './input-kind.ts';
import { livePackets, unusedIdentity, whitelist } from './shared.ts';

export const rtp: InputKind = {
  needs: () => ({ protocols: ['rtp', 'udp'], demuxers: ['rtp'] }),
  plan({ source, gate }) {
    return byUrl(
      source,
      [
        whitelist('rtp'),
        ...gate.usual('rtp', 'reorder_queue_size', 500, 'packets that arrive out of order are put right'),
        ...gate.usual('rtp', 'buffer_size', 8_388_608, 'kernel buffer for bursts; Linux caps it at net.core.rmem_max'),
        ...livePackets(),
      ],
      'RTP',
      [
        'ffmpeg opens RTP a second time without any time-out: silence is noticed by the supervisor alone',
        ...unusedIdentity(source, { userAgent: false }),
      ],
    );
  },
};
