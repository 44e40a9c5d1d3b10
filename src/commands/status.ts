// `iptv status`: what each stream does, as a table, as tab-separated values or as JSON.

import type { Command } from 'commander';

import { ExitCode } from '../core/exit-codes.ts';
import type { StatusDocument } from '../core/status.ts';
import { writeJson } from '../ui/json.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { connect } from './not-running.ts';

export interface StatusOptions {
  readonly ids: readonly string[];
  readonly watch: boolean;
  readonly wide: boolean;
}

export const help: CommandHelp = {
  purpose: 'Show what each stream does: state, uptime, restarts, age of the newest segment in both legs, bitrate and URL.',
  examples: [
    ['iptv status', 'every stream'],
    ['iptv status --wide', 'with whole URLs, and the sizes, sounds and subtitles that each channel offers'],
    ['iptv status --watch', 'the same, redrawn each second until Ctrl-C'],
    ['iptv status news && echo on air', 'exit code 0 running, 3 not running, 4 unknown'],
    ["iptv status --json | jq '.streams[].state'", 'for programs; see iptv help json'],
  ],
};

interface Flags {
  readonly watch?: true;
  readonly wide?: true;
}

export function declare(command: Command, context: Context, run: Run<StatusOptions>): void {
  command
    .argument('[id...]', 'only these streams; the exit code then tells whether they run')
    .option('--watch', 'go on, once a second')
    .option('--wide', 'never shorten a URL; show what each channel offers')
    .action(async (ids: readonly string[], flags: Flags) => {
      context.finish(await run({ ids, watch: flags.watch === true, wide: flags.wide === true }, context));
    });
}

/** Monitors call this every few seconds: the JSON way loads nothing that it does not need. */
export async function run(options: StatusOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const client = await connect(context);
  if (options.watch) {
    const { watchStatus } = await import('./status-watch.ts');
    return watchStatus(client, options, context);
  }
  const document = await client.status(options.ids.length === 0 ? undefined : options.ids);
  if (streams.json) writeJson(streams.out, document);
  else if (!streams.quiet) {
    const { renderStatus, statusLook } = await import('./status-table.ts');
    // Only people need it, and asking takes the file system.
    const listNote = streams.out.isTerminal ? await (await import('./other-list.ts')).otherListNote(client, context) : undefined;
    streams.out.write(renderStatus(document, streams.out, statusLook(options, listNote)));
  }
  return statusExitCode(document, options.ids);
}

/** LSB and systemctl: a question about named things is answered by the exit code too. */
export function statusExitCode(document: StatusDocument, ids: readonly string[]): ExitCode {
  const allRun = document.streams.every((stream) => stream.state === 'running' || stream.state === 'idle');
  return ids.length === 0 || allRun ? ExitCode.ok : ExitCode.notRunning;
}
