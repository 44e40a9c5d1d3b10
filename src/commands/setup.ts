// `iptv setup`: installs ffmpeg, nginx and its rtmp module from the distribution where they are missing.

import type { Command } from 'commander';

import { ExitCode } from '../core/exit-codes.ts';
import { writeJson } from '../ui/json.ts';
import { startSpinner } from '../ui/spinner.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';

export type SetupOptions = Readonly<Record<string, never>>;

export const help: CommandHelp = {
  purpose:
    'Install what the local runtime needs and is missing: ffmpeg, nginx and its rtmp module, from the distribution. Without rights, or on a system it does not know, it names the packages and stops.',
  examples: [['sudo iptv setup', 'on Debian or Ubuntu']],
};

export function declare(command: Command, context: Context, run: Run<SetupOptions>): void {
  command.action(async () => {
    context.finish(await run({}, context));
  });
}

export async function run(_options: SetupOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const spinner = await startSpinner(streams, 'looking for ffmpeg, nginx and its rtmp module');
  try {
    await context.setup((text) => spinner.step(text));
    spinner.succeed('ffmpeg, nginx and its rtmp module are installed');
    if (streams.json) writeJson(streams.out, { ready: true });
    return ExitCode.ok;
  } finally {
    spinner.stop();
  }
}
