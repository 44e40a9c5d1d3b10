// One apply: take over the list, then stop, restart and start what differs, verified step by step.

import type { ControlClient } from '../../control/protocol.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import type { ListDiff, StreamChange } from '../../core/list-diff.ts';
import type { StreamStatus } from '../../core/status.ts';
import { writeJson } from '../../ui/json.ts';
import { startSpinner } from '../../ui/spinner.ts';
import { formatDuration, plural } from '../../ui/time.ts';
import { batchLockHeld } from './lock-held.ts';
import { runBatch, type Failed, type Outcome } from './run-batch.ts';
import type { Context } from '../context.ts';
import { connect } from '../not-running.ts';

export interface ApplyOptions {
  readonly rolling: number;
  readonly maxFail: number;
  /** For each stream to play. */
  readonly timeoutMs: number;
  readonly lockWaitMs: number;
  readonly rollback: boolean;
}

interface Applied {
  readonly stopped: readonly string[];
  readonly restarted: readonly string[];
  readonly started: readonly string[];
  readonly failed: readonly Failed[];
  /** Of those that failed: what plays again as before. */
  readonly rolledBack: readonly string[];
  readonly left: readonly string[];
  readonly interrupted: boolean;
}

export async function applyOnce(options: ApplyOptions, context: Context): Promise<ExitCode> {
  const client = await connect(context);
  const lock = await context.holdLock(`${client.hello.stateDirectory}/batch.lock`, options.lockWaitMs);
  if (lock === undefined) throw batchLockHeld(options.lockWaitMs);
  const startedAt = context.now();
  const spinner = await startSpinner(context.streams, 'reading the list');
  try {
    // Invalid: this throws, and nothing was changed.
    const diff = await client.reload();
    const applied = await carryOut(diff, options, client, context, (words) => spinner.update(words));
    await report(diff, applied, context.now() - startedAt, context);
    if (applied.interrupted) return ExitCode.interrupted;
    return applied.failed.length === 0 && applied.left.length === 0 ? ExitCode.ok : ExitCode.answerIsBad;
  } finally {
    spinner.stop();
    lock.release();
  }
}

async function carryOut(
  diff: ListDiff,
  options: ApplyOptions,
  client: ControlClient,
  context: Context,
  say: (words: string) => void,
): Promise<Applied> {
  const { streams } = await client.status();
  const todo = (action: StreamChange['action']): readonly StreamStatus[] => {
    const ids = diff.changes.filter((change) => change.action === action).map((change) => change.id);
    return streams.filter((stream) => ids.includes(stream.id));
  };
  // First what goes: it may hold the provider slots that the others need.
  const stopped = todo('stop').map((stream) => stream.id);
  if (stopped.length > 0) await client.order({ action: 'stop', ids: stopped });
  await client.markApplied(diff.changes.filter(({ action }) => action === 'none' || action === 'stop').map(({ id }) => id));

  const rolledBack: string[] = [];
  const step = (action: 'restart' | 'start', what: readonly StreamStatus[]): Promise<Outcome> =>
    runBatch(
      {
        client,
        todo: what,
        skipped: [],
        action,
        options: { ...options, deadlineMs: undefined },
        startedAt: context.now(),
        onProgress: async (done) => {
          say(`${action}ed ${done.length} of ${what.length}`);
          await client.markApplied(done);
        },
        onFailed: async ({ id }) => {
          if (action === 'restart' && options.rollback && (await client.rollback(id))) rolledBack.push(id);
        },
      },
      context,
    );
  const restarts = await step('restart', todo('restart'));
  const none: Outcome = {
    restarted: [],
    seamless: [],
    failed: [],
    skipped: [],
    left: todo('start').map(({ id }) => id),
    stopped: restarts.stopped,
  };
  const starts = restarts.stopped === null ? await step('start', todo('start')) : none;
  return {
    stopped,
    restarted: restarts.restarted,
    started: starts.restarted,
    failed: [...restarts.failed, ...starts.failed],
    rolledBack,
    left: [...restarts.left, ...starts.left],
    interrupted: restarts.stopped === 'interrupted' || starts.stopped === 'interrupted',
  };
}

async function report(diff: ListDiff, applied: Applied, tookMs: number, context: Context): Promise<void> {
  const { streams } = context;
  const untouched = diff.changes.filter((change) => change.action === 'none').length;
  if (streams.json) {
    writeJson(streams.out, { action: 'apply', path: diff.path, ...applied, untouched, server: diff.server });
    return;
  }
  const parts = [
    ['stopped', applied.stopped],
    ['restarted', applied.restarted],
    ['started', applied.started],
  ] as const;
  const done = parts.flatMap(([word, ids]) => (ids.length === 0 ? [] : [`${word} ${ids.join(', ')}`]));
  if (!streams.quiet) {
    const what = done.length === 0 ? 'nothing to do' : done.join('; ');
    streams.out.write(`${what}; ${plural(untouched, 'stream')} untouched (${formatDuration(tookMs / 1000)})\n`);
    if (diff.server.length > 0) streams.err.write(`server.${diff.server.join(', server.')} changes after iptv down and iptv up\n`);
  }
  if (applied.failed.length === 0 && applied.left.length === 0) return;
  // Also with -q: a definition that does not play is what somebody must know.
  const lines = [
    ...(applied.failed.length === 0 ? [] : [`error: ${plural(applied.failed.length, 'stream')} did not play with the new definition`]),
    ...applied.failed.flatMap(({ id, reason, evidence }) => [
      `   ${id}: ${reason}${applied.rolledBack.includes(id) ? '; back to the definition that played' : ''}`,
      ...evidence.map((line) => `      ${line}`),
    ]),
    ...(applied.left.length === 0 ? [] : [`   not tried: ${applied.left.join(', ')}`]),
    `next: iptv logs ${applied.failed[0]?.id ?? ''}`.trimEnd(),
  ];
  streams.err.write(`${lines.join('\n')}\n`);
}
