// `iptv stop`: orders streams to stop and waits until their jobs are gone.

import type { Command } from 'commander';

import type { ExitCode } from '../core/exit-codes.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { addSelection, readSelection, type SelectionFlags } from './flags.ts';
import { addWaiting, runOrder, type OrderOptions } from './order.ts';

export const help: CommandHelp = {
  purpose: 'Order streams to stop, and wait until their jobs are gone. They stay stopped after a reboot.',
  examples: [
    ['iptv stop news', 'one stream'],
    ['iptv stop --all', 'every stream that is ordered to run'],
  ],
};

type Flags = SelectionFlags & { readonly wait?: boolean; readonly timeout: number };

export function declare(command: Command, context: Context, run: Run<OrderOptions>): void {
  addWaiting(addSelection(command, 'every stream that is ordered to run'), 'stopped', '30s').action(
    async (ids: readonly string[], flags: Flags) => {
      const wait = flags.wait ?? true;
      context.finish(await run({ action: 'stop', selection: readSelection(ids, flags, 'stop'), wait, timeoutMs: flags.timeout }, context));
    },
  );
}

export function run(options: OrderOptions, context: Context): Promise<ExitCode> {
  return runOrder(options, context);
}
