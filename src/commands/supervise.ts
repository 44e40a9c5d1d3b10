// `iptv supervise`: the supervisor itself, in this process; `iptv up` and the backend container start it.

import type { Command } from 'commander';

import { toExitCode, type CommandHelp, type Run } from './command.ts';
import type { Context } from './context.ts';

export type SuperviseOptions = Readonly<Record<string, never>>;

export const help: CommandHelp = {
  purpose: 'Run the supervisor in this process until SIGTERM. People use iptv up instead.',
  examples: [],
};

export function declare(command: Command, context: Context, run: Run<SuperviseOptions>): void {
  command.action(async () => {
    context.finish(await run({}, context));
  });
}

export const run: Run<SuperviseOptions> = async (_options, context) => toExitCode(await context.supervise());
