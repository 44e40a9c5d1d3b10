// Builds commander's command tree from the list of commands; loads only the files that are needed.

import { Command, CommanderError } from 'commander';

import { usageError, type AppError } from '../core/errors.ts';
import type { HelpPage } from '../ui/help.ts';
import type { CommandHelp } from './command.ts';
import type { Context } from './context.ts';
import { commandPage, programPage } from './help-page.ts';
import { commandEntries } from './index.ts';

export interface Program {
  readonly root: Command;
  /** The help of a command whose file was loaded, or of the whole. */
  pageOf(command: Command): HelpPage;
  /** The help of a bare `iptv`. */
  shortPage(): HelpPage;
  run(argv: readonly string[]): Promise<ProgramOutcome>;
}

export type ProgramOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'help'; readonly page: HelpPage }
  | { readonly kind: 'failed'; readonly error: unknown };

/** `name`: the command whose flags are declared; undefined: all. The others are there by name, for help and suggestions. */
export async function createProgram(context: Context, name?: string): Promise<Program> {
  const root = new Command('iptv');
  const helps = new Map<Command, CommandHelp>();
  let explained: Command | undefined;
  const { out } = context.streams;
  root
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .helpCommand(false)
    .option('--json', 'print one JSON document, for programs')
    .option('-q, --quiet', 'print errors only')
    .option('-v, --verbose', 'print more, to stderr')
    .option('--config <file>', 'the list of streams (default: see iptv help config)')
    .option('--color', 'colour, even into a pipe')
    .option('--no-color', 'no colour')
    .exitOverride()
    // Help and errors are rendered by ui/, which loads its colours only then.
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: () => undefined, outputError: () => undefined })
    .configureHelp({
      formatHelp: (command) => {
        explained = command;
        return '';
      },
    });
  for (const entry of commandEntries) {
    const command = root
      .command(entry.name, { hidden: entry.hidden === true })
      .summary(entry.summary)
      .helpGroup(entry.group);
    if (name !== undefined && name !== entry.name) continue;
    const bound = await entry.load();
    bound.declare(command, context);
    helps.set(command, bound.help);
  }

  const pageOf = (command: Command): HelpPage => {
    const help = helps.get(command);
    return help === undefined ? programPage(root, context.version, 'whole') : commandPage(command, root, help);
  };
  const shortPage = (): HelpPage => programPage(root, context.version, 'short');

  return {
    root,
    pageOf,
    shortPage,
    async run(argv) {
      try {
        await root.parseAsync([...argv], { from: 'user' });
        return { kind: 'done' };
      } catch (error) {
        if (!(error instanceof CommanderError)) return { kind: 'failed', error };
        // `commander.help` is what commander does when nothing was asked for.
        if (error.code === 'commander.help') return { kind: 'help', page: shortPage() };
        if (error.code === 'commander.helpDisplayed') return { kind: 'help', page: pageOf(explained ?? root) };
        return error.exitCode === 0 ? { kind: 'done' } : { kind: 'failed', error: asUsageError(error, name) };
      }
    },
  };
}

/** commander says `error: unknown option '--jsn'\n(Did you mean --json?)`. */
function asUsageError(error: CommanderError, commandName: string | undefined): AppError {
  const [what = '', hint] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = /\(Did you mean (.+)\?\)/.exec(hint ?? '')?.[1];
  const known = commandEntries.some((entry) => entry.name === commandName);
  return usageError(
    suggestion === undefined ? what : `${what}; did you mean ${suggestion}?`,
    `iptv ${known ? `${commandName} ` : ''}--help`,
  );
}
