// `iptv doctor`: names the layer that is broken, proves it, and mends what is safe to mend.

import { Argument, Option } from 'commander';
import type { Command } from 'commander';

import type { RuntimeChoice } from '../core/config.ts';
import { usageError } from '../core/errors.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { addRuntime, parseDuration } from './flags.ts';

export interface DoctorOptions {
  readonly checks: readonly string[];
  readonly skip: readonly string[];
  /** Of all streams only this one; undefined: each. */
  readonly stream: string | undefined;
  /** Those on demand, too, and each as closely as when it is named. */
  readonly all: boolean;
  readonly list: boolean;
  readonly onlyProblems: boolean;
  readonly strict: boolean;
  readonly fix: boolean;
  readonly yes: boolean;
  readonly watch: boolean;
  /** Longest time of one check; undefined: its own limit. */
  readonly timeoutMs: number | undefined;
  /** Where the support archive goes; undefined: into this folder, with the time in its name. */
  readonly output: string | undefined;
  readonly runtime: RuntimeChoice | undefined;
}

export const help: CommandHelp = {
  purpose:
    'Look at everything between source and viewer, name the layer that is broken, prove it, and say which command mends it. Reads only, unless --fix is given.',
  examples: [
    ['iptv doctor', 'all checks, about a second'],
    ['iptv doctor --all', 'sources and a test stream, too, and a closer look at everything; takes a minute or two'],
    ['iptv doctor mime cors', 'some of them, with what they depend on'],
    ['iptv doctor --stream news', 'of all streams only this one, and its sources'],
    ['iptv doctor --fix', 'mend what is safe to mend, after asking'],
    ['iptv doctor bundle -o support.tar.gz', 'an archive for whoever helps: findings, logs, configuration, no secret'],
    ['iptv doctor -q || mail -s "doctor" me', 'in a cron job: silent while all is well'],
  ],
  learnMore: ['iptv doctor --list', 'docs/doctor.md'],
};

interface Flags {
  readonly all?: true;
  readonly list?: true;
  readonly only?: 'problems';
  readonly strict?: true;
  readonly skip?: readonly string[];
  readonly stream?: string;
  readonly fix?: true;
  readonly yes?: true;
  readonly watch?: true;
  readonly timeout?: number;
  readonly output?: string;
  readonly runtime?: RuntimeChoice;
}

export function declare(command: Command, context: Context, run: Run<DoctorOptions>): void {
  command
    .addArgument(new Argument('[check...]', 'only these checks; see --list. `bundle`: write a support archive'))
    .option('--all', 'every check, also those that run only when they are named')
    .option('--list', 'say what each check looks at')
    .addOption(new Option('--only <what>', 'hide what is well').choices(['problems']))
    .option('--strict', 'warnings count as problems')
    .addOption(new Option('--skip <checks>', 'leave these out, separated by commas').argParser(splitNames))
    .option('--stream <id>', 'of all streams look at this one only, and at its sources')
    .option('--fix', 'mend what is safe to mend')
    .option('--yes', 'with --fix: do not ask')
    .option('--watch', 'go on until Ctrl-C')
    .addOption(new Option('--timeout <duration>', 'longest time of one check').argParser(parseDuration))
    .option('-o, --output <file>', 'with bundle: the archive');
  addRuntime(command).action(async (checks: readonly string[], flags: Flags) => {
    const options: DoctorOptions = {
      checks,
      skip: flags.skip ?? [],
      stream: flags.stream,
      all: flags.all === true,
      list: flags.list === true,
      onlyProblems: flags.only === 'problems',
      strict: flags.strict === true,
      fix: flags.fix === true,
      yes: flags.yes === true,
      watch: flags.watch === true,
      timeoutMs: flags.timeout,
      output: flags.output,
      runtime: flags.runtime,
    };
    context.finish(await run(options, context));
  });
}

/** Loaded here, so that `iptv help` does not load every check. */
export async function run(options: DoctorOptions, context: Context): Promise<ExitCode> {
  if (options.fix && options.watch) throw usageError('--fix and --watch do not go together', 'iptv doctor --fix');
  if (options.all && options.checks.length > 0) throw usageError('--all and names of checks do not go together', 'iptv doctor --all');
  if (options.yes && !options.fix) throw usageError('--yes answers the question of --fix', 'iptv doctor --fix --yes');
  if (options.checks[0] === 'bundle') {
    if (options.checks.length > 1 || options.fix || options.watch || options.list)
      throw usageError('bundle takes no checks, and neither --fix, --watch nor --list', 'iptv doctor bundle');
    const { bundle } = await import('./doctor/bundle.ts');
    return bundle(options, context);
  }
  if (options.output !== undefined) throw usageError('-o belongs to bundle', 'iptv doctor bundle -o support.tar.gz');
  const { examine } = await import('./doctor/examine.ts');
  return examine(options, context);
}

function splitNames(text: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), ...text.split(',').filter((name) => name !== '')];
}
