// `iptv start`: orders streams to run and, on a terminal, waits until a viewer could play them.

import type { Command } from 'commander';

import type { ExitCode } from '../core/exit-codes.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { addSelection, readSelection, type SelectionFlags } from './flags.ts';
import { addWaiting, runOrder, type OrderOptions } from './order.ts';

export const help: CommandHelp = {
  purpose: 'Order streams to run. The order outlives crashes and reboots until `iptv stop`.',
  examples: [
    ['iptv start news', 'one stream; on a terminal, waits until it plays'],
    ['iptv start --all --wait --timeout 2m', 'every enabled stream, and wait for all of them'],
    ['iptv start --tag sport --no-wait', 'give the order and return at once'],
  ],
};

type Flags = SelectionFlags & { readonly wait?: boolean; readonly timeout: number };

export function declare(command: Command, context: Context, run: Run<OrderOptions>): void {
  addWaiting(addSelection(command, 'every enabled stream'), 'playable (default on a terminal)', '60s').action(
    async (ids: readonly string[], flags: Flags) => {
      const wait = flags.wait ?? context.streams.err.isTerminal;
      context.finish(
        await run({ action: 'start', selection: readSelection(ids, flags, 'start'), wait, timeoutMs: flags.timeout }, context),
      );
    },
  );
}

export function run(options: OrderOptions, context: Context): Promise<ExitCode> {
  return runOrder(options, context);
}
