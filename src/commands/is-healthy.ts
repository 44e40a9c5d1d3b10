// `iptv is-healthy`: the same question as `status`, answered by the exit code alone.

import type { Command } from 'commander';

import { ExitCode } from '../core/exit-codes.ts';
import type { StreamStatus } from '../core/status.ts';
import { calmVerdicts } from '../core/verdict.ts';
import { writeJson } from '../ui/json.ts';
import { say } from '../ui/messages.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { connect } from './not-running.ts';

export interface IsHealthyOptions {
  readonly ids: readonly string[];
  /** What plays, but not as it should, is unhealthy as well. */
  readonly strict: boolean;
}

export const help: CommandHelp = {
  purpose:
    'Exit with 0 when the named streams play (without names: every stream that is ordered to run), else with 3. Prints only what is wrong, to stderr. A degraded stream (slow, one leg down, a black picture) plays, and is told; with --strict it counts as unhealthy.',
  examples: [
    ['iptv is-healthy || mail -s "off air" me', 'in a cron job'],
    ['iptv is-healthy news sport -q', 'not a word, only the exit code'],
    ['iptv is-healthy --strict', '3 also when a stream is degraded'],
  ],
};

export function declare(command: Command, context: Context, run: Run<IsHealthyOptions>): void {
  command
    .argument('[id...]', 'streams, by id')
    .option('--strict', 'degraded is not healthy')
    .action(async (ids: readonly string[], flags: { readonly strict?: true }) => {
      context.finish(await run({ ids, strict: flags.strict === true }, context));
    });
}

export async function run(options: IsHealthyOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const client = await connect(context);
  const document = await client.status(options.ids.length === 0 ? undefined : options.ids);
  const wrong = document.streams.filter((stream) => asked(stream, options.ids) && isWrong(stream));
  const unhealthy = wrong.filter(
    (stream) => options.strict || (stream.state !== 'running' && stream.state !== 'idle') || stream.verdict?.name !== 'degraded',
  );
  const degraded = wrong.filter((stream) => !unhealthy.includes(stream));
  const healthy = unhealthy.length === 0;
  if (streams.json) writeJson(streams.out, { healthy, unhealthy: unhealthy.map(toJson), degraded: degraded.map(toJson) });
  for (const stream of wrong) say(streams, `${stream.id}: ${words(stream)}`);
  return healthy ? ExitCode.ok : ExitCode.notRunning;
}

function toJson({ id, state, lastFailure, verdict }: StreamStatus): object {
  return { id, state, lastFailure, verdict: verdict ?? null };
}

function isWrong({ state, verdict }: StreamStatus): boolean {
  return (state !== 'running' && state !== 'idle') || (verdict !== undefined && !calmVerdicts.has(verdict.name));
}

function words({ state, verdict, lastFailure }: StreamStatus): string {
  if (verdict !== undefined && !calmVerdicts.has(verdict.name)) return `${verdict.name}, ${verdict.reason}`;
  return lastFailure === null || state === 'running' ? state : `${state}, ${lastFailure.message}`;
}

function asked(stream: StreamStatus, ids: readonly string[]): boolean {
  return ids.length > 0 || stream.order === 'run';
}
