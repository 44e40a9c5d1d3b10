// `iptv validate`: checks streams.yaml and shows every problem at its place.

import type { Command } from 'commander';

import { ExitCode } from '../core/exit-codes.ts';
import { writeJson } from '../ui/json.ts';
import { plural } from '../ui/time.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';

export interface ValidateOptions {
  readonly file: string | undefined;
}

export const help: CommandHelp = {
  purpose: 'Check streams.yaml. Every problem is shown at once, with its line and column; the exit code is 78 when there is one.',
  examples: [
    ['iptv validate', 'the list that the other commands use'],
    ['iptv validate new.yaml && mv new.yaml streams.yaml', 'before taking a new one over'],
    ['iptv validate --json', 'problems as JSON on stderr'],
  ],
};

export function declare(command: Command, context: Context, run: Run<ValidateOptions>): void {
  command.argument('[file]', 'default: the list that the other commands use').action(async (file: string | undefined) => {
    context.finish(await run({ file }, context));
  });
}

export async function run(options: ValidateOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const config = await context.loadConfig(options.file);
  if (streams.json) writeJson(streams.out, { valid: true, path: config.path, streams: config.streams.length });
  else if (!streams.quiet) streams.out.write(`${config.path} is valid: ${plural(config.streams.length, 'stream')}\n`);
  return ExitCode.ok;
}
