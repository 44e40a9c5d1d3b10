// Reads a log from its end backwards, block by block, and on into rotated copies.

import type { FilesPort } from '../../core/ports.ts';
import { blockBytes, joinBytes, listGenerations, newline, readGeneration, toLines, type Generation, type Position } from './generations.ts';
import { timeOf as timeOfLine } from './log-line.ts';

export type { Position };

export interface BackReader {
  /** The lines before those of the last call, in their own order; undefined: there are no more. May be empty. */
  read(): Promise<readonly string[] | undefined>;
}

/** Enough for the last lines of most logs; the next blocks are larger. */
const firstBlockBytes = 8 * 1024;

/** Where following goes on: what is written after the last newline is half a line, and left for then. */
export async function endOf(files: FilesPort, path: string): Promise<Position> {
  const [present] = await listGenerations(files, path);
  const stat = present === undefined ? undefined : await files.stat(path);
  if (stat === undefined || present?.inode !== stat.inode) return { inode: undefined, offset: 0 };
  for (let end = stat.size; end > 0; end -= blockBytes) {
    const from = Math.max(0, end - blockBytes);
    const block = (await readGeneration(files, path, stat.inode, from, end - from))?.bytes ?? new Uint8Array();
    const last = block.lastIndexOf(newline);
    if (last !== -1) return { inode: stat.inode, offset: from + last + 1 };
  }
  return { inode: stat.inode, offset: 0 };
}

export function createBackReader(files: FilesPort, path: string, from: Position): BackReader {
  let generations: readonly Generation[] | undefined;
  let current: Position = from;
  let size = firstBlockBytes;
  /** The end of a line whose beginning is in the block before. */
  let rest: Uint8Array = new Uint8Array();

  /** Once the youngest is read, the copies that were there at the start follow. */
  async function older(): Promise<Position | undefined> {
    generations ??= await listGenerations(files, path);
    const at = generations.findIndex(({ inode }) => inode === current.inode);
    // Nothing had the name at the start: the copies are all there is.
    const next = generations[at + 1];
    return next === undefined ? undefined : { inode: next.inode, offset: next.size };
  }

  return {
    async read() {
      if (current.inode === undefined || current.offset === 0) {
        const next = await older();
        if (next === undefined) return undefined;
        current = next;
      }
      const { inode = 0, offset } = current;
      const start = Math.max(0, offset - size);
      const found = await readGeneration(files, path, inode, start, offset - start);
      size = blockBytes;
      // Rotated away, or emptied: what is left of it cannot be had.
      if (found === undefined || found.bytes.length < offset - start) {
        current = { inode, offset: 0 };
        rest = new Uint8Array();
        return [];
      }
      current = { inode, offset: start };
      const block = joinBytes(found.bytes, rest);
      const firstWhole = start === 0 ? 0 : found.bytes.indexOf(newline) + 1;
      if (start > 0 && firstWhole === 0) {
        rest = block;
        return [];
      }
      // A copy, so that a few bytes do not hold a whole block in memory.
      rest = block.slice(0, firstWhole);
      return toLines(block.subarray(firstWhole));
    },
  };
}

export interface Wanted {
  /** The newest so many lines; undefined: all. */
  readonly lines: number | undefined;
  readonly sinceMs: number | undefined;
  /** For files of another form than ours. */
  readonly timeOf?: (line: string) => number | undefined;
}

/** The last lines, and where following them goes on. */
export async function readLast(
  files: FilesPort,
  path: string,
  wanted: Wanted,
): Promise<{ readonly lines: readonly string[]; readonly position: Position }> {
  const { sinceMs, timeOf = timeOfLine } = wanted;
  const position = await endOf(files, path);
  const reader = createBackReader(files, path, position);
  const blocks: (readonly string[])[] = [];
  let count = 0;
  let first: number | undefined;
  while (wanted.lines === undefined || count < wanted.lines) {
    const lines = await reader.read();
    if (lines === undefined) break;
    blocks.push(lines);
    count += lines.length;
    if (sinceMs !== undefined) first = lines.map(timeOf).find((time) => time !== undefined) ?? first;
    if (sinceMs !== undefined && first !== undefined && first < sinceMs) break;
  }
  const lines = blocks.reverse().flat();
  const from = sinceMs === undefined ? 0 : lines.findIndex((line) => (timeOf(line) ?? -Infinity) >= sinceMs);
  const recent = from === -1 ? [] : lines.slice(from);
  return { lines: wanted.lines === undefined ? recent : recent.slice(Math.max(0, recent.length - wanted.lines)), position };
}
