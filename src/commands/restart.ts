// `iptv restart`: ends the jobs of streams and starts them afresh, with the present definition.

import type { Command } from 'commander';

import type { ExitCode } from '../core/exit-codes.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { addSelection, readSelection, type SelectionFlags } from './flags.ts';
import { addWaiting, runOrder, type OrderOptions } from './order.ts';

export const help: CommandHelp = {
  purpose: 'End the jobs of streams and start them afresh. This is also how a changed definition in streams.yaml takes effect.',
  examples: [
    ['iptv restart news', 'one stream; on a terminal, waits until it plays again'],
    ['iptv restart --all', 'every stream that is ordered to run'],
  ],
};

type Flags = SelectionFlags & { readonly wait?: boolean; readonly timeout: number };

export function declare(command: Command, context: Context, run: Run<OrderOptions>): void {
  addWaiting(addSelection(command, 'every stream that is ordered to run'), 'playable (default on a terminal)', '60s').action(
    async (ids: readonly string[], flags: Flags) => {
      const wait = flags.wait ?? context.streams.err.isTerminal;
      context.finish(
        await run({ action: 'restart', selection: readSelection(ids, flags, 'restart'), wait, timeoutMs: flags.timeout }, context),
      );
    },
  );
}

export function run(options: OrderOptions, context: Context): Promise<ExitCode> {
  return runOrder(options, context);
}
