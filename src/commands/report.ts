// `iptv report`: how available streams and providers were, from the record of events; as text, JSON or one HTML file.

import type { Command } from 'commander';

import type { Config } from '../core/config.ts';
import { AppError, usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { verdictNames } from '../core/verdict.ts';
import { makeReport, type Report } from '../observe/report.ts';
import { isSourcesFault } from '../run/failover/causes.ts';
import type { Stack } from '../stack/stack.ts';
import { withoutConfigFlag } from '../ui/globals.ts';
import { writeJson } from '../ui/json.ts';
import { say } from '../ui/messages.ts';
import type { CommandHelp, Run } from './command.ts';
import { toExitCode } from './command.ts';
import type { Context } from './context.ts';
import { parseSince } from './flags.ts';
import { readEvents } from './read-events.ts';
import { renderHtml } from './report/html.ts';
import { renderReport } from './report/text.ts';

export interface ReportOptions {
  readonly sinceMs: number;
  /** `-`: standard output. */
  readonly html: string | undefined;
}

export const help: CommandHelp = {
  purpose:
    'Availability, mean time between failures (MTBF) and to recovery (MTTR), slate and restarts by cause, per stream and per provider, from the record of events. Only time in which a stream was ordered to run counts; from an order to the first segment it counts neither way. A failed job, a bad verdict and a slate that overlap are one outage. Providers answer only for outages that their source began. Works also while the supervisor is down.',
  examples: [
    ['iptv report', 'the last seven days'],
    ['iptv report --since 24h --html report.html', 'one file with plots, for a browser or a mail'],
    ["iptv report --json | jq '.streams[] | {id, availability}'", 'for programs; on a pipe without --json: tab-separated, in seconds'],
  ],
  learnMore: ['iptv events --kind job-failed  shows what it is made from', 'iptv help json  names the keys'],
};

const defaultSinceMs = 7 * 24 * 3_600_000;

export function declare(command: Command, context: Context, run: Run<ReportOptions>): void {
  command
    .option('--since <when>', 'from 24h ago, or from an RFC 3339 time (default: 7d)', (text: string) => parseSince(text, context.now()))
    .option('--html <file>', 'write one self-contained HTML file with plots; - is standard output')
    .action(async (flags: { since?: number; html?: string }) => {
      const options = { sinceMs: flags.since ?? context.now() - defaultSinceMs, html: flags.html };
      context.finish(await run(options, context));
    });
}

export async function run(options: ReportOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  if (options.html !== undefined && streams.json) throw usageError('--html or --json: only one of them', 'iptv report --json');
  if (options.html === '') throw usageError('--html needs the name of a file, or -', 'iptv report --html report.html');
  if (options.sinceMs >= context.now()) throw usageError('--since must be in the past', 'iptv report --since 24h');
  const stack = await context.selectStack().catch((error: unknown) => {
    // A list that cannot be read must not hide the past.
    if (error instanceof AppError && error.exitCode === ExitCode.configInvalid) return undefined;
    throw error;
  });
  if (stack?.carry !== undefined) return carried(options, stack, context);
  const report = await make(options, context);
  if (options.html !== undefined) {
    await writeHtml(options.html, renderHtml(report), context);
    if (options.html !== '-') for (const note of report.notes) say(streams, note);
    return ExitCode.ok;
  }
  if (streams.json) writeJson(streams.out, report);
  else {
    if (!streams.quiet) streams.out.write(renderReport(report, streams.out));
    for (const note of report.notes) say(streams, note);
  }
  return ExitCode.ok;
}

async function make(options: ReportOptions, context: Context): Promise<Report> {
  const { files } = await context.ports();
  const config = await context.loadConfig().catch(() => undefined);
  // What was before the window tells how it begins.
  const wanted = { sinceMs: undefined, most: undefined, accept: () => true };
  const { events } = await readEvents(files, context.paths.events, wanted);
  const orders = parseOrders(await files.readText(context.paths.orders));
  const listed = config?.streams.map(({ id }) => id);
  return makeReport(events, {
    sinceMs: options.sinceMs,
    now: context.now(),
    orders,
    listed,
    providerOf: (id, url) => providerOf(config, id, url),
    isSources,
  });
}

const verdictWords: ReadonlySet<string> = new Set(verdictNames);
const ours: ReadonlySet<string> = new Set(['job-lost', 'ordered', 'replanned', 'unknown']);

function isSources(cause: string): boolean {
  if (verdictWords.has(cause)) return cause === 'source-dead' || cause === 'source-silent';
  return !ours.has(cause) && isSourcesFault(cause, false);
}

/** The name in the list, else the host that is shown. */
export function providerOf(config: Pick<Config, 'streams'> | undefined, id: string, url: string): string {
  const sources = config?.streams.find((stream) => stream.id === id)?.sources ?? [];
  const source = url === '' ? sources[0] : sources.find(({ display }) => display === url);
  if (source?.provider !== undefined) return source.provider;
  const shown = source?.display ?? url;
  return (
    /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]+)/i.exec(shown)?.[1] ??
    (shown.startsWith('test:') ? 'test' : shown === '' ? 'unknown' : 'local file')
  );
}

function parseOrders(text: string | undefined): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
  } catch {
    return {};
  }
}

async function writeHtml(file: string, text: string, context: Context): Promise<void> {
  const { streams } = context;
  if (file === '-') {
    streams.out.write(text);
    return;
  }
  const { files } = await context.ports();
  const path = file.startsWith('/') ? file : `${context.cwd.replace(/\/$/, '')}/${file}`;
  await files.writeAtomic(path, text, 0o644).catch((error: unknown) => {
    throw new AppError({
      exitCode: ExitCode.usage,
      code: 'cannot-write',
      message: `cannot write ${path}`,
      evidence: [error instanceof Error ? error.message : String(error)],
      next: 'iptv report --html - > report.html',
    });
  });
  if (!streams.quiet) streams.out.write(`wrote ${path}\n`);
}

/** In the container the file would be lost with it: there it goes to standard output, and here into the file. */
async function carried({ html }: ReportOptions, stack: Stack, context: Context): Promise<ExitCode> {
  const argv = withoutConfigFlag(context.argv);
  if (html === undefined || html === '-' || stack.carryOutput === undefined) return toExitCode((await stack.carry?.(argv)) ?? ExitCode.ok);
  const program = await stack.carryOutput(toStandardOutput(argv));
  const parts: Uint8Array[] = [];
  for await (const part of program.output) parts.push(part);
  const code = toExitCode(await program.ended);
  if (code === ExitCode.ok) await writeHtml(html, new TextDecoder().decode(joined(parts)), context);
  return code;
}

export function toStandardOutput(argv: readonly string[]): readonly string[] {
  return argv.map((word, at) => (word.startsWith('--html=') ? '--html=-' : argv[at - 1] === '--html' ? '-' : word));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
