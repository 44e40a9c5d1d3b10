// A log file and its rotated copies, told apart by inode: names move on while they are read.

import type { FilesPort } from '../../core/ports.ts';

/** Where reading stands. The inode names the file whatever it is called by now; undefined: the file that will take the name. */
export interface Position {
  readonly inode: number | undefined;
  readonly offset: number;
}

export interface Generation {
  readonly inode: number;
  readonly size: number;
}

export const blockBytes = 64 * 1024;
export const newline = 10;
/** In the middle of a rotation a number may be free for a moment. */
const mostGaps = 2;
const mostAttempts = 5;

export function copyName(path: string, index: number): string {
  return index === 0 ? path : `${path}.${index}`;
}

/** The youngest first. */
export async function listGenerations(files: FilesPort, path: string): Promise<readonly Generation[]> {
  const found: Generation[] = [];
  let gaps = 0;
  for (let index = 0; gaps < mostGaps; index += 1) {
    const stat = await files.stat(copyName(path, index));
    if (stat === undefined) gaps += 1;
    // A file that moved on between two looks is seen twice.
    else if (!found.some(({ inode }) => inode === stat.inode)) found.push({ inode: stat.inode, size: stat.size });
  }
  return found;
}

/** 0: the file itself, n: the copy `<path>.n`. Copies only move to higher numbers, so a search upwards cannot miss one. */
export async function findIndex(files: FilesPort, path: string, inode: number): Promise<number | undefined> {
  let gaps = 0;
  for (let index = 0; gaps < mostGaps; index += 1) {
    const stat = await files.stat(copyName(path, index));
    if (stat === undefined) gaps += 1;
    else if (stat.inode === inode) return index;
  }
  return undefined;
}

/** Bytes of one generation under the name that it has now; undefined when it is gone. */
export async function readGeneration(
  files: FilesPort,
  path: string,
  inode: number,
  offset: number,
  limit: number,
): Promise<{ readonly index: number; readonly size: number; readonly bytes: Uint8Array } | undefined> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const index = await findIndex(files, path, inode);
    if (index === undefined) return undefined;
    const bytes = await files.readFrom(copyName(path, index), offset, limit);
    const stat = await files.stat(copyName(path, index));
    // Renamed in between: these may be another file's bytes.
    if (stat?.inode === inode) return { index, size: stat.size, bytes };
  }
  return undefined;
}

export function toLines(bytes: Uint8Array): readonly string[] {
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
