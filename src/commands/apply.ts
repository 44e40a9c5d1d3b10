// `iptv apply`: does what `iptv diff` shows and nothing else, step by step, and takes back what does not play.

import { Option } from 'commander';
import type { Command } from 'commander';

import { ExitCode } from '../core/exit-codes.ts';
import { writeJson } from '../ui/json.ts';
import { say } from '../ui/messages.ts';
import { applyOnce, type ApplyOptions } from './batch/apply-once.ts';
import { watchList } from './batch/watch-list.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { renderDiff } from './diff.ts';
import { parseCount, parseDuration } from './flags.ts';
import { connect } from './not-running.ts';

export interface ApplyCommandOptions extends ApplyOptions {
  readonly dryRun: boolean;
  readonly watch: boolean;
}

export const help: CommandHelp = {
  purpose:
    'Take over streams.yaml: stop what was removed or disabled, restart what changed, start what is new, a few at a time, each one verified playing. A stream whose new definition does not play goes back to the one that did. Unchanged streams keep their jobs. An invalid file changes nothing.',
  examples: [
    ['iptv apply -n', 'the same as iptv diff'],
    ['iptv apply', 'do it'],
    ['iptv apply --watch', 'and again after each change of the file, until Ctrl-C'],
    ['kill -HUP $(iptv status --json | jq .supervisor.pid)', 'the same, asked of the supervisor'],
  ],
};

interface Flags {
  readonly dryRun?: true;
  readonly watch?: true;
  readonly rolling: number;
  readonly maxFail: number;
  readonly timeout: number;
  readonly lockWait: number;
  readonly rollback: boolean;
}

export function declare(command: Command, context: Context, run: Run<ApplyCommandOptions>): void {
  command
    .option('-n, --dry-run', 'show what would be done, and do nothing')
    .option('--watch', 'apply each change of the file')
    .addOption(new Option('--rolling <n>', 'streams changed at the same time').argParser(parseCount).default(2))
    .addOption(new Option('--max-fail <n>', 'stop when more than n do not play').argParser(parseCount).default(2))
    .addOption(new Option('--timeout <duration>', 'time for a stream to play').argParser(parseDuration).default(60_000, '60s'))
    .addOption(new Option('--lock-wait <duration>', 'wait so long for a batch that runs').argParser(parseDuration).default(0, 'not at all'))
    .option('--no-rollback', 'leave the new definition in place although it does not play')
    .action(async (flags: Flags) => {
      const options = {
        dryRun: flags.dryRun === true,
        watch: flags.watch === true,
        rolling: Math.max(1, flags.rolling),
        maxFail: flags.maxFail,
        timeoutMs: flags.timeout,
        lockWaitMs: flags.lockWait,
        rollback: flags.rollback,
      };
      context.finish(await run(options, context));
    });
}

export async function run(options: ApplyCommandOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  if (options.dryRun) {
    const diff = await (await connect(context)).diff();
    if (streams.json) writeJson(streams.out, diff);
    else if (!streams.quiet) streams.out.write(renderDiff(diff, streams.out, false));
    return ExitCode.ok;
  }
  if (!options.watch) return applyOnce(options, context);
  say(streams, 'applying each change of the list; Ctrl-C ends');
  return watchList(() => applyOnce({ ...options, lockWaitMs: Math.max(options.lockWaitMs, 600_000) }, context), context);
}
