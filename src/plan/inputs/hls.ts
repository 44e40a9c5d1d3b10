// A remote HLS playlist.

import { option } from '../step.ts';
import { byUrl, schemeOf, type InputKind } from './input-kind.ts';
import { httpOptions, livePackets, whitelist } from './shared.ts';

// No -reconnect_at_eof here: with it, 5.1 and 7.1 request the first segment for ever (measured).
export const hls: InputKind = {
  needs: (source) => ({ protocols: [schemeOf(source.url)], demuxers: ['hls'] }),
  plan(context) {
    const { gate, source } = context;
    return byUrl(
      source,
      [
        whitelist('http'),
        ...httpOptions(context),
        ...gate.usual('hls', 'm3u8_hold_counters', 15, 'a playlist that stands still ends the job after 15 looks; the default is 1000'),
        ...gate.usual('hls', 'max_reload', 3, 'tries for a playlist that cannot be loaded; the default differs by version'),
        ...gate.newer('hls', 'seg_max_retry', 2, 'tries for a segment that cannot be loaded'),
        option('live_start_index', -3, 'start three segments before the end, as players do'),
        ...livePackets(),
      ],
      'HLS playlist over HTTP',
    );
  },
};
