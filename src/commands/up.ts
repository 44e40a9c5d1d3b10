// `iptv up`: brings nginx and the supervisor up, and whatever was ordered to run.

import type { Command } from 'commander';

import type { RuntimeChoice } from '../core/config.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Stack } from '../stack/stack.ts';
import { writeJson } from '../ui/json.ts';
import { say } from '../ui/messages.ts';
import { startSpinner, type Spinner } from '../ui/spinner.ts';
import { toExitCode, type CommandHelp, type Run } from './command.ts';
import type { Context } from './context.ts';
import { addRuntime } from './flags.ts';
import { addWaiting, giveOrder } from './order.ts';
import { otherListNote } from './other-list.ts';

export interface UpOptions {
  readonly start: boolean;
  readonly runtime: RuntimeChoice | undefined;
  readonly wait: boolean;
  readonly timeoutMs: number;
}

export const help: CommandHelp = {
  purpose:
    'Bring nginx and the supervisor up and wait until both answer. Streams that were ordered to run run again. Harmless when all is up.',
  examples: [
    ['iptv up', 'after a reboot, or the first time'],
    ['iptv up --start', 'and order every enabled stream to run'],
    ['iptv up --runtime docker', 'as containers, with Docker Compose'],
  ],
  environment: [['IPTV_RUNTIME', 'local or docker, when neither flag nor streams.yaml says']],
};

interface Flags {
  readonly start?: true;
  readonly runtime?: RuntimeChoice;
  readonly wait?: boolean;
  readonly timeout: number;
}

export function declare(command: Command, context: Context, run: Run<UpOptions>): void {
  command.option('--start', 'order every enabled stream to run');
  addWaiting(addRuntime(command), 'playable (default with --start)', '60s').action(async (flags: Flags) => {
    // Who brings a whole stack up wants to know that it plays, also from a script.
    const wait = flags.wait ?? true;
    context.finish(await run({ start: flags.start === true, runtime: flags.runtime, wait, timeoutMs: flags.timeout }, context));
  });
}

export async function run(options: UpOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const stack = await context.selectStack(options.runtime);
  const spinner = await startSpinner(streams, `bringing the ${stack.runtime} stack up`);
  try {
    await stack.up((text) => spinner.step(text));
    await takeOverList(stack, spinner, context);
    spinner.succeed(`the ${stack.runtime} stack is up`);
  } finally {
    spinner.stop();
  }
  const code = options.start ? await startAll(stack, options, context) : ExitCode.ok;
  return code === ExitCode.ok ? showStatus(stack, context) : code;
}

/** A supervisor that ran before may know an older list, or another one. */
async function takeOverList(stack: Stack, spinner: Spinner, context: Context): Promise<void> {
  if (stack.carry !== undefined) return;
  const client = await stack.connect();
  if (client === undefined) return;
  const note = await otherListNote(client, context);
  if (note !== undefined) spinner.remark(note);
  await client.reload();
}

async function startAll(stack: Stack, options: UpOptions, context: Context): Promise<ExitCode> {
  if (stack.carry !== undefined) {
    const waiting = options.wait ? ['--wait', '--timeout', `${options.timeoutMs}ms`] : ['--no-wait'];
    return toExitCode(
      await stack.carry([
        'start',
        '--all',
        ...waiting,
        ...(context.streams.json ? ['--quiet'] : context.argv.filter((word) => word === '-q' || word === '--quiet')),
      ]),
    );
  }
  const { result } = await giveOrder(
    { action: 'start', selection: { all: true }, wait: options.wait, timeoutMs: options.timeoutMs },
    context,
  );
  for (const note of result.notes) say(context.streams, note);
  return ExitCode.ok;
}

/** With --json this is the one document that `up` prints. */
async function showStatus(stack: Stack, context: Context): Promise<ExitCode> {
  const { streams } = context;
  if (streams.quiet && !streams.json) return ExitCode.ok;
  if (stack.carry !== undefined) return toExitCode(await stack.carry(['status', ...(streams.json ? ['--json'] : [])]));
  const client = await stack.connect();
  if (client === undefined) return ExitCode.notRunning;
  const document = await client.status();
  if (streams.json) writeJson(streams.out, document);
  else {
    const { renderStatus } = await import('./status-table.ts');
    streams.out.write(renderStatus(document, streams.out, { wide: false }));
  }
  return ExitCode.ok;
}
