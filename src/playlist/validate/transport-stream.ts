// What the packets of a segment say (ISO/IEC 13818-1): tables, kinds of streams, times, and whether it begins with a key frame.

const packetBytes = 188;
const syncByte = 0x47;
const ticksPerSecond = 90_000;
/** PTS has 33 bits. */
const wrap = 2 ** 33;

export interface TsStream {
  readonly pid: number;
  /** stream_type of the program map: 0x1b H.264, 0x24 HEVC, 0x0f AAC (ADTS), 0x81 AC-3 ... */
  readonly type: number;
}

export interface TsFacts {
  readonly packets: number;
  /** Byte offset of the first packet without its sync byte; undefined: all have it. */
  readonly syncLostAt: number | undefined;
  readonly hasPat: boolean;
  readonly hasPmt: boolean;
  readonly streams: readonly TsStream[];
  /** undefined: there is no picture, or it is of a kind that is not looked into. */
  readonly beginsWithKeyFrame: boolean | undefined;
  /** From the first to the last PTS of the leading stream (picture before sound) plus one frame; undefined with fewer than two. */
  readonly durationSeconds: number | undefined;
}

const videoTypes = new Set([0x01, 0x02, 0x10, 0x1b, 0x24]);
const audioTypes = new Set([0x03, 0x04, 0x0f, 0x11, 0x81, 0x87]);

interface Packet {
  readonly pid: number;
  readonly starts: boolean;
  readonly randomAccess: boolean;
  readonly payload: Uint8Array;
}

/** Needs whole packets only up to the first fault; a cut-off end is no fault here. */
export function readTransportStream(bytes: Uint8Array): TsFacts {
  const times = new Map<number, number[]>();
  let packets = 0;
  let syncLostAt: number | undefined;
  let pmtPid: number | undefined;
  let streams: readonly TsStream[] = [];
  let hasPat = false;
  let keyFrame: boolean | undefined;

  for (let at = 0; at + packetBytes <= bytes.length; at += packetBytes) {
    if (bytes[at] !== syncByte) {
      syncLostAt = at;
      break;
    }
    packets += 1;
    const packet = readPacket(bytes.subarray(at, at + packetBytes));
    if (packet.pid === 0 && packet.starts) {
      hasPat = true;
      pmtPid ??= firstProgram(packet.payload);
    } else if (packet.pid === pmtPid && packet.starts) {
      if (streams.length === 0) streams = readProgramMap(packet.payload);
    } else if (packet.starts && streams.length > 0) {
      const stream = streams.find(({ pid }) => pid === packet.pid);
      if (stream === undefined) continue;
      if (videoTypes.has(stream.type)) keyFrame ??= packet.randomAccess || holdsKeyFrame(packet.payload, stream.type);
      const time = presentationTime(packet.payload);
      if (time !== undefined) times.set(packet.pid, [...(times.get(packet.pid) ?? []), time]);
    }
  }
  return {
    packets,
    syncLostAt,
    hasPat,
    hasPmt: streams.length > 0,
    streams,
    beginsWithKeyFrame: keyFrame,
    durationSeconds: durationOf(streams, times),
  };
}

/** First presentation time of the picture, or of the sound where there is none, in 90 kHz ticks; from the head of a segment. */
export function firstTicks(bytes: Uint8Array): number | undefined {
  let pmtPid: number | undefined;
  let streams: readonly TsStream[] = [];
  let sound: number | undefined;
  for (let at = 0; at + packetBytes <= bytes.length && bytes[at] === syncByte; at += packetBytes) {
    const packet = readPacket(bytes.subarray(at, at + packetBytes));
    if (!packet.starts) continue;
    if (packet.pid === 0) pmtPid ??= firstProgram(packet.payload);
    else if (packet.pid === pmtPid) streams = readProgramMap(packet.payload);
    else {
      const type = streams.find(({ pid }) => pid === packet.pid)?.type;
      const time = type === undefined ? undefined : presentationTime(packet.payload);
      if (time !== undefined && type !== undefined && videoTypes.has(type)) return time;
      sound ??= time;
    }
  }
  return sound;
}

function readPacket(packet: Uint8Array): Packet {
  const [, second = 0, third = 0, fourth = 0, adaptationLength = 0, flags = 0] = packet;
  const hasAdaptation = (fourth & 0x20) !== 0;
  const start = hasAdaptation ? Math.min(5 + adaptationLength, packet.length) : 4;
  return {
    pid: ((second & 0x1f) << 8) | third,
    starts: (second & 0x40) !== 0,
    randomAccess: hasAdaptation && adaptationLength > 0 && (flags & 0x40) !== 0,
    payload: (fourth & 0x10) === 0 ? new Uint8Array() : packet.subarray(start),
  };
}

