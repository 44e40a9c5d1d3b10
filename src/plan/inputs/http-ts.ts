// An endless body over HTTP: MPEG-TS, or a radio station's MP3 or AAC.

import { byUrl, schemeOf, type InputKind } from './input-kind.ts';
import { httpOptions, livePackets, whitelist } from './shared.ts';

export const httpTs: InputKind = {
  needs: (source) => ({ protocols: [schemeOf(source.url)], demuxers: ['mpegts'] }),
  plan: (context) => byUrl(context.source, [whitelist('http'), ...httpOptions(context), ...livePackets()], 'endless stream over HTTP'),
};
