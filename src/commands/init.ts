// `iptv init`: writes the sample streams.yaml where there is none.

import type { Command } from 'commander';

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { writeJson } from '../ui/json.ts';
import { say } from '../ui/messages.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';

export type InitOptions = Readonly<Record<string, never>>;

const fileName = 'streams.yaml';

export const help: CommandHelp = {
  purpose:
    'Write a sample streams.yaml into this folder. Its streams are built-in test pictures, so they play without internet. A file that is there is never touched.',
  examples: [['iptv init && iptv up --start', 'from an empty folder to playing streams']],
};

export function declare(command: Command, context: Context, run: Run<InitOptions>): void {
  command.action(async () => {
    context.finish(await run({}, context));
  });
}

export async function run(_options: InitOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const { files } = await context.ports();
  const path = `${context.cwd.replace(/\/$/, '')}/${fileName}`;
  if ((await files.stat(path)) !== undefined) {
    throw new AppError({
      exitCode: ExitCode.answerIsBad,
      code: 'already-there',
      message: `${path} is already there and stays as it is`,
      next: 'iptv validate',
    });
  }
  // The sample names its schema by a path within the package; from this folder only the absolute one leads there.
  const sample = await context.readAsset(fileName);
  await files.writeAtomic(
    path,
    sample.replace('$schema=./', () => `$schema=${context.root}/`),
  );
  if (streams.json) writeJson(streams.out, { path });
  else if (!streams.quiet) streams.out.write(`wrote ${path}\n`);
  if (streams.err.isTerminal) say(streams, 'next: iptv up --start');
  return ExitCode.ok;
}
