// Reads a log forwards, across rotations, without losing or repeating a line; what comes later is read by the next call.

import type { FilesPort } from '../../core/ports.ts';
import {
  blockBytes,
  copyName,
  findIndex,
  joinBytes,
  listGenerations,
  newline,
  readGeneration,
  toLines,
  type Position,
} from './generations.ts';

export interface Tail {
  /** The whole lines that came since the last call, at most about a block of them; none: nothing new now. */
  poll(): Promise<readonly string[]>;
  /** Files that were rotated away before they could be read, so far. */
  readonly lost: () => number;
  /** Behind the last line that was handed over. */
  readonly position: () => Position;
}

/** `until`: reading ends there; without one it goes on as long as something comes. */
export function createTail(files: FilesPort, path: string, from: Position, until?: Position): Tail {
  let { inode, offset } = from;
  let half: Uint8Array = new Uint8Array();
  let lost = 0;
  /** Files that were read, or are older than the one that reading began with. */
  let known: Set<number> | undefined;

  async function begin(): Promise<void> {
    const found = (await listGenerations(files, path)).map((one) => one.inode);
    const ours = inode ?? (await files.stat(path))?.inode;
    known = new Set(ours === undefined ? found : found.slice(found.indexOf(ours) + 1));
    if (inode === undefined && ours !== undefined) await enter(ours);
  }

  async function enter(next: number): Promise<void> {
    inode = next;
    offset = 0;
    half = new Uint8Array();
    // Numbers are used again for new files: what is gone is forgotten.
    const present = new Set((await listGenerations(files, path)).map((one) => one.inode));
    known = new Set([...(known ?? []), next].filter((one) => present.has(one)));
  }

  /** The file that took the name after ours; undefined in the middle of a rotation. */
  async function younger(index: number): Promise<number | undefined> {
    const next = (await files.stat(copyName(path, index - 1)))?.inode;
    const still = (await files.stat(copyName(path, index)))?.inode;
    return still === inode ? next : undefined;
  }

  /** Ours is gone, or was never there: on with the oldest file that was not read yet. */
  async function reenter(): Promise<boolean> {
    const unread = (await listGenerations(files, path)).filter((one) => known?.has(one.inode) !== true);
    const next = unread.at(-1);
    if (next === undefined) return false;
    if (inode !== undefined) lost += 1;
    await enter(next.inode);
    return true;
  }

  function takeLines(bytes: Uint8Array): readonly string[] {
    const all = joinBytes(half, bytes);
    const end = all.lastIndexOf(newline) + 1;
    half = all.slice(end);
    return toLines(all.subarray(0, end));
  }

  return {
    lost: () => lost,
    position: () => ({ inode, offset: offset - half.length }),
    async poll() {
      if (known === undefined) await begin();
      else if (inode === undefined) await reenter();
      const lines: string[] = [];
      while (inode !== undefined) {
        const room = inode === until?.inode ? Math.min(blockBytes, until.offset - offset) : blockBytes;
        if (room <= 0) return lines;
        const found = await readGeneration(files, path, inode, offset, room);
        if (found === undefined) {
          // Either rotated out of sight, or the name is free for a moment.
          if ((await findIndex(files, path, inode)) !== undefined || !(await reenter())) return lines;
          continue;
        }
        if (found.bytes.length > 0) {
          offset += found.bytes.length;
          lines.push(...takeLines(found.bytes));
          if (found.bytes.length === blockBytes && lines.length > 0) return lines;
          continue;
        }
        if (found.size < offset) {
          // Truncated in place.
          await enter(inode);
          continue;
        }
        if (found.index === 0) return lines;
        if (half.length > 0) lines.push(...toLines(half));
        half = new Uint8Array();
        const next = await younger(found.index);
        if (next === undefined) return lines;
        await enter(next);
      }
      return lines;
    },
  };
}
