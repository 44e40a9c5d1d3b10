// MPEG-TS over plain UDP, unicast or multicast.

import { byUrl, microseconds, urlSets, type InputKind } from './input-kind.ts';
import { livePackets, unusedIdentity, whitelist } from './shared.ts';

export const udp: InputKind = {
  needs: () => ({ protocols: ['udp'], demuxers: ['mpegts'] }),
  plan({ source, gate }) {
    const seconds = source.reconnect.timeoutSeconds;
    const unlessSet = (name: string, value: number, why: string) => (urlSets(source.url, name) ? [] : gate.usual('udp', name, value, why));
    return byUrl(
      source,
      [
        whitelist('udp'),
        ...unlessSet('timeout', microseconds(seconds), `silence of ${seconds} s is a failure; -rw_timeout does nothing for UDP`),
        ...unlessSet('fifo_size', 57_344, 'TS packets (188 bytes) kept while the pipeline is busy: 10 MB'),
        ...unlessSet('overrun_nonfatal', 1, 'a full buffer drops packets instead of ending the job'),
        ...unlessSet('buffer_size', 8_388_608, 'kernel buffer for bursts; Linux caps it at net.core.rmem_max'),
        ...livePackets(),
      ],
      'MPEG-TS over UDP',
      unusedIdentity(source, { userAgent: false }),
    );
  },
};