/** A section follows its pointer field (2.4.4.1). */
function section(payload: Uint8Array, tableId: number): Uint8Array | undefined {
  const start = 1 + (payload[0] ?? 0);
  if (payload[start] !== tableId) return undefined;
  const length = (((payload[start + 1] ?? 0) & 0x0f) << 8) | (payload[start + 2] ?? 0);
  // Without the CRC at its end; a longer table goes on in the next packet, and what is here is enough.
  return payload.subarray(start, Math.min(start + 3 + length - 4, payload.length));
}

function firstProgram(payload: Uint8Array): number | undefined {
  const table = section(payload, 0x00);
  if (table === undefined) return undefined;
  for (let at = 8; at + 4 <= table.length; at += 4) {
    const number = ((table[at] ?? 0) << 8) | (table[at + 1] ?? 0);
    // Program 0 names the network's table.
    if (number !== 0) return (((table[at + 2] ?? 0) & 0x1f) << 8) | (table[at + 3] ?? 0);
  }
  return undefined;
}

function readProgramMap(payload: Uint8Array): readonly TsStream[] {
  const table = section(payload, 0x02);
  if (table === undefined) return [];
  const streams: TsStream[] = [];
  let at = 12 + ((((table[10] ?? 0) & 0x0f) << 8) | (table[11] ?? 0));
  while (at + 5 <= table.length) {
    streams.push({ type: table[at] ?? 0, pid: (((table[at + 1] ?? 0) & 0x1f) << 8) | (table[at + 2] ?? 0) });
    at += 5 + ((((table[at + 3] ?? 0) & 0x0f) << 8) | (table[at + 4] ?? 0));
  }
  return streams;
}

/** In 90 kHz ticks, from the header of a PES packet (2.4.3.6). */
function presentationTime(payload: Uint8Array): number | undefined {
  if (payload.length < 14 || payload[0] !== 0 || payload[1] !== 0 || payload[2] !== 1 || ((payload[7] ?? 0) & 0x80) === 0) return undefined;
  const byte = (index: number): number => payload[index] ?? 0;
  // 33 bits do not fit the 32 of bit operators.
  return ((byte(9) >> 1) & 7) * 2 ** 30 + (byte(10) << 22) + ((byte(11) >> 1) << 15) + (byte(12) << 7) + (byte(13) >> 1);
}

/** The first packet of a picture holds its parameter sets or its first slice; the mark in the adaptation field is optional. */
function holdsKeyFrame(payload: Uint8Array, type: number): boolean | undefined {
  if (type !== 0x1b && type !== 0x24) return undefined;
  for (let at = 9 + (payload[8] ?? 0); at + 3 < payload.length; at += 1) {
    if (payload[at] !== 0 || payload[at + 1] !== 0 || payload[at + 2] !== 1) continue;
    const header = payload[at + 3] ?? 0;
    const unit = type === 0x1b ? header & 0x1f : (header >> 1) & 0x3f;
    // H.264: 5 IDR slice, 7 sequence parameters. HEVC: 16 to 21 random access, 32 and 33 parameters.
    if (type === 0x1b ? unit === 5 || unit === 7 : (unit >= 16 && unit <= 21) || unit === 32 || unit === 33) return true;
  }
  return false;
}

function durationOf(streams: readonly TsStream[], times: ReadonlyMap<number, readonly number[]>): number | undefined {
  const leading = streams.find(({ type }) => videoTypes.has(type)) ?? streams.find(({ type }) => audioTypes.has(type));
  const ticks = leading === undefined ? undefined : times.get(leading.pid);
  const [first] = ticks ?? [];
  if (ticks === undefined || first === undefined || ticks.length < 2) return undefined;
  // Relative to the first, across the wrap, and back for pictures that are shown before it.
  const relative = ticks.map((tick) => ((tick - first + 1.5 * wrap) % wrap) - wrap / 2);
  const span = Math.max(...relative) - Math.min(...relative);
  return (span + span / (ticks.length - 1)) / ticksPerSecond;
}

/** The payloads of one stream, in order, as far as packets are sound. */
export function* eachPayload(bytes: Uint8Array, pid: number): Generator<Uint8Array> {
  for (let at = 0; at + packetBytes <= bytes.length && bytes[at] === syncByte; at += packetBytes) {
    const packet = readPacket(bytes.subarray(at, at + packetBytes));
    if (packet.pid === pid && packet.payload.length > 0) yield packet.payload;
  }
}
