// `iptv restart`: ends the jobs of streams and starts them afresh, one by one or as a rolling batch that cron can drive.

import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import { usageError } from '../core/errors.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import type { BatchOptions } from './batch/options.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { addSelection, collect, parseCount, parseDuration, readSelection, type SelectionFlags } from './flags.ts';
import { addWaiting, runOrder, type OrderOptions } from './order.ts';

export const help: CommandHelp = {
  purpose:
    'End the jobs of streams and start them afresh. This is also how a changed definition in streams.yaml takes effect.\n\n' +
    'Named streams are restarted at once. --all, --tag, --group and --unhealthy restart in steps: a few at a time, each one verified ' +
    'playing before the next begins, and the batch stops when too many do not come back. A batch never leaves a stream stopped, ' +
    'two batches never run at once, and with -q a batch that went well prints nothing.\n\n' +
    'Where the provider of a healthy stream has a free connection, a second one carries the channel playlist meanwhile, so that viewers ' +
    'see no gap; status --json and events say whether it was so, and why not.',
  examples: [
    ['iptv restart news', 'one stream; on a terminal, waits until it plays again'],
    ['iptv restart --all --rolling 2 --jitter 5m -q', 'for cron: two at a time, silent when all is well'],
    ['iptv restart --unhealthy', 'only what is not well'],
    ['iptv restart --all --older-than 24h --deadline 1h', 'what runs for a day, for an hour at most'],
    ['iptv restart --all --resume', 'go on where the last batch was interrupted'],
    ['iptv restart --tag sport --no-wait', 'all of them now, without looking back'],
  ],
  learnMore: [
    'iptv cron install  writes the line into the crontab',
    'iptv help exit-codes  1: some did not come back, 75: another batch runs',
  ],
};

type Flags = SelectionFlags & {
  readonly wait?: boolean;
  readonly timeout: number;
  readonly group?: readonly string[];
  readonly unhealthy?: true;
  readonly skipHealthy?: true;
  readonly rolling?: number;
  readonly jitter?: number;
  readonly olderThan?: number;
  readonly maxFail?: number;
  readonly deadline?: number;
  readonly lockWait?: number;
  readonly resume?: true;
  readonly seamless?: boolean;
};

export type RestartOptions = OrderOptions | ({ readonly action: 'batch' } & BatchOptions);

const defaultRolling = 2;
const defaultMaxFail = 2;
const batchFlags = ['rolling', 'jitter', 'olderThan', 'maxFail', 'deadline', 'lockWait', 'resume', 'skipHealthy', 'unhealthy'] as const;

export function declare(command: Command, context: Context, run: Run<RestartOptions>): void {
  addWaiting(
    addSelection(command, 'every stream that is ordered to run')
      .option('--group <group>', 'every stream of this group (repeatable)', collect)
      .option('--unhealthy', 'every stream that is not well'),
    'playable (default on a terminal and for batches)',
    '60s',
  )
    .addOption(new Option('--rolling <n>', `streams restarted at the same time (default: ${defaultRolling})`).argParser(parseRolling))
    .addOption(new Option('--jitter <duration>', 'begin after a random time up to this').argParser(parseDuration))
    .addOption(new Option('--older-than <duration>', 'leave younger jobs alone').argParser(parseDuration))
    .option('--skip-healthy', 'leave healthy streams alone')
    .addOption(new Option('--max-fail <n>', `stop when more than n did not come back (default: ${defaultMaxFail})`).argParser(parseCount))
    .addOption(new Option('--deadline <duration>', 'begin no restart later than this').argParser(parseDuration))
    .addOption(new Option('--lock-wait <duration>', 'wait so long for another batch (default: not at all)').argParser(parseDuration))
    .option('--resume', 'go on where the last batch was interrupted')
    .option('--no-seamless', 'stop and start, also where a second connection could carry the channel meanwhile')
    .action(async (ids: readonly string[], flags: Flags) => {
      context.finish(await run(readRestart(ids, flags, context), context));
    });
}

function readRestart(ids: readonly string[], flags: Flags, context: Context): RestartOptions {
  const selection = readTargets(ids, flags);
  const asked = batchFlags.find((name) => flags[name] !== undefined);
  const isBatch = asked !== undefined || (!('ids' in selection) && flags.wait !== false);
  if (!isBatch && !('groups' in selection)) {
    const wait = flags.wait ?? context.streams.err.isTerminal;
    return { action: 'restart', selection, wait, timeoutMs: flags.timeout, seamless: flags.seamless !== false };
  }
  if (flags.wait === false) {
    throw usageError('a batch looks at each stream before the next one: --no-wait does not go with it', 'iptv restart --help');
  }
  return {
    action: 'batch',
    selection,
    rolling: flags.rolling ?? defaultRolling,
    jitterMs: flags.jitter ?? 0,
    olderThanMs: flags.olderThan,
    which: flags.unhealthy === true || flags.skipHealthy === true ? 'unhealthy' : 'all',
    maxFail: flags.maxFail ?? defaultMaxFail,
    deadlineMs: flags.deadline,
    lockWaitMs: flags.lockWait ?? 0,
    timeoutMs: flags.timeout,
    resume: flags.resume === true,
    seamless: flags.seamless !== false,
  };
}

/** `--unhealthy` alone means: wherever they are. */
function readTargets(ids: readonly string[], flags: Flags): BatchOptions['selection'] {
  const others = ids.length > 0 || flags.all === true || flags.tag !== undefined;
  if (flags.group !== undefined) {
    if (others) throw usageError('name streams, or use --all, --tag or --group: only one of them', 'iptv restart --help');
    return { groups: flags.group };
  }
  return flags.unhealthy === true && !others ? { all: true } : readSelection(ids, flags, 'restart');
}

function parseRolling(text: string): number {
  const count = parseCount(text);
  if (count === 0) throw new InvalidArgumentError('Write 1 or more.');
  return count;
}

export async function run(options: RestartOptions, context: Context): Promise<ExitCode> {
  if (options.action !== 'batch') return runOrder(options, context);
  const { restartBatch } = await import('./batch/restart-batch.ts');
  return restartBatch(options, context);
}
