// The logs in the log folder: those of streams and supervisor, and in the local runtime nginx's.

import type { FilesPort } from '../../core/ports.ts';
import { originName } from '../../core/state-paths.ts';
import { createNginxStreams, type NginxStreams } from '../../observe/nginx-streams.ts';
import type { LogFile } from '../../stack/stack.ts';
import type { Position } from './generations.ts';
import { parseLogLines, type LogLine } from './log-line.ts';
import { createPacer, mergeBackwards, mergeForwards, type Blocks, type Pace } from './merge.ts';
import { createFilter, type LogQuery } from './query.ts';
import { createBackReader, endOf } from './read-back.ts';
import { seekTime } from './seek.ts';
import type { LogSource } from './source.ts';
import { createTail, type Tail } from './tail.ts';

export interface FileSourceOptions {
  readonly files: FilesPort;
  readonly query: LogQuery;
  /** The logs that were asked for; looked up anew while following. */
  readonly find: () => Promise<readonly LogFile[]>;
  readonly pace: Pace;
  readonly sleep: (delayMs: number) => Promise<void>;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** Soon enough to feel live. */
const pollMs = 250;
/** A stream that is started meanwhile gets a log of its own. */
const pollsBetweenSearches = 8;
/** So far back nginx's log is searched for who published on which connection. */
const learnBytes = 8 * 1024 * 1024;

interface Followed {
  readonly name: string;
  readonly tail: Tail;
  lastMs: number;
  lost: number;
}

export function createFileSource(options: FileSourceOptions): LogSource {
  const { files, query, find, pace } = options;
  const accepts = createFilter(query);
  const streams = createNginxStreams();
  const followed = new Map<string, Followed>();

  const label = (lines: readonly LogLine[], name: string): readonly LogLine[] =>
    name === originName ? lines.map((line) => ({ ...line, stream: streams.streamOf(line.timeMs, line.text) })) : lines;

  async function* past(): AsyncGenerator<readonly LogLine[]> {
    const found = await find();
    const ends: { readonly file: LogFile; readonly end: Position }[] = [];
    // Before anything is read: what comes meanwhile is for `coming`.
    for (const file of found) {
      const end = await endOf(files, file.path);
      ends.push({ file, end });
      followed.set(file.path, { name: file.name, tail: createTail(files, file.path, end), lastMs: 0, lost: 0 });
      if (file.name === originName) await learnFrom(files, file, end, streams, pace);
    }
    if (query.lines === undefined) {
      yield* mergeForwards(await Promise.all(ends.map(({ file, end }) => forwards(file, end))), pace);
      return;
    }
    const last = await mergeBackwards(await Promise.all(ends.map(({ file, end }) => backwards(file, end))), query.lines, pace);
    if (last.length > 0) yield last;
  }

  async function forwards(file: LogFile, end: Position): Promise<Blocks> {
    const tail = createTail(files, file.path, await seekTime(files, file.path, query.sinceMs ?? -Infinity), end);
    let lastMs = 0;
    return async () => {
      const raws = await tail.poll();
      if (raws.length === 0) return undefined;
      const lines = label(parseLogLines(raws, file.name, lastMs), file.name);
      lastMs = lines.at(-1)?.timeMs ?? lastMs;
      return query.untilMs !== undefined && (lines[0]?.timeMs ?? 0) > query.untilMs ? undefined : lines.filter(accepts);
    };
  }

  async function backwards(file: LogFile, end: Position): Promise<Blocks> {
    const from = query.untilMs === undefined ? end : ((await beginsAfter(file.path, query.untilMs)) ?? end);
    const reader = createBackReader(files, file.path, from);
    let isPast = false;
    return async () => {
      const raws = isPast ? undefined : await reader.read();
      if (raws === undefined) return undefined;
      const lines = label(parseLogLines(raws, file.name), file.name);
      isPast = query.sinceMs !== undefined && (lines[0]?.timeMs ?? Infinity) < query.sinceMs;
      return lines.filter(accepts);
    };
  }

  /** A place after the last line of that time, but not far. */
  async function beginsAfter(path: string, timeMs: number): Promise<Position | undefined> {
    const at = await seekTime(files, path, timeMs + 1);
    if (at.inode === undefined) return undefined;
    // A search ends within a block of it.
    const tail = createTail(files, path, at);
    await tail.poll();
    await tail.poll();
    return tail.position();
  }

  async function* coming(): AsyncGenerator<readonly LogLine[]> {
    for (let polls = 1; !pace.isOver(); polls += 1) {
      await options.sleep(pollMs);
      if (polls % pollsBetweenSearches === 0) await addNew();
      const news: LogLine[] = [];
      for (const log of followed.values()) news.push(...(await readNew(log)));
      if (news.length > 0) yield news;
    }
  }

  async function addNew(): Promise<void> {
    for (const file of await find()) {
      if (followed.has(file.path)) continue;
      followed.set(file.path, {
        name: file.name,
        tail: createTail(files, file.path, { inode: undefined, offset: 0 }),
        lastMs: 0,
        lost: 0,
      });
    }
  }

  async function readNew(log: Followed): Promise<readonly LogLine[]> {
    const lines: LogLine[] = [];
    for (;;) {
      const raws = await log.tail.poll();
      if (raws.length === 0) break;
      const parsed = parseLogLines(raws, log.name, log.lastMs);
      if (log.name === originName) for (const { timeMs, text } of parsed) streams.learn(timeMs, text);
      lines.push(...label(parsed, log.name).filter(accepts));
      log.lastMs = parsed.at(-1)?.timeMs ?? log.lastMs;
      if (lines.length > 10_000) break;
    }
    if (log.tail.lost() > log.lost) {
      log.lost = log.tail.lost();
      lines.unshift({
        name: log.name,
        timeMs: options.now(),
        level: 'warning',
        text: 'lines are missing here: the log was rotated away unread',
      });
    }
    return lines;
  }

  return { past, coming };
}

async function learnFrom(files: FilesPort, file: LogFile, end: Position, streams: NginxStreams, pace: Pace): Promise<void> {
  const step = createPacer(pace);
  const reader = createBackReader(files, file.path, end);
  const blocks: (readonly string[])[] = [];
  let bytes = 0;
  while (bytes < learnBytes) {
    await step();
    const lines = await reader.read();
    if (lines === undefined) break;
    bytes += lines.reduce((sum, line) => sum + line.length + 1, 0);
    const telling = lines.filter((line) => line.includes("name='") || line.includes(' client connected '));
    if (telling.length > 0) blocks.push(telling);
  }
  for (const block of blocks.reverse()) for (const { timeMs, text } of parseLogLines(block, file.name)) streams.learn(timeMs, text);
}
