// `iptv help`: everything, one command, or one of the topics.

import type { Command } from 'commander';

import { usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { nearest } from '../core/nearest.ts';
import { renderHelp, type HelpPage } from '../ui/help.ts';
import { createTheme } from '../ui/theme.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { helpTopics } from './help-topics.ts';

export interface HelpOptions {
  readonly topic: string | undefined;
}

export const help: CommandHelp = {
  purpose: 'Explain iptv, one of its commands, or a topic.',
  examples: [
    ['iptv help start', 'a command'],
    ['iptv help exit-codes', `a topic; there are ${Object.keys(helpTopics).join(', ')}`],
  ],
};

export function declare(command: Command, context: Context, run: Run<HelpOptions>): void {
  command.argument('[topic]', `a command, or one of ${Object.keys(helpTopics).join(', ')}`).action(async (topic: string | undefined) => {
    context.finish(await run({ topic }, context));
  });
}

export async function run(options: HelpOptions, context: Context): Promise<ExitCode> {
  const { out } = context.streams;
  const page = await findPage(options.topic, context);
  out.write(renderHelp(page, createTheme(out.hasColor), out.columns));
  return ExitCode.ok;
}

async function findPage(topic: string | undefined, context: Context): Promise<HelpPage> {
  const page = topic === undefined ? undefined : helpTopics[topic];
  if (page !== undefined) return page;
  const program = await context.wholeProgram();
  if (topic === undefined) return program.pageOf(program.root);
  const commands = program.root.createHelp().visibleCommands(program.root);
  const command = commands.find((candidate) => candidate.name() === topic);
  if (command !== undefined) return program.pageOf(command);
  const near = nearest(topic, [...Object.keys(helpTopics), ...commands.map((candidate) => candidate.name())]);
  throw usageError(`no command or topic "${topic}"${near === undefined ? '' : `; did you mean "${near}"?`}`, 'iptv help');
}
