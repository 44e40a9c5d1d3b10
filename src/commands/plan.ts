// `iptv plan`: the exact ffmpeg command of a stream and the reason of each part.

import type { Command } from 'commander';

import type { Config, SourceConfig, StreamConfig } from '../core/config.ts';
import { resolveEndpoints } from '../core/endpoints.ts';
import { AppError, usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import type { JobPlan } from '../core/job-plan.ts';
import type { LadderCost } from '../plan/ladder/cost.ts';
import { redactText } from '../core/redact.ts';
import { writeJson } from '../ui/json.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { parseCount } from './flags.ts';
import { unknownStream } from './unknown-stream.ts';

export interface PlanOptions {
  readonly id: string;
  /** Counts from 1, as people do. */
  readonly source: number;
  /** Ask the source now, instead of going by what is remembered of it. */
  readonly probe: boolean;
}

export const help: CommandHelp = {
  purpose: 'Show the ffmpeg command that a stream would run, with the reason of each part. Starts nothing; secrets are masked.',
  examples: [
    ['iptv plan news', 'the command and its reasons'],
    ['iptv plan news --source 2', 'the same for its second source'],
    ['iptv plan news --probe', 'ask the source for its codecs first (one connection)'],
    ["iptv plan news --json | jq '.argv'", 'the argument list for a program'],
  ],
};

export function declare(command: Command, context: Context, run: Run<PlanOptions>): void {
  command
    .argument('<id>', 'the stream')
    .option('--source <n>', 'which of its sources, counted from 1', parseCount, 1)
    .option('--probe', 'ask the source for its codecs now; opens one connection to it')
    .action(async (id: string, flags: { source: number; probe?: true }) => {
      context.finish(await run({ id, source: flags.source, probe: flags.probe === true }, context));
    });
}

export async function run(options: PlanOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const config = await context.loadConfig();
  const stream = config.streams.find((candidate) => candidate.id === options.id);
  if (stream === undefined)
    throw unknownStream(
      options.id,
      config.streams.map(({ id }) => id),
    );
  const { plan, ffmpegVersion } = await planFor(stream, options, config, context);
  const cost = await costOf(plan, context);
  const notes = [...plan.notes, ...(cost.note === undefined ? [] : [cost.note])];
  const reasons = plan.steps.map((step) => ({ args: step.args.map((word) => redactText(word, config.secrets)), why: step.why }));
  if (streams.json) {
    writeJson(streams.out, {
      id: plan.streamId,
      source: options.source,
      ffmpeg: ffmpegVersion,
      video: plan.video,
      audio: plan.audio,
      legs: plan.legs,
      argv: ['ffmpeg', ...plan.redactedArgv],
      steps: reasons,
      notes,
      ...(plan.subtitles === undefined ? {} : { subtitles: plan.subtitles }),
      ...(plan.rungs === undefined ? {} : { rungs: plan.rungs, cost: cost.figures }),
    });
    return ExitCode.ok;
  }
  const { renderPlan } = await import('../ui/plan-text.ts');
  const source = stream.sources[options.source - 1]?.display ?? '';
  const title = `${stream.id}: ${source} (source ${options.source} of ${stream.sources.length}), ffmpeg ${ffmpegVersion}, video ${plan.video}, audio ${plan.audio}`;
  streams.out.write(renderPlan({ title, command: ['ffmpeg', ...plan.redactedArgv], reasons, notes }, streams.out));
  return ExitCode.ok;
}

/** What a ladder takes of this machine, where `iptv bench machine` has measured it; nothing for other plans. */
async function costOf({ rungs }: JobPlan, context: Context): Promise<{ readonly note?: string; readonly figures: LadderCost | null }> {
  if (rungs === undefined) return { figures: null };
  const [{ costNote, ladderCost, parseFigures }, ports] = await Promise.all([import('../plan/ladder/cost.ts'), context.ports()]);
  const measured = parseFigures(await ports.files.readText(`${context.paths.directory}/machine.json`).catch(() => undefined));
  const note = costNote(rungs, measured);
  return { ...(note === undefined ? {} : { note }), figures: measured === undefined ? null : ladderCost(rungs, measured) };
}

export async function planFor(
  stream: StreamConfig,
  options: PlanOptions,
  config: Config,
  context: Context,
): Promise<{ plan: JobPlan; ffmpegVersion: string }> {
  const number = options.source;
  const source = stream.sources[number - 1];
  if (source === undefined)
    throw usageError(`${stream.id} has ${stream.sources.length} source(s), so --source ${number} names none`, `iptv plan ${stream.id}`);
  const [{ planJob }, stack, known] = await Promise.all([import('../plan/job-plan.ts'), context.selectStack(), context.ffmpegFacts()]);
  const ffmpeg = await withEncoders(stream, known, context);
  const remembered = () => context.sourceFacts(stream.id, source);
  const facts = options.probe
    ? ((await probed(stream, source, number, ffmpeg, config, context)) ?? (await remembered()))
    : await remembered();
  const plan = planJob({
    stream,
    sourceIndex: number - 1,
    endpoints: resolveEndpoints(config.server, stack.runtime),
    ffmpeg,
    source: facts,
    secrets: config.secrets,
    startNumber: undefined,
  });
  return { plan, ffmpegVersion: ffmpeg.version };
}

/** A device may be gone since its encoder was tried: as a job's start would, it is tried again. */
async function withEncoders({ output }: StreamConfig, known: FfmpegFacts, context: Context): Promise<FfmpegFacts> {
  if (output.encoder === undefined || output.encoder === 'x264') return known;
  const [{ tryAgain }, { process }] = await Promise.all([import('../run/encoder-trials.ts'), context.ports()]);
  return tryAgain(process, known);
}

/**
 * A provider's connections are counted by the supervisor, and an address that is resolved is known there: it looks. undefined:
 * the source plays now, so that what is remembered of it is true.
 */
async function probed(
  stream: StreamConfig,
  source: SourceConfig,
  number: number,
  ffmpeg: FfmpegFacts,
  config: Config,
  context: Context,
): Promise<SourceFacts | undefined> {
  const isShared = source.provider !== undefined || source.resolve !== undefined;
  const client = isShared ? await (await context.selectStack()).connect() : undefined;
  if (client === undefined) {
    const { probeSource } = await import('./probe-source.ts');
    return probeSource(await context.ports(), source, ffmpeg, config.secrets);
  }
  const { result, message, facts } = await client.probe({ id: stream.id, source: number - 1 });
  if (result === 'on-air') return undefined;
  if (result === 'good') return facts ?? undefined;
  throw new AppError({
    exitCode: result === 'bad' ? ExitCode.answerIsBad : ExitCode.tryAgain,
    code: 'probe-failed',
    message: `${source.display}: ${message}`,
    next: `iptv failover ${stream.id}`,
  });
}
