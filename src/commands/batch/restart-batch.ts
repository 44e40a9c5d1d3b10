// A batch restart from beginning to report: lock, choice, jitter, steps, one clear answer.

import { ExitCode } from '../../core/exit-codes.ts';
import { refuseUnknown } from '../../core/no-such.ts';
import type { StreamStatus } from '../../core/status.ts';
import { writeJson } from '../../ui/json.ts';
import { startSpinner, type Spinner } from '../../ui/spinner.ts';
import { formatDuration, plural } from '../../ui/time.ts';
import type { Context } from '../context.ts';
import { connect } from '../not-running.ts';
import { unknownStream } from '../unknown-stream.ts';
import { shellWord } from '../shell-word.ts';
import { chooseStreams } from './choose.ts';
import { batchLockHeld } from './lock-held.ts';
import { createBatchMemory } from './memory.ts';
import type { BatchOptions } from './options.ts';
import { runBatch, type Outcome } from './run-batch.ts';

export async function restartBatch(options: BatchOptions, context: Context): Promise<ExitCode> {
  const client = await connect(context);
  const lock = await context.holdLock(`${client.hello.stateDirectory}/batch.lock`, options.lockWaitMs);
  if (lock === undefined) throw batchLockHeld(options.lockWaitMs);
  const spinner = await startSpinner(context.streams, 'restarting');
  try {
    const startedAt = context.now();
    // Invalid: this throws, and nothing was restarted.
    await client.reload();
    const { files, clock } = await context.ports();
    const memory = createBatchMemory(files, client.hello.stateDirectory, () => context.now());
    const done = options.resume ? await memory.done() : new Set<string>();
    const { streams } = await client.status();
    checkSelection(options, streams);
    const { todo, skipped } = chooseStreams(streams, options, done);
    const jitterMs = todo.length === 0 ? 0 : Math.floor(options.jitterMs * clock.random());
    if (jitterMs > 0) {
      spinner.step(`waiting ${formatDuration(jitterMs / 1000)} (--jitter)`);
      await context.sleep(jitterMs);
    }
    const outcome = await runBatch(
      {
        client,
        todo,
        skipped,
        options,
        startedAt,
        onProgress: async (restarted, words) => {
          spinner.update(words);
          await memory.save([...done, ...restarted], false);
        },
      },
      context,
    );
    await memory.save([...done, ...outcome.restarted], outcome.stopped === null);
    await report(outcome, options, context.now() - startedAt, spinner, context);
    return exitCodeOf(outcome);
  } finally {
    spinner.stop();
    lock.release();
  }
}

/** A tag, a group or an id that nobody has is a slip, not an empty batch. */
function checkSelection({ selection }: BatchOptions, streams: readonly StreamStatus[]): void {
  if ('ids' in selection) {
    const known = streams.map((stream) => stream.id);
    for (const id of selection.ids) if (!known.includes(id)) throw unknownStream(id, known);
    return;
  }
  if ('tags' in selection)
    refuseUnknown(
      'tag',
      selection.tags,
      streams.flatMap((stream) => stream.tags),
    );
  else if ('groups' in selection)
    refuseUnknown(
      'group',
      selection.groups,
      streams.flatMap((stream) => stream.group ?? []),
    );
}

async function report(outcome: Outcome, { selection }: BatchOptions, tookMs: number, spinner: Spinner, context: Context): Promise<void> {
  const { streams } = context;
  const { restarted, seamless, failed, skipped, left, stopped } = outcome;
  if (streams.json) {
    writeJson(streams.out, { action: 'restart', ...outcome, seconds: Math.round(tookMs / 1000) });
    return;
  }
  if (failed.length === 0 && stopped === null) {
    const also = skipped.length === 0 ? '' : `, ${skipped.length} left alone`;
    const smooth = seamless.length === 0 ? '' : ` (${seamless.length} without a gap)`;
    if (!streams.quiet)
      spinner.succeed(`${plural(restarted.length, 'stream')} restarted${smooth}${also} in ${formatDuration(tookMs / 1000)}`);
    return;
  }
  // Printed with -q too: this is what cron mails.
  const why = { 'max-fail': 'too many failures', deadline: 'the deadline is over', interrupted: 'interrupted' } as const;
  spinner.stop();
  const count = plural(restarted.length + failed.length + left.length, 'stream');
  const early = stopped === null ? '' : why[stopped];
  const lines = [
    failed.length === 0
      ? `error: stopped early, ${left.length} of ${count} not restarted: ${early}`
      : `error: ${failed.length} of ${count} did not come back${early === '' ? '' : `; stopped early: ${early}`}`,
    ...failed.flatMap(({ id, reason, evidence }) => [`   ${id}: ${reason}`, ...evidence.map((line) => `      ${line}`)]),
    ...(left.length === 0 ? [] : [`   not tried: ${left.join(', ')}`]),
    ...(restarted.length === 0 ? [] : [`   restarted: ${restarted.join(', ')}`]),
    `next: ${failed[0] === undefined ? `iptv restart ${wordsOf(selection)} --resume` : `iptv why ${failed[0].id}`}`,
  ];
  streams.err.write(`${lines.join('\n')}\n`);
}

/** As on the command line. */
function wordsOf(selection: BatchOptions['selection']): string {
  if ('ids' in selection) return selection.ids.join(' ');
  if ('tags' in selection) return selection.tags.map((tag) => `--tag ${shellWord(tag)}`).join(' ');
  return 'groups' in selection ? selection.groups.map((group) => `--group ${shellWord(group)}`).join(' ') : '--all';
}

function exitCodeOf({ failed, stopped }: Outcome): ExitCode {
  if (stopped === 'interrupted') return ExitCode.interrupted;
  if (failed.length > 0) return ExitCode.answerIsBad;
  return stopped === null ? ExitCode.ok : ExitCode.tryAgain;
}
