// Where in a log, over all its rotated copies, a time begins.

import type { FilesPort } from '../../core/ports.ts';
import { blockBytes, listGenerations, newline, readGeneration, toLines, type Generation, type Position } from './generations.ts';
import { timeOf } from './log-line.ts';

interface Found {
  readonly timeMs: number;
  /** Of the beginning of the line. */
  readonly offset: number;
}

/** A line start at or before the first line of that time; the very beginning for -Infinity. */
export async function seekTime(files: FilesPort, path: string, timeMs: number): Promise<Position> {
  const generations = await listGenerations(files, path);
  for (const generation of generations) {
    const first = await firstDated(files, path, generation, 0);
    if (first !== undefined && first.timeMs < timeMs) {
      return { inode: generation.inode, offset: await searchIn(files, path, generation, timeMs) };
    }
  }
  return { inode: generations.at(-1)?.inode, offset: 0 };
}

async function searchIn(files: FilesPort, path: string, generation: Generation, timeMs: number): Promise<number> {
  let low = 0;
  let high = generation.size;
  while (high - low > blockBytes) {
    const middle = low + Math.floor((high - low) / 2);
    const found = await firstDated(files, path, generation, middle);
    if (found !== undefined && found.offset < high && found.timeMs < timeMs) low = found.offset;
    else high = middle;
  }
  return low;
}

/** The first line that begins at or after the offset and has a time; looked for in one block. */
async function firstDated(files: FilesPort, path: string, generation: Generation, offset: number): Promise<Found | undefined> {
  // One byte earlier: when that is a newline, a line begins right here.
  const from = Math.max(0, offset - 1);
  const bytes = (await readGeneration(files, path, generation.inode, from, blockBytes))?.bytes ?? new Uint8Array();
  let start = offset === 0 ? 0 : bytes.indexOf(newline) + 1;
  if (offset > 0 && start === 0) return undefined;
  while (start < bytes.length) {
    const end = bytes.indexOf(newline, start);
    if (end === -1) return undefined;
    const timeMs = timeOf(toLines(bytes.subarray(start, end))[0] ?? '');
    if (timeMs !== undefined) return { timeMs, offset: from + start };
    start = end + 1;
  }
  return undefined;
}
