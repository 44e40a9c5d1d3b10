// `iptv why`: the story of a stream in plain words, with advice.

import type { Command } from 'commander';

import type { StreamConfig } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { StreamStatus } from '../core/status.ts';
import { explainStream, type WhyReport } from '../diagnose/why/why.ts';
import { writeJson } from '../ui/json.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { parseSince } from './flags.ts';
import { readEvents } from './read-events.ts';
import { unknownStream } from './unknown-stream.ts';
import { renderWhy } from './why-text.ts';

export interface WhyOptions {
  readonly ids: readonly string[];
  readonly sinceMs: number;
  readonly evidence: boolean;
}

export const help: CommandHelp = {
  purpose:
    'Say why a stream was interrupted: how it is now, what happened, what repeats, and what to do about it. Reads the record of events, so it works also while the supervisor is down.',
  examples: [
    ['iptv why news', 'the last day'],
    ['iptv why news --since 7d --evidence', 'a week, with the lines that prove it'],
    ["iptv why news --json | jq -r '.streams[0].insights[].advice'", 'for programs'],
  ],
  learnMore: ['iptv events <id>  shows every single event', 'docs/events.md'],
};

const dayMs = 86_400_000;

export function declare(command: Command, context: Context, run: Run<WhyOptions>): void {
  command
    .argument('<id...>', 'streams')
    .option('--since <when>', 'from 7d ago, or from an RFC 3339 time (default: 1d)', (text: string) => parseSince(text, context.now()))
    .option('--evidence', 'the lines that prove it')
    .action(async (ids: readonly string[], flags: { readonly since?: number; readonly evidence?: true }) => {
      const options = { ids: [...new Set(ids)], sinceMs: flags.since ?? context.now() - dayMs, evidence: flags.evidence === true };
      context.finish(await run(options, context));
    });
}

export async function run(options: WhyOptions, context: Context): Promise<ExitCode> {
  const { files } = await context.ports();
  const { events } = await readEvents(files, context.paths.events, { sinceMs: options.sinceMs, most: undefined, accept: () => true });
  const listed = await listedStreams(context);
  const live = await liveStatus(context);
  const known = new Set([...(listed ?? []), ...live].map(({ id }) => id).concat(events.flatMap(({ stream }) => stream ?? [])));
  for (const id of options.ids) if (listed !== undefined && !known.has(id)) throw unknownStream(id, [...known]);
  const reports = options.ids.map((stream) => {
    const now = live.find(({ id }) => id === stream);
    return explainStream({
      stream,
      events,
      definition: listed?.find(({ id }) => id === stream),
      verdict: now?.verdict,
      isPlaying: now?.state === 'running' && now.channel?.state === 'live',
      fromMs: options.sinceMs,
      nowMs: context.now(),
    });
  });
  show(reports, options, context);
  return ExitCode.ok;
}

function show(reports: readonly WhyReport[], options: WhyOptions, context: Context): void {
  const { out, json, quiet } = context.streams;
  if (json) writeJson(out, { streams: reports });
  else if (!quiet) out.write(reports.map((report) => renderWhy(report, out, { evidence: options.evidence })).join('\n'));
}

/** A broken list must not hide the past. */
async function listedStreams(context: Context): Promise<readonly StreamConfig[] | undefined> {
  return context.loadConfig().then(
    (config) => config.streams,
    () => undefined,
  );
}

/** Nobody has to be there: the record is in files. */
async function liveStatus(context: Context): Promise<readonly StreamStatus[]> {
  try {
    const client = await (await context.selectStack()).connect();
    return client === undefined ? [] : (await client.status()).streams;
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}
