// A transport stream with teletext subtitles on page 888, which ffmpeg can read and not make: EN 300 472 packets around EN 300 706 pages.

/** EN 300 706 8.2: four bits in a byte that mends itself. */
const hamming = [0x15, 0x02, 0x49, 0x5e, 0x64, 0x73, 0x38, 0x2f, 0xd0, 0xc7, 0x8c, 0x9b, 0xa1, 0xb6, 0xfd, 0xea];
const teletextPid = 0x100;
const programPid = 0x1000;
const ticksPerSecond = 90_000;

type Bytes = readonly number[];

function oddParity(code: number): number {
  let ones = 0;
  for (let rest = code & 0x7f; rest > 0; rest >>= 1) ones += rest & 1;
  return (code & 0x7f) | (ones % 2 === 0 ? 0x80 : 0);
}

/** Teletext sends the lowest bit first, MPEG the highest. */
function turned(byte: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit += 1) out |= ((byte >> bit) & 1) << (7 - bit);
  return out;
}

/** A data unit of magazine 8: line number, framing code, address, 40 bytes. */
function unit(row: number, data: Bytes): Bytes {
  const line = [hamming[(row & 1) << 3] ?? 0, hamming[row >> 1] ?? 0, ...data];
  return [0x03, 0x2c, 0xe7, turned(0x27), ...line.map(turned)];
}

/** C4 erases what was on the page, C6 says that it is a subtitle. The header of another page ends the one before. */
function header(page: number, isSubtitle: boolean): Bytes {
  const control = isSubtitle ? 8 : 0;
  const nibbles = [page & 15, page >> 4, 0, control, 0, control, 3, 0];
  return unit(0, [...nibbles.map((nibble) => hamming[nibble] ?? 0), ...Array<number>(32).fill(oddParity(0x20))]);
}

function textRow(row: number, text: string): Bytes {
  const codes = [0x0d, 0x0b, 0x0b, ...[...text].map((char) => char.charCodeAt(0)), 0x0a, 0x0a];
  return unit(
    row,
    Array.from({ length: 40 }, (_, at) => oddParity(codes[at] ?? 0x20)),
  );
}

/** Fills whole packets, as EN 300 472 asks, with units that say nothing. */
function packetised(units: readonly Bytes[], ticks: number): Bytes {
  const time = [
    0x21 | ((ticks >> 29) & 0x0e),
    (ticks >> 22) & 0xff,
    ((ticks >> 14) & 0xfe) | 1,
    (ticks >> 7) & 0xff,
    ((ticks << 1) & 0xfe) | 1,
  ];
  const head = [0x84, 0x80, 0x24, ...time, ...Array<number>(0x24 - time.length).fill(0xff)];
  const body = [0x10, ...units.flat()];
  while ((6 + head.length + body.length) % 184 !== 0) body.push(...[0xff, 0x2c, ...Array<number>(44).fill(0xff)]);
  const length = head.length + body.length;
  return [0, 0, 1, 0xbd, length >> 8, length & 0xff, ...head, ...body];
}

/** ISO/IEC 13818-1 annex A. */
function checksum(bytes: Bytes): Bytes {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) sum = sum < 0 || sum > 0x7fffffff ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return [24, 16, 8, 0].map((shift) => (sum >>> shift) & 0xff);
}

function section(table: number, body: Bytes): Bytes {
  const bytes = [table, 0xb0, 9 + body.length, 0, 1, 0xc1, 0, 0, ...body];
  return [0, ...bytes, ...checksum(bytes)];
}

/** `cue 0` from second 0 on, `cue 2` from second 2 on ...: each for half a second, then the page is empty. */
export function teletextStream(seconds: number, language: string): Uint8Array {
  const counters = new Map<number, number>();
  const out: number[] = [];
  const write = (pid: number, bytes: Bytes): void => {
    for (let at = 0; at < bytes.length; at += 184) {
      const counter = counters.get(pid) ?? 0;
      counters.set(pid, (counter + 1) & 15);
      const payload = bytes.slice(at, at + 184);
      out.push(0x47, (at === 0 ? 0x40 : 0) | (pid >> 8), pid & 0xff, 0x10 | counter, ...payload);
      out.push(...Array<number>(184 - payload.length).fill(0xff));
    }
  };
  /** ffmpeg does not believe teletext without it. */
  const writeClock = (ticks: number): void => {
    const counter = ((counters.get(teletextPid) ?? 0) + 15) & 15;
    const clock = [(ticks >> 25) & 0xff, (ticks >> 17) & 0xff, (ticks >> 9) & 0xff, (ticks >> 1) & 0xff, ((ticks & 1) << 7) | 0x7e, 0];
    out.push(0x47, teletextPid >> 8, teletextPid & 0xff, 0x20 | counter, 183, 0x10, ...clock, ...Array<number>(176).fill(0xff));
  };
  // Teletext descriptor (EN 300 468 6.2.43): a subtitle page of magazine 8, number 88.
  const descriptor = [0x56, 5, ...[...language].map((char) => char.charCodeAt(0)), 2 << 3, 0x88];
  const program = [0xe0 | (teletextPid >> 8), teletextPid & 0xff, 0xf0, 0];
  const stream = [0x06, 0xe0 | (teletextPid >> 8), teletextPid & 0xff, 0xf0, descriptor.length, ...descriptor];
  for (let half = 0; half < 2 * seconds; half += 1) {
    if (half % 2 === 0) {
      write(0, section(0x00, [0, 1, 0xe0 | (programPid >> 8), programPid & 0xff]));
      write(programPid, section(0x02, [...program, ...stream]));
    }
    const ticks = ticksPerSecond * (1 + half / 2);
    const rows = half % 4 === 0 ? [textRow(20, `cue ${half / 2}`)] : [];
    writeClock(ticks - 3600);
    write(teletextPid, packetised([header(0x88, true), ...rows, header(0xff, false)], ticks));
  }
  return Uint8Array.from(out);
}
