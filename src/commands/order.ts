// What `start`, `stop` and `restart` share: give the order, wait for it, show the outcome.

import { Option } from 'commander';
import type { Command } from 'commander';

import type { ControlClient, OrderResult } from '../control/protocol.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { OrderedRestart, StreamStatus } from '../core/status.ts';
import { writeJson } from '../ui/json.ts';
import { say } from '../ui/messages.ts';
import { startSpinner } from '../ui/spinner.ts';
import { formatDuration, plural } from '../ui/time.ts';
import type { Context } from './context.ts';
import { parseDuration, type Selection } from './flags.ts';
import { notRunning } from './not-running.ts';
import { otherListNote } from './other-list.ts';
import { unknownStream } from './unknown-stream.ts';
import { waitFor } from './wait.ts';

export interface OrderOptions {
  readonly action: 'start' | 'stop' | 'restart';
  readonly selection: Selection;
  readonly wait: boolean;
  readonly timeoutMs: number;
  /** restart: false never carries the channel over a second connection. */
  readonly seamless?: boolean;
}

const doing = { start: 'starting', stop: 'stopping', restart: 'restarting' } as const;

/** `goal` completes the sentence "return when they are ...". */
export function addWaiting(command: Command, goal: string, defaultTimeout: string): Command {
  const timeout = new Option('--timeout <duration>', 'longest wait; exit code 75 when it is over').argParser(parseDuration);
  return command
    .option('--wait', `return when they are ${goal}`)
    .option('--no-wait', 'give the order and return at once')
    .addOption(timeout.default(parseDuration(defaultTimeout), defaultTimeout));
}

export async function runOrder(options: OrderOptions, context: Context): Promise<ExitCode> {
  const startedAt = context.now();
  const { result, reached } = await giveOrder(options, context);
  for (const note of result.notes) say(context.streams, note);
  await show(options, result, reached, context.now() - startedAt, context);
  return ExitCode.ok;
}

/** `reached` is undefined when nobody waited. */
export async function giveOrder(
  options: OrderOptions,
  context: Context,
): Promise<{ readonly result: OrderResult; readonly reached: readonly StreamStatus[] | undefined }> {
  const stack = await context.selectStack();
  const running = await stack.connect();
  if (running === undefined) await mayBringUp(options, context);
  const spinner = await startSpinner(context.streams, `${doing[options.action]} ${describeSelection(options.selection)}`);
  try {
    const client = running ?? (await stack.ensure((text) => spinner.step(text)));
    const note = options.action === 'stop' ? undefined : await otherListNote(client, context);
    if (note !== undefined) spinner.remark(note);
    const oldPids = options.action === 'restart' ? await pidsOf(client, options.selection) : new Map<string, number>();
    const result = await client.order({
      action: options.action,
      ...options.selection,
      ...(options.seamless === false ? { seamless: false } : {}),
    });
    if (!options.wait || result.ids.length === 0) return { result, reached: undefined };
    const goal = options.action === 'stop' ? 'stopped' : 'playable';
    const reached = await waitFor({ client, ids: result.ids, goal, timeoutMs: options.timeoutMs, spinner, oldPids }, context);
    return { result, reached };
  } finally {
    spinner.stop();
  }
}

/** Stopping needs nobody who is not there, and a slip of the pen must not bring a whole stack up. */
async function mayBringUp(options: OrderOptions, context: Context): Promise<void> {
  if (options.action === 'stop') throw notRunning();
  const known = (await context.loadConfig()).streams.map((stream) => stream.id);
  for (const id of 'ids' in options.selection ? options.selection.ids : []) if (!known.includes(id)) throw unknownStream(id, known);
}

async function pidsOf(client: ControlClient, selection: Selection): Promise<ReadonlyMap<string, number>> {
  const { streams } = await client.status('ids' in selection ? selection.ids : undefined);
  return new Map(streams.flatMap((stream) => (stream.pid === null ? [] : [[stream.id, stream.pid] as const])));
}

async function show(
  options: OrderOptions,
  result: OrderResult,
  reached: readonly StreamStatus[] | undefined,
  tookMs: number,
  context: Context,
): Promise<void> {
  const { streams } = context;
  if (streams.json) {
    writeJson(streams.out, { action: options.action, ids: result.ids, notes: result.notes, streams: reached ?? null });
    return;
  }
  if (streams.quiet) return;
  if (result.ids.length === 0) return say(streams, `nothing to ${options.action}`);
  const outcome =
    reached === undefined
      ? `ordered to ${options.action === 'stop' ? 'stop' : 'run'}`
      : options.action === 'stop'
        ? 'stopped'
        : reachedWord(reached);
  const rows = result.ids.map((id) => {
    const stream = options.action === 'stop' ? undefined : reached?.find((one) => one.id === id);
    // What starts on demand waits for its first viewer.
    return { id, url: stream?.url ?? '', ...(stream === undefined ? {} : { outcome: stream.state === 'idle' ? 'idle' : 'playable' }) };
  });
  const { renderOutcome } = await import('../ui/outcome.ts');
  streams.out.write(renderOutcome(rows, outcome, streams.out));
  for (const { id, orderedRestart } of options.action === 'restart' ? (reached ?? []) : []) {
    if (orderedRestart !== undefined) say(streams, `${id}: ${gapWords(orderedRestart)}`);
  }
  if (reached !== undefined && streams.err.isTerminal)
    say(streams, `${plural(rows.length, 'stream')} ${outcome} after ${formatDuration(tookMs / 1_000)}`);
}

function gapWords({ seamless, reason }: OrderedRestart): string {
  return seamless ? 'restarted without a gap' : `viewers saw a gap: ${reason ?? 'no reason is known'}`;
}

/** Of all together. */
function reachedWord(reached: readonly StreamStatus[]): string {
  const idle = reached.filter(({ state }) => state === 'idle').length;
  return idle === 0 ? 'playable' : idle === reached.length ? 'idle' : 'playable or idle';
}

function describeSelection(selection: Selection): string {
  if ('ids' in selection) return selection.ids.length <= 3 ? selection.ids.join(', ') : plural(selection.ids.length, 'stream');
  return 'all' in selection ? 'all streams' : `streams tagged ${selection.tags.join(', ')}`;
}
