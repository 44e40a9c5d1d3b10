// Waits until streams do what was ordered, and says in words what it waits for.

import type { ControlClient } from '../control/protocol.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { StreamStatus } from '../core/status.ts';
import type { Spinner } from '../ui/spinner.ts';
import { plural } from '../ui/time.ts';
import { throwIfInterrupted } from './command.ts';
import type { Context } from './context.ts';

export interface WaitOptions {
  readonly client: ControlClient;
  readonly ids: readonly string[];
  readonly goal: 'playable' | 'stopped';
  readonly timeoutMs: number;
  readonly spinner: Spinner;
  /** Job pids from before a restart: until they change, an answer is about the old job. */
  readonly oldPids: ReadonlyMap<string, number>;
}

export type Judgement =
  | { readonly kind: 'reached' }
  | { readonly kind: 'waiting'; readonly words: string }
  | { readonly kind: 'lost'; readonly words: string };

/** Often enough to feel immediate, seldom enough to cost the supervisor nothing. */
const pollMs = 150;
/** More names than this do not fit a line. */
const mostNamed = 3;
const evidenceLines = 4;

/** The last status of each stream, once all of them have reached the goal. */
export async function waitFor(options: WaitOptions, context: Context): Promise<readonly StreamStatus[]> {
  const { client, ids, goal, spinner } = options;
  const deadline = context.now() + options.timeoutMs;
  const told = new Map<string, string>();
  for (;;) {
    const { streams } = await client.status(ids);
    const judged = streams.map((stream) => ({ stream, judgement: judge(stream, goal, options.oldPids.get(stream.id)) }));
    const lost = judged.filter(({ judgement }) => judgement.kind === 'lost');
    if (lost.length > 0) throw lostError(lost.map(({ stream }) => stream));
    const waiting = judged.flatMap(({ stream, judgement }) => (judgement.kind === 'waiting' ? [{ stream, words: judgement.words }] : []));
    if (waiting.length === 0) return streams;
    for (const { stream } of waiting) tellFailure(stream, told, spinner);
    spinner.update(describeWaiting(waiting, streams.length, goal));
    if (context.now() >= deadline) throw timeoutError(waiting, streams.length, goal, options.timeoutMs);
    await context.sleep(pollMs);
    throwIfInterrupted(context);
  }
}

const bridgeWords = {
  opening: 'opening a second connection',
  leaving: 'the channel goes over to the second connection',
  returning: 'the channel goes back to its own legs',
} as const;

export function judge(stream: StreamStatus, goal: 'playable' | 'stopped', oldPid: number | undefined): Judgement {
  if (goal === 'stopped') {
    if (stream.state === 'stopped' || stream.state === 'failed') return { kind: 'reached' };
    return stream.order === 'run' ? { kind: 'lost', words: 'was started again' } : { kind: 'waiting', words: 'stopping' };
  }
  if (stream.order === 'stop') return { kind: 'lost', words: 'was stopped' };
  if (stream.bridge !== undefined && stream.bridge !== 'carrying') return { kind: 'waiting', words: bridgeWords[stream.bridge] };
  if (oldPid !== undefined && stream.pid === oldPid) return { kind: 'waiting', words: 'stopping the old job' };
  if (stream.state === 'failed') return { kind: 'lost', words: 'failed' };
  // Its first viewer starts it.
  if (stream.state === 'idle') return { kind: 'reached' };
  return stream.stage === 'playable' && stream.bridge === undefined ? { kind: 'reached' } : { kind: 'waiting', words: stageWords(stream) };
}

export function stageWords(stream: StreamStatus): string {
  if (stream.state === 'backing-off') {
    const cause = stream.lastFailure === null ? '' : `${stream.lastFailure.message}; `;
    return `${cause}trying again${(stream.nextRetrySeconds ?? 0) === 0 ? '' : ` in ${stream.nextRetrySeconds}s`}`;
  }
  switch (stream.stage) {
    case 'queued':
      return 'waiting for its turn';
    case 'opening-source':
      return 'opening source';
    case 'first-segment':
      return 'waiting for the first segment';
    case 'http':
      return 'checking over HTTP';
    case 'playable':
      return 'playable';
    case 'none':
      return stream.state;
  }
}

/** Each cause once and at once: who waits in a script or a log should not learn it only when time is up. */
function tellFailure(stream: StreamStatus, told: Map<string, string>, spinner: Spinner): void {
  const failure = stream.lastFailure;
  if (stream.state !== 'backing-off' || failure === null || told.get(stream.id) === failure.message) return;
  told.set(stream.id, failure.message);
  spinner.step(`${stream.id}: ${failure.message}; iptv goes on trying`);
}

interface Laggard {
  readonly stream: StreamStatus;
  readonly words: string;
}

function describeWaiting(waiting: readonly Laggard[], total: number, goal: string): string {
  const named = waiting.slice(0, mostNamed).map(({ stream, words }) => `${stream.id}: ${words}`);
  const more = waiting.length > mostNamed ? [`and ${waiting.length - mostNamed} more`] : [];
  const counted = total === 1 ? [] : [`${total - waiting.length} of ${total} ${goal}`];
  return [...counted, ...named, ...more].join(' · ');
}

function timeoutError(waiting: readonly Laggard[], total: number, goal: string, timeoutMs: number): AppError {
  const names = waiting.map(({ stream }) => stream.id);
  const subject =
    total === 1 ? `${names.join('')} is` : `${names.length} of ${plural(total, 'stream')} ${names.length === 1 ? 'is' : 'are'}`;
  return new AppError({
    exitCode: ExitCode.tryAgain,
    code: 'wait-timeout',
    message: `${subject} not ${goal} after ${timeoutMs / 1_000} s${total === 1 ? '' : `: ${names.join(', ')}`}`,
    evidence: waiting.flatMap(({ stream, words }) => [`${stream.id}: ${words}`, ...failureLines(stream, words)]),
    next: `iptv logs ${names[0] ?? ''}`,
  });
}

function lostError(streams: readonly StreamStatus[]): AppError {
  const [first] = streams;
  const failed = streams.filter((stream) => stream.state === 'failed');
  const verb = failed.length === streams.length ? 'failed' : 'will not get there: it was given another order meanwhile';
  return new AppError({
    exitCode: ExitCode.answerIsBad,
    code: 'stream-failed',
    message: `${streams.map((stream) => stream.id).join(', ')} ${verb}${streams.length === 1 && first?.lastFailure ? `: ${first.lastFailure.message}` : ''}`,
    evidence: streams.flatMap((stream) => failureLines(stream, '')),
    next: `iptv logs ${first?.id ?? ''}`,
  });
}

/** `said` is what the reader knows already. */
function failureLines(stream: StreamStatus, said: string): readonly string[] {
  const failure = stream.lastFailure;
  if (failure === null) return [];
  const told = said.includes(failure.message) ? [] : [`  last failure: ${failure.message}`];
  return [...told, ...failure.evidence.slice(-evidenceLines).map((line) => `  ${line}`)];
}
