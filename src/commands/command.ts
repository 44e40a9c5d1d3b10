// The shape every command has: help, declare (flags only) and run (work only).

import type { Command } from 'commander';

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { withoutConfigFlag } from '../ui/globals.ts';
import type { Context } from './context.ts';

export type Run<Options> = (options: Options, context: Context) => Promise<ExitCode>;

export interface CommandHelp {
  /** What it is for, in a sentence or a few. */
  readonly purpose: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly environment?: readonly (readonly [name: string, what: string])[];
  readonly learnMore?: readonly string[];
}

/** What a command file exports. `run` is handed to `declare` so that flags are tested without running. */
export interface CommandModule<Options> {
  readonly help: CommandHelp;
  declare(command: Command, context: Context, run: Run<Options>): void;
  readonly run: Run<Options>;
}

/** A command file with its options type closed over, so that the list can hold different ones. */
export interface BoundCommand {
  readonly help: CommandHelp;
  declare(command: Command, context: Context): void;
}

export function bind<Options>(module: CommandModule<Options>, where: 'here' | 'carried' | 'carried-terminal'): BoundCommand {
  const run = where === 'here' ? module.run : carriedFirst(module.run, where === 'carried' ? 'plain' : 'terminal');
  return { help: module.help, declare: (command, context) => module.declare(command, context, run) };
}

/** With Docker on the host, the same command line runs inside the backend container; elsewhere here. */
export function carriedFirst<Options>(run: Run<Options>, how: 'plain' | 'terminal' = 'plain'): Run<Options> {
  return async (options, context) => {
    const stack = await context.selectStack();
    return stack.carry === undefined ? run(options, context) : toExitCode(await stack.carry(withoutConfigFlag(context.argv), how));
  };
}

/** A carried command ends with one of our own codes, or with Docker's. */
export function toExitCode(code: number): ExitCode {
  return code as ExitCode;
}

/** Ends a command that the user no longer waits for; main.ts turns it into 130 or 143 and prints nothing. */
export function throwIfInterrupted(context: Context): void {
  if (context.interrupt.aborted) throw new AppError({ exitCode: ExitCode.interrupted, code: 'interrupted', message: 'interrupted' });
}
