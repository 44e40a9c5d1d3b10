// Loses pieces of a running MPEG-TS stream, as a provider does whose buffer overflows.

import { packetBytes, contentOf } from './feed.ts';

/** Takes whole packets, gives what is left of them. */
export type Loss = (bytes: Buffer) => Buffer;

const counters = 16;
const none = Buffer.alloc(0);
/** Pictures that `unseen` loses: three seconds. */
const lostPictures = 75;
/** Odd on purpose. */
const lostBytes = 20_001;

/** `bytes`, `unseen`: see OriginMode.lose; a number: that part of all packets. */
export function createLoss(how: 'bytes' | 'unseen' | number): Loss {
  if (typeof how === 'number') return (bytes) => Buffer.concat(packets(bytes).filter(() => Math.random() >= how));
  return how === 'bytes' ? loseBytes() : loseUnseen();
}

function loseBytes(): Loss {
  let left = lostBytes;
  let hasBegun = false;
  return (bytes) => {
    if (left === 0) return bytes;
    // In the middle of a picture, not between two.
    const at = hasBegun ? 0 : bytes.length < 4 * packetBytes ? bytes.length : 2 * packetBytes + 77;
    hasBegun ||= at < bytes.length;
    const lost = Math.min(left, bytes.length - at);
    left -= lost;
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + lost)]);
  };
}

function loseUnseen(): Loss {
  let state: 'before' | 'picture' | 'losing' | 'after' = 'before';
  let lost = 0;
  let pictures = 0;
  return (bytes) => {
    if (state === 'after') return bytes;
    const kept = packets(bytes).filter((packet) => {
      const { isPicture, isStart } = contentOf(packet);
      // The first packet of a picture is kept, and ends up with the rest of another one.
      if (state === 'before' && isPicture && isStart) state = 'picture';
      else if (state === 'picture' && isPicture) state = 'losing';
      if (state !== 'losing') return true;
      if (isPicture && !isStart && pictures >= lostPictures && lost % counters === 0) {
        state = 'after';
        return true;
      }
      if (isPicture) lost += 1;
      if (isPicture && isStart) pictures += 1;
      return false;
    });
    return kept.length === 0 ? none : Buffer.concat(kept);
  };
}

function packets(bytes: Buffer): readonly Buffer[] {
  return Array.from({ length: Math.floor(bytes.length / packetBytes) }, (_, index) =>
    bytes.subarray(index * packetBytes, (index + 1) * packetBytes),
  );
}
