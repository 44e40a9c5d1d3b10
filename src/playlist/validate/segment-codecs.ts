// CODECS of RFC 6381 as a segment really carries them: H.264 from its sequence parameters, AAC from its ADTS header. Pure.

import { readTransportStream, eachPayload } from './transport-stream.ts';

const h264 = 0x1b;
const aac = 0x0f;

/** `bytes`: the beginning of a transport stream. undefined: nothing in it that could be named. */
export function codecsOf(bytes: Uint8Array): string | undefined {
  const { streams } = readTransportStream(bytes);
  const names = streams.flatMap(({ pid, type }) => {
    if (type !== h264 && type !== aac) return [];
    for (const payload of eachPayload(bytes, pid)) {
      const name = type === h264 ? h264Name(payload) : aacName(payload);
      if (name !== undefined) return [name];
    }
    return [];
  });
  return names.length === 0 ? undefined : [...new Set(names)].join(',');
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
