// `iptv complete -- <words>`: what the completion scripts ask at each press of Tab.

import type { Command as TabCommand, RootCommand } from '@bomb.sh/tab';
import type { Command, Option } from 'commander';

import { ExitCode } from '../core/exit-codes.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { helpTopics } from './help-topics.ts';

export interface CompleteOptions {
  readonly words: readonly string[];
}

export const help: CommandHelp = { purpose: 'Answer the completion script of a shell.', examples: [] };

/** Candidates by the name of the argument or option they fill. */
export type Candidates = Readonly<Record<string, readonly string[]>>;

export function declare(command: Command, context: Context, run: Run<CompleteOptions>): void {
  command.argument('[words...]', 'the command line so far').action(async (words: readonly string[]) => {
    context.finish(await run({ words }, context));
  });
}

export async function run(options: CompleteOptions, context: Context): Promise<ExitCode> {
  const [tab, program, candidates] = await Promise.all([import('@bomb.sh/tab'), context.wholeProgram(), readCandidates(context)]);
  const root = new tab.RootCommand();
  describe(root, program.root, candidates);
  root.parse([...options.words]);
  return ExitCode.ok;
}

/** A missing or broken list completes nothing and says nothing: the shell is in the middle of a line. */
async function readCandidates(context: Context): Promise<Candidates> {
  const config = await context.loadConfig().catch(() => undefined);
  const streams = config?.streams ?? [];
  const ids = streams.map((stream) => stream.id);
  const { doctorChecks } = await import('../diagnose/doctor-checks.ts');
  return {
    id: ids,
    name: [...ids, 'backend', 'nginx-rtmp', ...(config?.server.edge === undefined ? [] : ['nginx-edge'])],
    tag: [...new Set(streams.flatMap((stream) => stream.tags))],
    topic: Object.keys(helpTopics),
    check: doctorChecks.map((check) => check.id),
  };
}

/** Global flags are repeated for every command, because that is where people type them. */
export function describe(root: RootCommand, program: Command, candidates: Candidates): void {
  addOptions(root, program.options, candidates);
  for (const command of program.createHelp().visibleCommands(program)) {
    const node = root.command(command.name(), command.summary());
    addOptions(node, [...command.options, ...program.options], candidates);
    for (const argument of command.registeredArguments) {
      const words = argument.argChoices ?? candidates[argument.name()] ?? [];
      node.argument(argument.name(), (complete) => words.forEach((word) => complete(word, '')), argument.variadic);
    }
  }
}

function addOptions(node: TabCommand, options: readonly Option[], candidates: Candidates): void {
  for (const option of options) {
    if (option.long === undefined || option.long === null || option.hidden) continue;
    const name = option.long.slice(2);
    const short = option.short?.slice(1);
    const words = option.argChoices ?? candidates[name] ?? [];
    if (option.required || option.optional)
      node.option(name, option.description, (complete) => words.forEach((word) => complete(word, '')), short);
    else if (short === undefined) node.option(name, option.description);
    else node.option(name, option.description, short);
  }
}
