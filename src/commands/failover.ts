// `iptv failover`: the sources of a stream with their health; switches by hand, looks, and replays an outage.

import type { Command } from 'commander';

import type { ControlClient } from '../control/protocol.ts';
import { AppError, usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { FailoverReport, ProbeReport } from '../core/failover.ts';
import { writeJson } from '../ui/json.ts';
import { carriedFirst, throwIfInterrupted, type CommandHelp, type Run } from './command.ts';
import type { Context } from './context.ts';
import { parseCount } from './flags.ts';
import { connect } from './not-running.ts';
import { unknownStream } from './unknown-stream.ts';

export interface FailoverOptions {
  readonly id: string;
  readonly action: 'show' | 'force' | 'auto' | 'probe' | 'record' | 'dry-run';
  /** For `force`; counts from 1, as people do. */
  readonly to?: number;
  /** For `dry-run`; undefined: the stream's own record. */
  readonly file?: string;
}

export const help: CommandHelp = {
  purpose:
    'Show the sources of a stream in order, how each one is, and which one plays. A source that fails rests for a while; the stream goes back to a better one when it has been good for failover.failBack.',
  examples: [
    ['iptv failover news', 'sources, health, rests, last failures, connections to the providers'],
    ['iptv failover news --to 2', 'switch to the second source and prefer it until --auto'],
    ['iptv failover news --auto', 'give the choice back'],
    ['iptv failover news --probe', 'look at each source now, within the limits of the providers'],
    ['iptv failover news --dry-run', 'replay what happened lately with the present settings, and show the decisions'],
    ['iptv failover news --record > outage.jsonl', 'keep a record; --dry-run outage.jsonl replays it'],
  ],
};

interface Flags {
  readonly to?: number;
  readonly auto?: true;
  readonly probe?: true;
  readonly record?: true;
  readonly dryRun?: true | string;
}

export function declare(command: Command, context: Context, run: Run<FailoverOptions>): void {
  command
    .argument('<id>', 'the stream')
    .option('--to <n>', 'switch to this source, counted from 1', parseCount)
    .option('--auto', 'let iptv choose again')
    .option('--probe', 'look at every source now')
    .option('--dry-run [file]', 'decide again what was recorded, with the settings of streams.yaml; changes nothing')
    .option('--record', 'print the last events of the sources as JSON lines')
    .action(async (id: string, flags: Flags) => {
      context.finish(await run(readFlags(id, flags), context));
    });
}

function readFlags(id: string, { to, auto, probe, record, dryRun }: Flags): FailoverOptions {
  const given: readonly FailoverOptions[] = [
    ...(to === undefined ? [] : [{ id, action: 'force' as const, to }]),
    ...(auto === undefined ? [] : [{ id, action: 'auto' as const }]),
    ...(probe === undefined ? [] : [{ id, action: 'probe' as const }]),
    ...(record === undefined ? [] : [{ id, action: 'record' as const }]),
    ...(dryRun === undefined ? [] : [{ id, action: 'dry-run' as const, ...(dryRun === true ? {} : { file: dryRun }) }]),
  ];
  if (given.length > 1) throw usageError('--to, --auto, --probe, --record and --dry-run exclude each other', 'iptv failover --help');
  return given[0] ?? { id, action: 'show' };
}

/** A file lies here, whatever runs in a container; everything else is asked of the supervisor. */
export function run(options: FailoverOptions, context: Context): Promise<ExitCode> {
  return options.file === undefined ? carriedFirst(ask)(options, context) : dryRun(options.id, options.file, context);
}

async function ask(options: FailoverOptions, context: Context): Promise<ExitCode> {
  const { id } = options;
  const client = await connect(context);
  switch (options.action) {
    case 'show':
      return show(await client.failover(id), context);
    case 'force':
      if (options.to === undefined || options.to < 1) throw usageError('sources are counted from 1', `iptv failover ${id}`);
      return show(await client.force({ id, source: options.to - 1 }), context);
    case 'auto':
      return show(await client.force({ id, source: null }), context);
    case 'probe':
      return probe(client, id, context);
    case 'record':
      for (const line of (await client.failover(id)).record) context.streams.out.write(`${line}\n`);
      return ExitCode.ok;
    case 'dry-run':
      return replay(id, (await client.failover(id)).record, context);
  }
}

async function show(report: FailoverReport, context: Context): Promise<ExitCode> {
  const { streams } = context;
  if (streams.json) writeJson(streams.out, report);
  else if (!streams.quiet) {
    const { renderSources } = await import('./failover/sources-text.ts');
    streams.out.write(renderSources(report, streams.out, context.now()));
  }
  return ExitCode.ok;
}

/** One after another: what is looked at together may go beyond a limit that holds for each. */
async function probe(client: ControlClient, id: string, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const { sources } = await client.failover(id);
  const found: ProbeReport[] = [];
  for (const { index } of sources) {
    throwIfInterrupted(context);
    found.push(await client.probe({ id, source: index }));
  }
  if (streams.json) writeJson(streams.out, { id, sources: found });
  else if (!streams.quiet) {
    const { renderProbes } = await import('./failover/sources-text.ts');
    streams.out.write(renderProbes(sources, found, streams.out));
  }
  return found.some(({ result }) => result === 'bad') ? ExitCode.answerIsBad : ExitCode.ok;
}

async function dryRun(id: string, file: string, context: Context): Promise<ExitCode> {
  const path = file.startsWith('/') ? file : `${context.cwd}/${file}`;
  const text = await (await context.ports()).files.readText(path);
  if (text === undefined) {
    throw new AppError({
      exitCode: ExitCode.usage,
      code: 'no-record',
      message: `there is no file ${file}`,
      next: `iptv failover ${id} --record > ${file}`,
    });
  }
  return replay(id, text.split('\n'), context);
}

async function replay(id: string, lines: readonly string[], context: Context): Promise<ExitCode> {
  const { streams } = context;
  const [config, { replay: decide, readRecordLine }, { policyOf, sourceKeys }] = await Promise.all([
    context.loadConfig(),
    import('../run/failover/replay.ts'),
    import('../run/failover/policy.ts'),
  ]);
  const stream = config.streams.find((candidate) => candidate.id === id);
  if (stream === undefined) {
    throw unknownStream(
      id,
      config.streams.map((each) => each.id),
    );
  }
  const wanted = lines.filter((line) => line.trim() !== '');
  const events = wanted.flatMap((line) => readRecordLine(line) ?? []);
  if (wanted.length > 0 && events.length === 0) {
    throw new AppError({
      exitCode: ExitCode.usage,
      code: 'no-record',
      message: 'no line of it is a recorded event',
      next: `iptv failover ${id} --record`,
    });
  }
  const replayed = decide(events, sourceKeys(stream), policyOf(stream));
  const skipped = wanted.length - events.length;
  if (streams.json) writeJson(streams.out, { id, skippedLines: skipped, steps: replayed.steps });
  else if (!streams.quiet) {
    const { renderReplay } = await import('./failover/replay-text.ts');
    streams.out.write(renderReplay(replayed.steps, skipped, streams.out));
  }
  return ExitCode.ok;
}
