// Cuts a byte stream into lines of text: ends of all kinds, characters split between reads, NULs and endless lines.

export interface LineSplitter {
  /** The lines completed by these bytes; empty lines are left out. */
  feed(bytes: Uint8Array): readonly string[];
  /** Bytes are missing after what came so far: the unfinished line ends there, and the rest of the next one is dropped. */
  skip(): void;
  /** The unfinished last line, if any. */
  end(): readonly string[];
}

/** Longer lines are cut; ffmpeg's longest useful ones (x264's options) have about 1 kB. */
const longestLineBytes = 8192;
const newline = 10;
const carriageReturn = 13;

export function createLineSplitter(): LineSplitter {
  const decoder = new TextDecoder();
  let pending = new Uint8Array(0);
  /** The rest of the present line is not wanted. */
  let dropping = false;

  function takeLines(bytes: Uint8Array): readonly string[] {
    const lines: string[] = [];
    let start = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      // Ends of lines never occur inside a UTF-8 sequence, so whole lines can be decoded on their own.
      if (byte !== newline && byte !== carriageReturn) continue;
      finishLine(lines, bytes.subarray(start, at));
      start = at + 1;
    }
    keep(bytes.subarray(start));
    return lines;
  }

  function finishLine(lines: string[], tail: Uint8Array): void {
    if (dropping) dropping = false;
    else push(lines, pending.length === 0 ? tail : joined(pending, tail));
    pending = new Uint8Array(0);
  }

  function push(lines: string[], bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const cut = bytes.length > longestLineBytes;
    const text = decoder.decode(cut ? bytes.subarray(0, longestLineBytes) : bytes).replaceAll('\0', '');
    if (text !== '') lines.push(cut ? `${text} [cut]` : text);
  }

  /** A copy, so that 100 open bytes do not hold a whole read in memory; bounded, one byte over so that the cut shows. */
  function keep(tail: Uint8Array): void {
    if (dropping || tail.length === 0) return;
    const room = longestLineBytes + 1 - pending.length;
    if (room > 0) pending = joined(pending, tail.subarray(0, room));
  }

  return {
    feed: takeLines,
    skip() {
      pending = new Uint8Array(0);
      dropping = true;
    },
    end() {
      const lines: string[] = [];
      if (!dropping) push(lines, pending);
      pending = new Uint8Array(0);
      dropping = false;
      return lines;
    },
  };
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(left.length + right.length);
  whole.set(left);
  whole.set(right, left.length);
  return whole;
}
