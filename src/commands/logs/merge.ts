// Many logs into one, in the order of time, without holding more than a block of each.

import { createHeap } from './heap.ts';
import type { LogLine } from './log-line.ts';

/** Hands over lines block by block; undefined at the end; a block may be empty. */
export type Blocks = () => Promise<readonly LogLine[] | undefined>;

interface Cursor {
  readonly blocks: Blocks;
  /** Breaks ties, so that logs keep their places. */
  readonly place: number;
  lines: readonly LogLine[];
  at: number;
}

/** `pause` is called now and then between reads: files are read at once, and a Ctrl-C must be heard. */
export interface Pace {
  readonly pause: () => Promise<void>;
  readonly isOver: () => boolean;
}

const readsBetweenPauses = 32;
const batchLines = 512;

export function createPacer(pace: Pace): () => Promise<void> {
  let reads = 0;
  return async () => {
    reads += 1;
    if (reads % readsBetweenPauses === 0) await pace.pause();
  };
}

/** From the oldest to the newest; each source hands over its lines in that order. */
export async function* mergeForwards(sources: readonly Blocks[], pace: Pace): AsyncGenerator<readonly LogLine[]> {
  const step = createPacer(pace);
  const heap = createHeap<Cursor>((a, b) => {
    const difference = (a.lines[a.at]?.timeMs ?? 0) - (b.lines[b.at]?.timeMs ?? 0);
    return difference < 0 || (difference === 0 && a.place < b.place);
  });
  for (const [place, blocks] of sources.entries()) await enter({ blocks, place, lines: [], at: 0 });
  let batch: LogLine[] = [];
  for (let cursor = heap.pop(); cursor !== undefined; cursor = heap.pop()) {
    const line = cursor.lines[cursor.at];
    if (line !== undefined) batch.push(line);
    cursor.at += 1;
    await enter(cursor);
    if (batch.length >= batchLines) {
      yield batch;
      batch = [];
    }
    if (pace.isOver()) return;
  }
  if (batch.length > 0) yield batch;

  async function enter(cursor: Cursor): Promise<void> {
    while (cursor.at >= cursor.lines.length) {
      await step();
      const lines = pace.isOver() ? undefined : await cursor.blocks();
      if (lines === undefined) return;
      cursor.lines = lines;
      cursor.at = 0;
    }
    heap.push(cursor);
  }
}

/** The newest `count` lines, oldest first; each source hands over its youngest block first, lines in their own order. */
export async function mergeBackwards(sources: readonly Blocks[], count: number, pace: Pace): Promise<readonly LogLine[]> {
  const step = createPacer(pace);
  const heap = createHeap<Cursor>((a, b) => {
    const difference = (a.lines[a.at]?.timeMs ?? 0) - (b.lines[b.at]?.timeMs ?? 0);
    return difference > 0 || (difference === 0 && a.place > b.place);
  });
  const found: LogLine[] = [];
  if (count > 0) for (const [place, blocks] of sources.entries()) await enter({ blocks, place, lines: [], at: -1 });
  while (found.length < count) {
    const cursor = heap.pop();
    if (cursor === undefined || pace.isOver()) break;
    const line = cursor.lines[cursor.at];
    if (line !== undefined) found.push(line);
    cursor.at -= 1;
    await enter(cursor);
  }
  return found.reverse();

  async function enter(cursor: Cursor): Promise<void> {
    while (cursor.at < 0) {
      await step();
      const lines = pace.isOver() ? undefined : await cursor.blocks();
      if (lines === undefined) return;
      cursor.lines = lines;
      cursor.at = lines.length - 1;
    }
    heap.push(cursor);
  }
}
