// Prints what is in the log files and, when asked, what comes.

import { ExitCode } from '../../core/exit-codes.ts';
import type { FilesPort } from '../../core/ports.ts';
import type { LogFile } from '../../stack/stack.ts';
import type { Context } from '../context.ts';
import type { LogsOptions } from '../logs.ts';
import { mergeByTime, parseLogLines, type LogLine } from './log-line.ts';
import { createLinePrinter } from './print-lines.ts';
import { readLast } from './read-back.ts';
import { createTail, type Tail } from './tail.ts';

/** Soon enough to feel live. */
const pollMs = 250;
/** A stream that is started meanwhile gets a log of its own. */
const pollsBetweenSearches = 8;

interface Followed {
  readonly name: string;
  readonly tail: Tail;
  lastMs: number;
}

export async function showLogs(options: LogsOptions, find: () => Promise<readonly LogFile[]>, context: Context): Promise<ExitCode> {
  const { files } = await context.ports();
  const first = await find();
  const printer = createLinePrinter(context.streams, {
    names: first.map((file) => file.name),
    prefix: options.names.length !== 1,
    follow: options.follow,
  });
  const followed = new Map<string, Followed>();
  const logs: (readonly LogLine[])[] = [];
  for (const file of first) {
    const { lines, position } = await readLast(files, file.path, options);
    const parsed = parseLogLines(lines, file.name);
    logs.push(parsed);
    followed.set(file.path, { name: file.name, tail: createTail(files, file.path, position), lastMs: parsed.at(-1)?.timeMs ?? 0 });
  }
  const merged = mergeByTime(logs);
  printer.print(options.lines === undefined ? merged : merged.slice(Math.max(0, merged.length - options.lines)));
  if (!options.follow) return ExitCode.ok;

  for (let polls = 1; !context.interrupt.aborted; polls += 1) {
    await context.sleep(pollMs);
    if (polls % pollsBetweenSearches === 0) await addNew(followed, find, files);
    const news = [];
    for (const log of followed.values()) {
      const parsed = parseLogLines(await log.tail.poll(), log.name, log.lastMs);
      log.lastMs = parsed.at(-1)?.timeMs ?? log.lastMs;
      news.push(parsed);
    }
    printer.print(mergeByTime(news));
  }
  return ExitCode.interrupted;
}

async function addNew(followed: Map<string, Followed>, find: () => Promise<readonly LogFile[]>, files: FilesPort): Promise<void> {
  for (const file of await find()) {
    if (followed.has(file.path)) continue;
    followed.set(file.path, { name: file.name, tail: createTail(files, file.path, { inode: undefined, offset: 0 }), lastMs: 0 });
  }
}
