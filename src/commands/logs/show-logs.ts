// Prints what was said and, when asked, what comes, from all sources in one order.

import { ExitCode } from '../../core/exit-codes.ts';
import { toExitCode } from '../command.ts';
import type { Context } from '../context.ts';
import type { LogLine } from './log-line.ts';
import { mergeForwards, type Blocks } from './merge.ts';
import type { LinePrinter } from './print-lines.ts';
import type { LogQuery } from './query.ts';
import { createReorderWindow } from './reorder.ts';
import type { LogSource } from './source.ts';

export interface ShowOptions {
  readonly query: LogQuery;
  readonly follow: boolean;
  readonly sources: readonly LogSource[];
  readonly printer: LinePrinter;
  /** Called when the past is printed and following begins. */
  readonly onLive?: () => void;
  /** How long lines are held back so that they come in the order of time, milliseconds. */
  readonly windowMs: number;
}

const flushMs = 100;

export async function showLogs(options: ShowOptions, context: Context): Promise<ExitCode> {
  const { query, sources, printer } = options;
  const failure = (): number | undefined => sources.map((source) => source.failure?.()).find((code) => code !== undefined);
  const pace = { pause: () => context.sleep(0), isOver: () => context.interrupt.aborted || failure() !== undefined };
  const last: Buffered = createBuffer(sources.length > 1 ? query.lines : undefined, printer);
  const [only] = sources.length === 1 ? sources : [];
  for await (const lines of only?.past() ?? mergeForwards(sources.map(blocksOf), pace)) await last.add(lines);
  if (failure() === undefined) await last.flush();
  if (options.follow && !pace.isOver()) {
    options.onLive?.();
    await follow(options, context, pace.isOver);
  }
  const code = failure();
  if (code === undefined) printer.end();
  if (code !== undefined) return toExitCode(code);
  return options.follow || context.interrupt.aborted ? ExitCode.interrupted : ExitCode.ok;
}

interface Buffered {
  add(lines: readonly LogLine[]): Promise<void>;
  flush(): Promise<void>;
}

/** Each source hands over its own newest `count`; of all together only so many are the newest. */
function createBuffer(count: number | undefined, printer: LinePrinter): Buffered {
  if (count === undefined) return { add: (lines) => printer.print(lines), flush: async () => undefined };
  let kept: LogLine[] = [];
  return {
    async add(lines) {
      kept.push(...lines);
      if (kept.length > 2 * count + 1000) kept = kept.slice(-count);
    },
    flush: () => printer.print(kept.slice(Math.max(0, kept.length - count))),
  };
}

function blocksOf(source: LogSource): Blocks {
  const lines = source.past()[Symbol.asyncIterator]();
  return async () => {
    const next = await lines.next();
    return next.done === true ? undefined : next.value;
  };
}

async function follow(options: ShowOptions, context: Context, isOver: () => boolean): Promise<void> {
  const { printer, sources } = options;
  const window = createReorderWindow(options.windowMs);
  let waited = 0;
  const pump = async (source: LogSource): Promise<void> => {
    for await (const lines of source.coming()) {
      window.add(lines, waited);
      if (isOver()) return;
    }
  };
  const pumps = Promise.all(sources.map(pump));
  let ended = false;
  const watched = pumps.finally(() => (ended = true));
  watched.catch(() => undefined);
  while (!ended && !isOver()) {
    await context.sleep(flushMs);
    waited += flushMs;
    await printer.print(window.release(waited));
  }
  await printer.print(window.end());
  if (ended) await watched;
}
