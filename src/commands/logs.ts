// `iptv logs`: the logs of streams, supervisor and nginx, merged in the order of time.

import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import { usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { LogFile, Stack } from '../stack/stack.ts';
import { withoutConfigFlag } from '../ui/globals.ts';
import { say } from '../ui/messages.ts';
import { formatInstant } from '../ui/time.ts';
import { toExitCode, type CommandHelp, type Run } from './command.ts';
import type { Context } from './context.ts';
import { parseCount, parseSince } from './flags.ts';
import { unknownStream } from './unknown-stream.ts';

export interface LogsOptions {
  readonly names: readonly string[];
  readonly follow: boolean;
  readonly sinceMs: number | undefined;
  /** undefined: all that are kept. */
  readonly lines: number | undefined;
}

export const help: CommandHelp = {
  purpose:
    'Show logs: of streams by id, of the supervisor (backend) and of nginx (nginx-rtmp). Without a name, all of them, merged in the order of time.',
  examples: [
    ['iptv logs news -f', 'what ffmpeg says, as it says it; Ctrl-C ends'],
    ['iptv logs --since 10m', 'everything of the last ten minutes'],
    ['iptv logs backend -n 20', 'the last lines of the supervisor'],
    ['iptv logs --json | jq \'.lines[] | select(.level == "error")\'', 'for programs'],
  ],
};

const originName = 'nginx-rtmp';
const backendName = 'backend';
const defaultLines = 100;
/** docker compose wants a number; this is "all". */
const allLines = 1_000_000;

interface Flags {
  readonly follow?: true;
  readonly since?: number;
  readonly lines?: number;
}

export function declare(command: Command, context: Context, run: Run<LogsOptions>): void {
  command
    .argument('[name...]', `stream ids, ${backendName} or ${originName}`)
    .option('-f, --follow', 'go on with new lines')
    .option('--since <when>', 'from 10m ago, or from an RFC 3339 time', (text: string) => parseSince(text, context.now()))
    .option('-n, --lines <n>', `only the last n lines, or all (default: ${defaultLines}, with --since all)`, parseLines)
    .action(async (names: readonly string[], flags: Flags) => {
      const lines = flags.lines ?? (flags.since === undefined ? defaultLines : Number.POSITIVE_INFINITY);
      const wanted = Number.isFinite(lines) ? lines : undefined;
      context.finish(
        await run({ names: [...new Set(names)], follow: flags.follow === true, sinceMs: flags.since, lines: wanted }, context),
      );
    });
}

function parseLines(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY;
  try {
    return parseCount(text);
  } catch {
    throw new InvalidArgumentError('Write a whole number, or all.');
  }
}

export async function run(options: LogsOptions, context: Context): Promise<ExitCode> {
  const stack = await context.selectStack();
  if (stack.carry !== undefined) return carryLogs(options, stack, context);
  const { showLogs } = await import('./logs/show-logs.ts');
  const find = async (): Promise<readonly LogFile[]> => pick(await stack.logFiles(), options.names);
  const found = await find();
  const missing = options.names.filter((name) => !found.some((file) => file.name === name));
  if (missing.length > 0) await explainMissing(missing, await stack.logFiles(), context);
  return showLogs(options, find, context);
}

function pick(files: readonly LogFile[], names: readonly string[]): readonly LogFile[] {
  return names.length === 0 ? files : files.filter((file) => names.includes(file.name));
}

/** A stream of the list that never ran has no log yet; anything else is a slip. */
async function explainMissing(missing: readonly string[], files: readonly LogFile[], context: Context): Promise<void> {
  const listed = await context.loadConfig().then(
    (config) => config.streams.map((stream) => stream.id),
    () => [],
  );
  const known = [...new Set([...listed, ...files.map((file) => file.name), backendName, originName])];
  for (const name of missing) {
    if (!known.includes(name)) throw unknownStream(name, known);
    say(context.streams, `${name} has no log yet`);
  }
}

/** nginx logs in a container of its own; everything else is in the backend's. */
async function carryLogs(options: LogsOptions, stack: Stack, context: Context): Promise<ExitCode> {
  const { names, follow, sinceMs } = options;
  if (!names.includes(originName)) {
    if (names.length === 0) say(context.streams, `${originName} logs in its own container: iptv logs ${originName}`);
    return toExitCode((await stack.carry?.(withoutConfigFlag(context.argv))) ?? ExitCode.bug);
  }
  if (names.length > 1) throw usageError(`${originName} logs in its own container: ask for it alone`, `iptv logs ${originName}`);
  const since = sinceMs === undefined ? {} : { since: formatInstant(sinceMs) };
  return toExitCode((await stack.carryServiceLog?.(originName, { follow, lines: options.lines ?? allLines, ...since })) ?? ExitCode.bug);
}
