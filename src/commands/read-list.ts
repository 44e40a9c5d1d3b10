// `iptv read-list`: reads the list for the supervisor, which started this process, and asks ffmpeg what it can do.

import type { Command } from 'commander';

import { usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';

export type ReadListOptions = Readonly<Record<string, never>>;

export const help: CommandHelp = {
  purpose: 'Read streams.yaml for the supervisor. People use iptv validate instead.',
  examples: [],
};

export function declare(command: Command, context: Context, run: Run<ReadListOptions>): void {
  command.action(async () => {
    context.finish(await run({}, context));
  });
}

export const run: Run<ReadListOptions> = async (_options, context) => {
  if (context.answerParent === undefined) throw usageError('read-list answers the supervisor only', 'iptv validate');
  await context.answerParent();
  return ExitCode.ok;
};
