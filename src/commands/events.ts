// `iptv events`: what happened, why, and what was done about it.

import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import { eventKinds, type EventKind, type StreamEvent } from '../core/events.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { nearest } from '../core/nearest.ts';
import { say } from '../ui/messages.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { createEventPrinter } from './print-events.ts';
import { readEvents, toEvents } from './read-events.ts';
import { parseCount, parseSince } from './flags.ts';
import { createTail } from './logs/tail.ts';
import { unknownStream } from './unknown-stream.ts';

export interface EventsOptions {
  readonly ids: readonly string[];
  readonly follow: boolean;
  readonly evidence: boolean;
  readonly sinceMs: number | undefined;
  readonly kinds: readonly EventKind[];
  /** undefined: all that are kept. */
  readonly most: number | undefined;
}

export const help: CommandHelp = {
  purpose:
    'Show what happened: orders, starts, failures with their cause and evidence, verdicts, what nginx and the supervisor did. With stream ids, only those; without, the whole house. Works also while the supervisor is down.',
  examples: [
    ['iptv events news -f', 'what happens to one stream, as it happens'],
    ['iptv events --since 1h --kind job-failed --evidence', 'every failure of the last hour, with the lines that prove it'],
    ['iptv events -f --json | jq -c \'select(.kind == "verdict")\'', 'one object per line, for programs'],
  ],
  learnMore: ['iptv why <id>  tells the story in plain words, with advice', 'docs/events.md lists the kinds'],
};

const defaultMost = 50;
/** Soon enough to feel live. */
const pollMs = 250;

interface Flags {
  readonly follow?: true;
  readonly evidence?: true;
  readonly since?: number;
  readonly kind?: readonly EventKind[];
  readonly lines?: number;
}

export function declare(command: Command, context: Context, run: Run<EventsOptions>): void {
  command
    .argument('[id...]', 'only these streams')
    .option('-f, --follow', 'go on with new events')
    .option('--evidence', 'the lines that prove each event, below it')
    .option('--since <when>', 'from 10m ago, or from an RFC 3339 time', (text: string) => parseSince(text, context.now()))
    .option('--kind <kind>', 'only this kind (repeatable); see docs/events.md', collectKinds)
    .option('-n, --lines <n>', `only the last n events, or all (default: ${defaultMost}, with --since all)`, parseMost)
    .action(async (ids: readonly string[], flags: Flags) => {
      const most = flags.lines ?? (flags.since === undefined ? defaultMost : Number.POSITIVE_INFINITY);
      const options: EventsOptions = {
        ids: [...new Set(ids)],
        follow: flags.follow === true,
        evidence: flags.evidence === true,
        sinceMs: flags.since,
        kinds: flags.kind ?? [],
        most: Number.isFinite(most) ? most : undefined,
      };
      context.finish(await run(options, context));
    });
}

function collectKinds(text: string, earlier: readonly EventKind[] | undefined): readonly EventKind[] {
  const kind = eventKinds.find((known) => known === text);
  if (kind !== undefined) return [...(earlier ?? []), kind];
  const near = nearest(text, eventKinds);
  throw new InvalidArgumentError(near === undefined ? `It can be ${eventKinds.join(', ')}.` : `Did you mean ${near}?`);
}

function parseMost(text: string): number {
  return text === 'all' ? Number.POSITIVE_INFINITY : parseCount(text);
}

export async function run(options: EventsOptions, context: Context): Promise<ExitCode> {
  const { files } = await context.ports();
  const path = context.paths.events;
  const heard = new Set<string | null>();
  const accept = (event: StreamEvent): boolean =>
    heard.add(event.stream).size > 0 &&
    (options.ids.length === 0 || (event.stream !== null && options.ids.includes(event.stream))) &&
    (options.kinds.length === 0 || options.kinds.includes(event.kind));
  const { events, position } = await readEvents(files, path, { sinceMs: options.sinceMs, most: options.most, accept });
  await checkIds(options.ids, heard, context);
  const printer = createEventPrinter(context.streams, { follow: options.follow, evidence: options.evidence, now: () => context.now() });
  if (events.length === 0 && !options.follow) {
    say(context.streams, (await files.stat(path)) === undefined ? 'nothing was recorded yet' : 'no such events');
  }
  printer.print(events);
  if (!options.follow) return ExitCode.ok;

  const tail = createTail(files, path, position);
  while (!context.interrupt.aborted) {
    await context.sleep(pollMs);
    const news = toEvents(await tail.poll(), accept);
    if (news.length > 0) printer.print(news);
  }
  return ExitCode.interrupted;
}

/** Streams that left the list keep their story; a name that is in neither is a slip. A broken list must not hide the past. */
async function checkIds(ids: readonly string[], heard: ReadonlySet<string | null>, context: Context): Promise<void> {
  const unheard = ids.filter((id) => !heard.has(id));
  if (unheard.length === 0) return;
  const listed = await context.loadConfig().then(
    (config) => config.streams.map((stream) => stream.id),
    () => undefined,
  );
  const unknown = listed === undefined ? undefined : unheard.find((id) => !listed.includes(id));
  if (unknown !== undefined) throw unknownStream(unknown, listed ?? []);
}
