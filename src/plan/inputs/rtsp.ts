// A camera or server that speaks RTSP.

import { option } from '../step.ts';
import { byUrl, microseconds, type InputKind } from './input-kind.ts';
import { boundedProbe, oneLine, unusedIdentity, whitelist } from './shared.ts';

export const rtsp: InputKind = {
  needs: () => ({ protocols: ['tcp'], demuxers: ['rtsp'] }),
  plan({ source, gate }) {
    const seconds = source.reconnect.timeoutSeconds;
    const transport = source.transport ?? 'tcp';
    return byUrl(
      source,
      [
        whitelist('rtsp'),
        ...gate.usual(
          'rtsp',
          'rtsp_transport',
          transport,
          transport === 'tcp' ? 'no lost packets, and one connection through firewalls' : 'transport of streams.yaml',
        ),
        // -stimeout is gone since 5.0 and -rw_timeout does nothing for RTSP (measured).
        ...gate.usual('rtsp', 'timeout', microseconds(seconds), `a socket that brings nothing for ${seconds} s fails`),
        ...(source.userAgent === undefined
          ? []
          : gate.usual('rtsp', 'user_agent', oneLine(source.userAgent), 'user agent of streams.yaml')),
        option('fflags', '+genpts', 'cameras leave timestamps out'),
        ...boundedProbe(),
      ],
      'RTSP pull',
      unusedIdentity(source, { userAgent: true }),
    );
  },
};
