// MPEG-TS over SRT.

import { byUrl, microseconds, urlSets, type InputKind } from './input-kind.ts';
import { livePackets, unusedIdentity, whitelist } from './shared.ts';

export const srt: InputKind = {
  needs: () => ({ protocols: ['srt'], demuxers: ['mpegts'] }),
  plan({ source, gate }) {
    const { url } = source;
    const seconds = source.reconnect.timeoutSeconds;
    return byUrl(
      source,
      [
        whitelist('srt'),
        ...(urlSets(url, 'connect_timeout')
          ? []
          : gate.usual('srt', 'connect_timeout', 3000, 'milliseconds until a silent peer counts as absent')),
        ...(urlSets(url, 'timeout')
          ? []
          : gate.usual('srt', 'timeout', microseconds(seconds), `a read that brings nothing for ${seconds} s fails`)),
        ...(/[?&](?:rcv)?latency=/.test(url)
          ? []
          : gate.usual('srt', 'latency', 200_000, 'microseconds in which a lost packet can be sent again')),
        ...livePackets(),
      ],
      'SRT pull',
      unusedIdentity(source, { userAgent: false }),
    );
  },
};
