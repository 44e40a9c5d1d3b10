// `iptv down`: stops every job, nginx and the supervisor; orders stay for the next `iptv up`.

import type { Command } from 'commander';

import type { RuntimeChoice } from '../core/config.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { writeJson } from '../ui/json.ts';
import { startSpinner } from '../ui/spinner.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { addRuntime } from './flags.ts';

export interface DownOptions {
  readonly runtime: RuntimeChoice | undefined;
}

export const help: CommandHelp = {
  purpose: 'Stop every job, nginx and the supervisor. What was ordered to run runs again after the next `iptv up`.',
  examples: [['iptv down', 'harmless when nothing runs']],
};

export function declare(command: Command, context: Context, run: Run<DownOptions>): void {
  addRuntime(command).action(async (flags: { runtime?: RuntimeChoice }) => {
    context.finish(await run({ runtime: flags.runtime }, context));
  });
}

export async function run(options: DownOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const stack = await context.selectStack(options.runtime);
  const spinner = await startSpinner(streams, 'stopping');
  try {
    const stopped = await stack.down((text) => spinner.step(text));
    spinner.succeed(stopped ? 'stopped' : 'nothing was running');
    if (streams.json) writeJson(streams.out, { runtime: stack.runtime, stopped });
    return ExitCode.ok;
  } finally {
    spinner.stop();
  }
}
