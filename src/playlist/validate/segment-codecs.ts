// CODECS of RFC 6381 as a segment really carries them: H.264 from its sequence parameters, AAC from its ADTS header. Pure.

import { readTransportStream, eachPayload } from './transport-stream.ts';

type Namer = (payload: Uint8Array) => string | undefined;

/** By stream_type. AC-3 and E-AC-3 as in ATSC A/52, MPEG audio by its object type (ISO/IEC 14496-3: 33 is Layer II, 34 is Layer III). */
const namers: ReadonlyMap<number, Namer> = new Map<number, Namer>([
  [0x1b, h264Name],
  [0x0f, aacName],
  [0x03, mpegAudioName],
  [0x04, mpegAudioName],
  [0x81, () => 'ac-3'],
  [0x87, () => 'ec-3'],
]);

/**
 * `bytes`: the beginning of a transport stream. undefined: something in it that cannot be named, or nothing at all, for a list that
 * leaves out one of them is worse than none (RFC 8216 4.3.4.2). A track that is announced and never comes counts for nothing.
 */
export function codecsOf(bytes: Uint8Array): string | undefined {
  const { streams } = readTransportStream(bytes);
  const names = new Set<string>();
  for (const { pid, type } of streams) {
    const name = namers.get(type);
    let isThere = false;
    let found: string | undefined;
    for (const payload of eachPayload(bytes, pid)) {
      isThere = true;
      found = name?.(payload);
      if (found !== undefined || name === undefined) break;
    }
    if (found !== undefined) names.add(found);
    else if (isThere) return undefined;
  }
  return names.size === 0 ? undefined : [...names].join(',');
}

/** ITU-T H.264 7.3.2.1.1: profile_idc, constraint flags and level_idc are the first three bytes of the parameters. */
function h264Name(payload: Uint8Array): string | undefined {
  for (let at = 0; at + 6 < payload.length; at += 1) {
    if (payload[at] !== 0 || payload[at + 1] !== 0 || payload[at + 2] !== 1 || ((payload[at + 3] ?? 0) & 0x1f) !== 7) continue;
    return `avc1.${[...payload.subarray(at + 4, at + 7)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  }
  return undefined;
}

/** ISO/IEC 13818-7 6.2.1: two bits of profile, one less than the object type of MPEG-4. */
function aacName(payload: Uint8Array): string | undefined {
  for (let at = 0; at + 3 < payload.length; at += 1) {
    if (payload[at] === 0xff && ((payload[at + 1] ?? 0) & 0xf6) === 0xf0) return `mp4a.40.${((payload[at + 2] ?? 0) >> 6) + 1}`;
  }
  return undefined;
}

/** ISO/IEC 11172-3 2.4.2.3: a sync word of eleven bits and two of version; the layer counts backwards. */
function mpegAudioName(payload: Uint8Array): string | undefined {
  for (let at = 0; at + 3 < payload.length; at += 1) {
    const second = payload[at + 1] ?? 0;
    if (payload[at] !== 0xff || (second & 0xe0) !== 0xe0) continue;
    const layer = 4 - ((second >> 1) & 3);
    if (layer === 2 || layer === 3) return `mp4a.40.${layer + 31}`;
  }
  return undefined;
}
