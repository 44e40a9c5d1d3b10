// The local runtime, and the inside of the backend container: everything is in the log folder.

import type { ExitCode } from '../../core/exit-codes.ts';
import type { LogFile } from '../../stack/stack.ts';
import type { Context } from '../context.ts';
import type { LogsOptions } from '../logs.ts';
import { liveMark } from './container-lines.ts';
import { createFileSource } from './file-source.ts';
import { createLinePrinter } from './print-lines.ts';
import { showLogs } from './show-logs.ts';

/** A line is stamped a moment before it is in its file, and files are read one after the other. */
const windowMs = 300;

export async function showFileLogs(options: LogsOptions, find: () => Promise<readonly LogFile[]>, context: Context): Promise<ExitCode> {
  const { files } = await context.ports();
  const { streams } = context;
  const names = (await find()).map((file) => file.name);
  const source = createFileSource({
    files,
    query: options,
    find,
    pace: { pause: () => context.sleep(0), isOver: () => context.interrupt.aborted },
    sleep: (delayMs) => context.sleep(delayMs),
    now: () => context.now(),
  });
  const printer = createLinePrinter(streams, {
    names,
    prefix: options.names.length !== 1 || names.length > 1,
    explain: options.explain,
    json: options.ndjson ? 'lines' : streams.json ? (options.follow ? 'lines' : 'document') : undefined,
  });
  const mark = options.ndjson && options.follow ? { onLive: () => streams.out.write(liveMark) } : {};
  return showLogs({ query: options, follow: options.follow, sources: [source], printer, windowMs, ...mark }, context);
}
