// Follows one log file across rotations without losing or repeating a line.

import type { FilesPort } from '../../core/ports.ts';
import { joinBytes, toLines, type Position } from './read-back.ts';

export interface Tail {
  /** The whole lines that were written since the last call. */
  poll(): Promise<readonly string[]>;
}

const chunkBytes = 1024 * 1024;
const newline = 10;
const mostCopies = 100;

export function createTail(files: FilesPort, path: string, from: Position): Tail {
  let { inode, offset } = from;
  let half: Uint8Array = new Uint8Array();

  /** Everything from `offset` on; undefined when the name went to another file meanwhile. */
  async function readOn(file: string, expected: number): Promise<readonly string[] | undefined> {
    let position = offset;
    let bytes = half;
    for (;;) {
      const chunk = await files.readFrom(file, position, chunkBytes);
      if (chunk.length === 0) break;
      bytes = joinBytes(bytes, chunk);
      position += chunk.length;
    }
    const stat = await files.stat(file);
    if (stat?.inode !== expected) return undefined;
    const end = bytes.lastIndexOf(newline) + 1;
    offset = position;
    half = bytes.slice(end);
    return toLines(bytes.subarray(0, end));
  }

  /** The rest of the file that was followed, under the name it has now, then the copies between it and the present one. */
  async function finishRotated(): Promise<readonly string[] | undefined> {
    const copy = await findCopy();
    if (copy === undefined) return [];
    const lines: string[] = [];
    for (let index = copy; index >= 1; index -= 1) {
      const stat = await files.stat(`${path}.${index}`);
      const expected = index === copy ? inode : stat?.inode;
      const more = expected === undefined ? undefined : await readOn(`${path}.${index}`, expected);
      // Before anything was taken over, another rotation only means: again.
      if (more === undefined) return index === copy ? undefined : lines;
      lines.push(...more, ...toLines(half));
      offset = 0;
      half = new Uint8Array();
    }
    return lines;
  }

  async function findCopy(): Promise<number | undefined> {
    for (let index = 1; index <= mostCopies; index += 1) {
      const stat = await files.stat(`${path}.${index}`);
      if (stat === undefined) return undefined;
      if (stat.inode === inode) return index;
    }
    return undefined;
  }

  return {
    async poll() {
      const stat = await files.stat(path);
      // Between the two steps of a rotation nobody has the name.
      if (stat === undefined) return [];
      const lines: string[] = [];
      if (inode !== undefined && stat.inode !== inode) {
        const rest = await finishRotated();
        if (rest === undefined) return [];
        lines.push(...rest);
        offset = 0;
        half = new Uint8Array();
      } else if (stat.size < offset) {
        // Truncated in place.
        offset = 0;
        half = new Uint8Array();
      }
      inode = stat.inode;
      return [...lines, ...((await readOn(path, stat.inode)) ?? [])];
    },
  };
}
