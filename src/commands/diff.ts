// `iptv diff`: what an edited streams.yaml would do to running streams, and which changed key is the reason.

import type { Command } from 'commander';

import { ExitCode } from '../core/exit-codes.ts';
import type { ListDiff, StreamChange } from '../core/list-diff.ts';
import { writeJson } from '../ui/json.ts';
import type { Sink } from '../ui/streams.ts';
import { renderTable } from '../ui/table.ts';
import { createTheme } from '../ui/theme.ts';
import { plural } from '../ui/time.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { connect } from './not-running.ts';

export interface DiffOptions {
  /** Also streams that nothing happens to. */
  readonly all: boolean;
  /** Answer by exit code too, like diff(1). */
  readonly exitCode: boolean;
}

export const help: CommandHelp = {
  purpose:
    'Show what `iptv apply` would do with streams.yaml as it is now: start, stop, restart or nothing, and the changed keys that are the reason. Changes nothing, and never shows a value.',
  examples: [
    ['iptv diff', 'after an edit'],
    ['iptv diff --all', 'also the streams that nothing happens to'],
    ['iptv diff --exit-code -q || iptv apply', '1 when there is something to do'],
  ],
  learnMore: ['iptv apply  does it, step by step'],
};

export function declare(command: Command, context: Context, run: Run<DiffOptions>): void {
  command
    .option('--all', 'also streams that nothing happens to')
    .option('--exit-code', 'exit with 1 when there is something to do')
    .action(async (flags: { all?: true; exitCode?: true }) => {
      context.finish(await run({ all: flags.all === true, exitCode: flags.exitCode === true }, context));
    });
}

export async function run(options: DiffOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const diff = await (await connect(context)).diff();
  if (streams.json) writeJson(streams.out, diff);
  else if (!streams.quiet) streams.out.write(renderDiff(diff, streams.out, options.all));
  return options.exitCode && hasWork(diff) ? ExitCode.answerIsBad : ExitCode.ok;
}

export function hasWork(diff: ListDiff): boolean {
  return diff.changes.some((change) => change.action !== 'none');
}

const signs = { start: '+', stop: '-', restart: '~', none: ' ' } as const;

export function renderDiff(diff: ListDiff, sink: Sink, all: boolean): string {
  const theme = createTheme(sink.hasColor);
  const paints = { start: theme.good, stop: theme.bad, restart: theme.warning, none: theme.dim };
  // A change without a restart is worth a line of its own; a stream that nothing changed for is not.
  const shown = diff.changes.filter((change) => all || change.action !== 'none' || change.changedKeys.length > 0);
  const why = (change: StreamChange): string =>
    change.changedKeys.length === 0 ? change.reason : `${change.reason}: ${change.changedKeys.join(', ')}`;
  const table =
    shown.length === 0
      ? ''
      : renderTable(
          [
            {
              title: '',
              human: ({ action }) => paints[action](`${signs[action]} ${action === 'none' ? 'nothing' : action}`),
              machine: ({ action }) => action,
            },
            { title: 'ID', human: ({ id }) => id, machine: ({ id }) => id },
            { title: 'WHY', human: why, machine: why },
          ],
          shown,
          sink,
          { wide: true, styleTitle: theme.dim },
        );
  if (!sink.isTerminal) return table;
  const count = (action: StreamChange['action']): number => diff.changes.filter((change) => change.action === action).length;
  const server = diff.server.length === 0 ? '' : `server.${diff.server.join(', server.')}: changes after iptv down and iptv up\n`;
  const sum = hasWork(diff)
    ? `${count('start')} to start, ${count('stop')} to stop, ${count('restart')} to restart, ${plural(count('none'), 'stream')} untouched\n`
    : `nothing to do: ${plural(diff.changes.length, 'stream')} as in ${diff.path}\n`;
  return `${table}${server}${sum}`;
}
