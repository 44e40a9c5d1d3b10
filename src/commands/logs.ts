// `iptv logs`: the logs of streams, supervisor and nginx, merged in the order of time, in both runtimes.

import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import { usageError } from '../core/errors.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import { edgeName, originName } from '../core/state-paths.ts';
import type { LogFile } from '../stack/stack.ts';
import { say } from '../ui/messages.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { parseCount, parseSince } from './flags.ts';
import type { LogLevel } from './logs/log-line.ts';
import { compileGrep, isAskedFor, levels, type LogQuery } from './logs/query.ts';
import { unknownStream } from './unknown-stream.ts';

export interface LogsOptions extends LogQuery {
  readonly follow: boolean;
  readonly explain: boolean;
  /** One object per line, with a mark where following begins: how the host reads the backend container. */
  readonly ndjson: boolean;
}

export const help: CommandHelp = {
  purpose:
    'Show logs: of streams by id, of the supervisor (backend), of nginx (nginx-rtmp) and of the cache for viewers (nginx-edge). Without a name, all of them, merged in the order of time. With a stream, what nginx says about that stream as well.',
  examples: [
    ['iptv logs news -f', 'what ffmpeg and nginx say about it, as they say it; Ctrl-C ends'],
    ['iptv logs --since 10m --level warning', 'what went wrong in the last ten minutes'],
    ['iptv logs news --explain', 'known lines are followed by what they mean and what to do'],
    ["iptv logs --grep '40[13]|refused' -n 20", 'the last lines that match; small letters match capitals, too'],
    ['iptv logs backend -n 20', 'the last lines of the supervisor'],
    ['iptv logs --json | jq \'.lines[] | select(.level == "error")\'', 'for programs; with -f one object per line'],
  ],
};

const backendName = 'backend';
const defaultLines = 100;

interface Flags {
  readonly follow?: true;
  readonly since?: number;
  readonly until?: number;
  readonly lines?: number;
  readonly level?: LogLevel;
  readonly grep?: RegExp;
  readonly invert?: true;
  readonly explain?: true;
  readonly ndjson?: true;
}

export function declare(command: Command, context: Context, run: Run<LogsOptions>): void {
  const parseTime = (text: string): number => parseSince(text, context.now());
  command
    .argument('[name...]', `stream ids, ${backendName}, ${originName} or ${edgeName}`)
    .option('-f, --follow', 'go on with new lines')
    .option('--since <when>', 'from 10m ago, or from an RFC 3339 time', parseTime)
    .option('--until <when>', 'up to 5m ago, or to an RFC 3339 time', parseTime)
    .option('-n, --lines <n>', `only the last n lines, or all (default: ${defaultLines}, with --since all)`, parseLines)
    .option('--level <level>', `only lines of this level or graver: ${levels.join(', ')}`, parseLevel)
    .option('--grep <regex>', 'only lines whose text matches; a pattern without capitals ignores case', parseGrep)
    .option('--invert', 'with --grep: only lines that do not match')
    .option('--explain', 'say what known lines of ffmpeg and nginx mean here, and what to do')
    .addOption(new Option('--ndjson').hideHelp())
    .action(async (names: readonly string[], flags: Flags) => {
      if (flags.follow === true && flags.until !== undefined) throw usageError('--until ends where --follow begins: only one of them');
      if (flags.since !== undefined && flags.until !== undefined && flags.until < flags.since)
        throw usageError('--until lies before --since, so nothing is between them', 'iptv logs --since 10m --until 5m');
      if (flags.invert === true && flags.grep === undefined) throw usageError('--invert needs a --grep');
      const lines = flags.lines ?? (flags.since === undefined ? defaultLines : Number.POSITIVE_INFINITY);
      const options: LogsOptions = {
        names: [...new Set(names)],
        follow: flags.follow === true,
        sinceMs: flags.since,
        untilMs: flags.until,
        lines: Number.isFinite(lines) ? lines : undefined,
        level: flags.level,
        grep: flags.grep,
        invert: flags.invert === true,
        explain: flags.explain === true,
        ndjson: flags.ndjson === true,
      };
      context.finish(await run(options, context));
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

function parseLevel(text: string): LogLevel {
  const level = levels.find((one) => one === text.toLowerCase() || (one === 'warning' && text.toLowerCase() === 'warn'));
  if (level === undefined) throw new InvalidArgumentError(`Write ${levels.slice(0, -1).join(', ')} or ${levels.at(-1)}.`);
  return level;
}

function parseGrep(text: string): RegExp {
  try {
    return compileGrep(text);
  } catch (error) {
    // "Invalid regular expression: /(/i: Unterminated group"
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: .*: /, '') : String(error);
    throw new InvalidArgumentError(`${reason}. Write a JavaScript regular expression; \\ before ( [ { . * + ? takes it as it is.`);
  }
}

export async function run(asked: LogsOptions, context: Context): Promise<ExitCode> {
  const stack = await context.selectStack();
  const options = stack.runtime === 'local' ? withinOrigin(asked, context) : asked;
  if (stack.carryOutput !== undefined && stack.serviceLog !== undefined) {
    const { showContainerLogs } = await import('./logs/container-logs.ts');
    return showContainerLogs(options, { carryOutput: stack.carryOutput, serviceLog: stack.serviceLog }, context);
  }
  const found = await stack.logFiles();
  const missing = options.names.filter((name) => !found.some((file) => file.name === name));
  if (missing.length > 0) await explainMissing(missing, found, context);
  const { showFileLogs } = await import('./logs/file-logs.ts');
  const find = async (): Promise<readonly LogFile[]> => (await stack.logFiles()).filter((file) => isAskedFor(options, file.name));
  return showFileLogs(options, find, context);
}

/** In the local runtime the edge is a server block of the origin's nginx, which has one log. */
function withinOrigin(options: LogsOptions, context: Context): LogsOptions {
  if (!options.names.includes(edgeName)) return options;
  say(context.streams, `the edge is a part of ${originName} in the local runtime: its lines are in that log`);
  return { ...options, names: [...new Set(options.names.map((name) => (name === edgeName ? originName : name)))] };
}

/** A stream of the list that never ran has no log yet; anything else is a slip. */
async function explainMissing(missing: readonly string[], files: readonly LogFile[], context: Context): Promise<void> {
  const listed = await context.loadConfig().then(
    (config) => config.streams.map((stream) => stream.id),
    () => [],
  );
  const known = [...new Set([...listed, ...files.map((file) => file.name), backendName, originName, edgeName])];
  for (const name of missing) {
    if (!known.includes(name)) throw unknownStream(name, known);
    say(context.streams, `${name} has no log yet`);
  }
}
