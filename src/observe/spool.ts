// Reads a file that a job appends its stderr to, line by line, and keeps that file small.

import type { ClockPort, FilesPort } from '../core/ports.ts';
import { createLineSplitter } from './line-splitter.ts';

export interface SpoolOptions {
  readonly files: Pick<FilesPort, 'stat' | 'readFrom' | 'truncate'>;
  readonly path: string;
  /** Without one, every look counts as a second. */
  readonly clock?: Pick<ClockPort, 'monotonic'>;
  readonly limits?: Partial<SpoolLimits>;
}

export interface SpoolLimits {
  /** Bytes taken in by one call of `read`. */
  readonly readBytes: number;
  /** More than this waiting is a flood: only its end is read. */
  readonly backlogBytes: number;
  /** A file above this is emptied even though its writer is busy. */
  readonly fileBytes: number;
  /** So long without growth, and all of it read, the file may be emptied ... */
  readonly quietMs: number;
  /** ... at most so often, unless it has grown to `restBytes`. */
  readonly emptyEveryMs: number;
  readonly restBytes: number;
}

const defaultLimits: SpoolLimits = {
  readBytes: 256 * 1024,
  backlogBytes: 1024 * 1024,
  fileBytes: 4 * 1024 * 1024,
  quietMs: 1000,
  emptyEveryMs: 60_000,
  restBytes: 64 * 1024,
};

export interface Spool {
  /** New complete lines since the last call; a line about it when a flood made us skip. */
  read(): Promise<readonly string[]>;
  /** Once the writer is gone: what is left, with an unfinished last line. Empties the file. */
  finish(): Promise<readonly string[]>;
  readonly skippedBytes: () => number;
}

/**
 * A file and not a pipe: an unread pipe would stall the job, and a pipe would die with us. Writers append (O_APPEND), so
 * after a truncation they go on at 0. What is written between our last look and the truncation (some 0.2 ms) is lost, hence
 * seldom and only in a pause: ffmpeg writes at segment ends, a second after one is far from the next. The first pause
 * after a start is always used, because the start names the source with its credentials.
 */
export function createSpool(options: SpoolOptions): Spool {
  const { files, path, clock } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const splitter = createLineSplitter();
  let offset = 0;
  let looks = 0;
  const now = (): number => clock?.monotonic() ?? looks * 1000;
  let grewAt = now();
  let emptiedAt = -Infinity;
  let skipped = 0;
  let turn: Promise<unknown> = Promise.resolve();

  /** undefined: nothing new. */
  async function readMore(): Promise<readonly string[] | undefined> {
    looks += 1;
    const size = (await files.stat(path))?.size ?? 0;
    // Emptied by somebody else: read it from its start.
    if (size < offset) offset = 0;
    if (size === offset) {
      if (size > 0 && mayEmpty(size)) await empty(size);
      return undefined;
    }
    grewAt = now();
    const notices = size - offset > limits.backlogBytes ? [skipTo(size - limits.readBytes)] : [];
    const bytes = await files.readFrom(path, offset, limits.readBytes);
    offset += bytes.length;
    const lines = splitter.feed(bytes);
    if (size > limits.fileBytes) {
      const grown = (await files.stat(path))?.size ?? 0;
      if (grown > offset) notices.push(skipTo(grown));
      await empty(grown);
    }
    return notices.length === 0 ? lines : [...notices, ...lines];
  }

  function mayEmpty(size: number): boolean {
    return now() - grewAt >= limits.quietMs && (size >= limits.restBytes || now() - emptiedAt >= limits.emptyEveryMs);
  }

  function skipTo(target: number): string {
    const bytes = target - offset;
    skipped += bytes;
    offset = target;
    splitter.skip();
    return `[warning] ${bytes} bytes of output skipped: more than can be read`;
  }

  async function empty(sizeSeen: number): Promise<void> {
    if ((await files.stat(path))?.size !== sizeSeen && sizeSeen <= limits.fileBytes) return;
    await files.truncate(path);
    offset = 0;
    emptiedAt = now();
  }

  /** One at a time: two readers would share an offset. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  return {
    read: () => inTurn(async () => (await readMore()) ?? []),
    finish: () =>
      inTurn(async () => {
        const lines: string[] = [];
        const rounds = Math.ceil(limits.backlogBytes / limits.readBytes) + 1;
        for (let round = 0; round < rounds; round += 1) {
          const more = await readMore();
          if (more === undefined) break;
          lines.push(...more);
        }
        await files.truncate(path);
        offset = 0;
        return [...lines, ...splitter.end()];
      }),
    skippedBytes: () => skipped,
  };
}
