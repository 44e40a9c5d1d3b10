// Pull from an RTMP server.

import { option } from '../step.ts';
import { byUrl, microseconds, schemeOf, type InputKind } from './input-kind.ts';
import { boundedProbe, unusedIdentity, whitelist } from './shared.ts';

export const rtmp: InputKind = {
  needs: (source) => ({ protocols: [schemeOf(source.url)], demuxers: ['flv'] }),
  plan({ source }) {
    const seconds = source.reconnect.timeoutSeconds;
    return byUrl(
      source,
      [
        whitelist('rtmp'),
        // -timeout would mean "listen" for RTMP.
        option('rw_timeout', microseconds(seconds), `a read that brings nothing for ${seconds} s fails; the default waits for ever`),
        ...boundedProbe(),
      ],
      'RTMP pull',
      unusedIdentity(source, { userAgent: false }),
    );
  },
};
