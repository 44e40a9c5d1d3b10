// `iptv cron`: batch restarts by the clock, as marked lines in the crontab or as systemd timers.

import { Argument, Option } from 'commander';
import type { Command } from 'commander';

import { usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { writeJson } from '../ui/json.ts';
import { renderTable } from '../ui/table.ts';
import { createTheme } from '../ui/theme.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { scheduleProblem } from './cron/crontab.ts';
import { createKeepers, type Kept } from './cron/keepers.ts';

export interface CronOptions {
  readonly action: 'install' | 'list' | 'remove';
  readonly name: string | undefined;
  readonly schedule: string;
  readonly systemd: boolean;
  /** Words after `iptv`. */
  readonly words: readonly string[];
  readonly print: boolean;
}

const usualWords = ['restart', '--all', '--rolling', '2', '--jitter', '5m', '-q'];
const usualSchedule = '30 4 * * *';
const usualName = 'restart';

export const help: CommandHelp = {
  purpose:
    'Write, list and remove the lines that make cron (or systemd timers) run iptv. Only lines with the mark "# iptv:<name>" are ever touched.',
  examples: [
    ['iptv cron install', `${usualWords.join(' ')}, at ${usualSchedule}`],
    ["iptv cron install sick --schedule '*/10 * * * *' -- restart --unhealthy -q", 'every ten minutes, what is not well'],
    ["iptv cron install nightly --systemd --schedule '30 4 * * 1-5'", 'a systemd timer instead of a line in the crontab'],
    ['iptv cron list', 'what was written, and where'],
    ['iptv cron remove sick', 'takes it out again'],
  ],
  learnMore: ['schedule: in streams.yaml  does the same without cron, for example in a container'],
};

interface Flags {
  readonly schedule: string;
  readonly systemd?: true;
  readonly print?: true;
}

export function declare(command: Command, context: Context, run: Run<CronOptions>): void {
  command
    .addArgument(new Argument('<action>', 'what to do').choices(['install', 'list', 'remove']))
    .argument('[name]', `name of the entry (default for install: ${usualName})`)
    .argument('[words...]', `after --, the iptv command to run (default: ${usualWords.join(' ')})`)
    .addOption(new Option('--schedule <fields>', 'five fields of crontab(5), or @daily and its kin').default(usualSchedule))
    .option('--systemd', 'a systemd timer instead of a line in the crontab')
    .option('--print', 'show what would be written, and write nothing')
    .action(async (action: CronOptions['action'], name: string | undefined, words: readonly string[], flags: Flags) => {
      // `install -- restart --all`: without a name the first word of the command lands in its place.
      const shifted = context.argv.indexOf('--') >= 0 && context.argv[context.argv.indexOf('--') + 1] === name && name !== undefined;
      context.finish(
        await run(
          {
            action,
            name: shifted ? undefined : name,
            schedule: flags.schedule,
            systemd: flags.systemd === true,
            words: shifted ? [name, ...words] : words,
            print: flags.print === true,
          },
          context,
        ),
      );
    });
}

export async function run(options: CronOptions, context: Context): Promise<ExitCode> {
  const keepers = createKeepers(await context.ports(), context.self);
  switch (options.action) {
    case 'install':
      return install(options, keepers[options.systemd ? 'systemd' : 'crontab'], context);
    case 'list':
      return list(await gather(keepers), context);
    case 'remove':
      return remove(options, Object.values(keepers), context);
  }
}

async function install(options: CronOptions, keeper: Keepers['crontab'], context: Context): Promise<ExitCode> {
  const { streams } = context;
  const name = options.name ?? usualName;
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) throw usageError(`the name ${JSON.stringify(name)} may hold only a-z, 0-9 and -`);
  const problem = scheduleProblem(options.schedule);
  if (problem !== undefined) throw usageError(`--schedule ${JSON.stringify(options.schedule)}: ${problem}`, 'iptv cron --help');
  // cron starts in another folder and with an empty environment: the line says everything itself.
  const { path } = await context.loadConfig();
  const entry = {
    name,
    schedule: options.schedule,
    argv: [context.self.node, context.self.bin, '--config', path, ...(options.words.length === 0 ? usualWords : options.words)],
    environment: [
      `IPTV_STATE_DIR=${context.self.stateDirectory}`,
      ...(context.env['IPTV_RUNTIME'] === undefined ? [] : [`IPTV_RUNTIME=${context.env['IPTV_RUNTIME']}`]),
    ],
  };
  const text = keeper.text(entry);
  if (!options.print) await keeper.put(entry);
  if (streams.json) writeJson(streams.out, { action: 'install', name, where: keeper.where, written: !options.print, text });
  else if (options.print || !streams.quiet) streams.out.write(options.print ? text : `wrote ${name} into ${keeper.where}\n${text}`);
  return ExitCode.ok;
}

type Keepers = ReturnType<typeof createKeepers>;

async function gather(keepers: Keepers): Promise<readonly Kept[]> {
  return (await Promise.all(Object.values(keepers).map((keeper) => keeper.list()))).flat();
}

function list(entries: readonly Kept[], context: Context): ExitCode {
  const { streams } = context;
  if (streams.json) writeJson(streams.out, { entries });
  else if (!streams.quiet) {
    const theme = createTheme(streams.out.hasColor);
    streams.out.write(
      entries.length === 0 && streams.out.isTerminal
        ? 'nothing is written\n'
        : renderTable(
            [
              { title: 'NAME', human: (row) => row.name, machine: (row) => row.name },
              { title: 'SCHEDULE', human: (row) => row.schedule, machine: (row) => row.schedule },
              { title: 'WHERE', human: (row) => row.where, machine: (row) => row.where },
              { title: 'COMMAND', human: (row) => row.command, machine: (row) => row.command, shrink: true },
            ],
            entries,
            streams.out,
            { wide: false, styleTitle: theme.dim },
          ),
    );
  }
  return ExitCode.ok;
}

async function remove(options: CronOptions, keepers: readonly Keepers['crontab'][], context: Context): Promise<ExitCode> {
  const { streams } = context;
  if (options.name === undefined) throw usageError('remove what? Name an entry', 'iptv cron list');
  const removed: string[] = [];
  for (const keeper of keepers) if (await keeper.remove(options.name)) removed.push(keeper.where);
  if (streams.json) writeJson(streams.out, { action: 'remove', name: options.name, removed });
  else if (!streams.quiet)
    streams.out.write(removed.length === 0 ? `there is no ${options.name}\n` : `removed from ${removed.join(', ')}\n`);
  return removed.length === 0 ? ExitCode.answerIsBad : ExitCode.ok;
}
