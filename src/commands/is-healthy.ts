// `iptv is-healthy`: the same question as `status`, answered by the exit code alone.

import type { Command } from 'commander';

import { ExitCode } from '../core/exit-codes.ts';
import type { StreamStatus } from '../core/status.ts';
import { writeJson } from '../ui/json.ts';
import { say } from '../ui/messages.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { connect } from './not-running.ts';

export interface IsHealthyOptions {
  readonly ids: readonly string[];
}

export const help: CommandHelp = {
  purpose:
    'Exit with 0 when the named streams run (without names: every stream that is ordered to run), else with 3. Prints only what is wrong, to stderr.',
  examples: [
    ['iptv is-healthy || mail -s "off air" me', 'in a cron job'],
    ['iptv is-healthy news sport -q', 'not a word, only the exit code'],
  ],
};

export function declare(command: Command, context: Context, run: Run<IsHealthyOptions>): void {
  command.argument('[id...]', 'streams, by id').action(async (ids: readonly string[]) => {
    context.finish(await run({ ids }, context));
  });
}

export async function run(options: IsHealthyOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const client = await connect(context);
  const document = await client.status(options.ids.length === 0 ? undefined : options.ids);
  const unhealthy = document.streams.filter((stream) => asked(stream, options.ids) && stream.state !== 'running');
  const healthy = unhealthy.length === 0;
  if (streams.json) {
    writeJson(streams.out, { healthy, unhealthy: unhealthy.map(({ id, state, lastFailure }) => ({ id, state, lastFailure })) });
  }
  for (const stream of unhealthy)
    say(streams, `${stream.id}: ${stream.state}${stream.lastFailure === null ? '' : `, ${stream.lastFailure.message}`}`);
  return healthy ? ExitCode.ok : ExitCode.notRunning;
}

function asked(stream: StreamStatus, ids: readonly string[]): boolean {
  return ids.length > 0 || stream.order === 'run';
}
