// Reads the last lines of a log, from its end backwards and on into rotated copies.

import type { FilesPort } from '../../core/ports.ts';
import { timeOf as timeOfLogLine } from './log-line.ts';

/** Where a file was read up to; the inode tells it from the one that takes its name after a rotation. */
export interface Position {
  readonly inode: number | undefined;
  readonly offset: number;
}

export interface Wanted {
  /** The newest so many lines; undefined: all. */
  readonly lines: number | undefined;
  readonly sinceMs: number | undefined;
  /** How a line tells its time; the default reads a line of a log. */
  readonly timeOf?: (line: string) => number | undefined;
}

const blockBytes = 64 * 1024;
const newline = 10;
const mostAttempts = 5;

export async function readLast(
  files: FilesPort,
  path: string,
  wanted: Wanted,
): Promise<{ readonly lines: readonly string[]; readonly position: Position }> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await files.stat(path);
    const end = before === undefined ? 0 : await endOfLastLine(files, path, before.size);
    let lines = await readBack(files, path, end, [], wanted);
    // A rotation in between would mix two files up: look again.
    const after = await files.stat(path);
    if (after?.inode !== before?.inode && attempt < mostAttempts) continue;
    for (let copy = 1; !isEnough(lines, wanted); copy += 1) {
      const stat = await files.stat(`${path}.${copy}`);
      if (stat === undefined) break;
      lines = await readBack(files, `${path}.${copy}`, stat.size, lines, wanted);
    }
    return { lines: cut(lines, wanted), position: { inode: before?.inode, offset: end } };
  }
}

/** Puts lines before `later` until there are enough. */
async function readBack(files: FilesPort, path: string, end: number, later: readonly string[], wanted: Wanted): Promise<readonly string[]> {
  let lines = later;
  let start = end;
  let rest: Uint8Array = new Uint8Array();
  while (start > 0 && !isEnough(lines, wanted)) {
    const from = Math.max(0, start - blockBytes);
    const block = joinBytes(await files.readFrom(path, from, start - from), rest);
    start = from;
    // The first line of a block may begin in the block before it.
    const firstWhole = from === 0 ? 0 : block.indexOf(newline) + 1;
    rest = block.subarray(0, from > 0 && firstWhole === 0 ? block.length : firstWhole);
    if (rest.length < block.length) lines = [...toLines(block.subarray(firstWhole)), ...lines];
  }
  return lines;
}

/** What is written after the last newline is half a line: it is left for the next read. */
async function endOfLastLine(files: FilesPort, path: string, size: number): Promise<number> {
  const from = Math.max(0, size - blockBytes);
  const block = await files.readFrom(path, from, size - from);
  const last = block.lastIndexOf(newline);
  return last === -1 ? from : from + last + 1;
}

function isEnough(lines: readonly string[], wanted: Wanted): boolean {
  if (wanted.lines !== undefined && lines.length >= wanted.lines) return true;
  if (wanted.sinceMs === undefined) return false;
  const timeOf = wanted.timeOf ?? timeOfLogLine;
  const dated = lines.find((line) => timeOf(line) !== undefined);
  return dated !== undefined && (timeOf(dated) ?? 0) < wanted.sinceMs;
}

function cut(lines: readonly string[], wanted: Wanted): readonly string[] {
  const { sinceMs, timeOf = timeOfLogLine } = wanted;
  const first = sinceMs === undefined ? 0 : lines.findIndex((line) => (timeOf(line) ?? 0) >= sinceMs);
  const recent = first === -1 ? [] : lines.slice(first);
  return wanted.lines === undefined ? recent : recent.slice(Math.max(0, recent.length - wanted.lines));
}

export function toLines(bytes: Uint8Array): readonly string[] {
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (second.length === 0) return first;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
