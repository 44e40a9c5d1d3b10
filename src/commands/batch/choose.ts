// Which streams a batch restarts, in which order, and why the others are left alone. Pure.

import type { StreamStatus } from '../../core/status.ts';
import type { BatchOptions } from './options.ts';

export interface Skipped {
  readonly id: string;
  readonly reason: string;
}

export interface Choice {
  /** Those in trouble first, then the longest running: whatever ends the batch early, the most needed work is done. */
  readonly todo: readonly StreamStatus[];
  readonly skipped: readonly Skipped[];
}

/** `done` names streams that an interrupted batch has restarted already. */
export function chooseStreams(streams: readonly StreamStatus[], options: BatchOptions, done: ReadonlySet<string>): Choice {
  const todo: StreamStatus[] = [];
  const skipped: Skipped[] = [];
  for (const stream of streams.filter((one) => isSelected(one, options.selection))) {
    const reason = reasonToSkip(stream, options, done);
    if (reason === undefined) todo.push(stream);
    else skipped.push({ id: stream.id, reason });
  }
  todo.sort((a, b) => Number(isWell(a)) - Number(isWell(b)) || (b.uptimeSeconds ?? 0) - (a.uptimeSeconds ?? 0));
  return { todo, skipped };
}

function isSelected(stream: StreamStatus, selection: BatchOptions['selection']): boolean {
  if ('ids' in selection) return selection.ids.includes(stream.id);
  if (stream.order !== 'run') return false;
  if ('tags' in selection) return stream.tags.some((tag) => selection.tags.includes(tag));
  if ('groups' in selection) return stream.group !== null && selection.groups.includes(stream.group);
  return true;
}

function reasonToSkip(stream: StreamStatus, options: BatchOptions, done: ReadonlySet<string>): string | undefined {
  if (done.has(stream.id)) return 'restarted before the interruption';
  // A batch is upkeep, not a wish of the moment: what somebody stopped stays stopped.
  if (stream.order !== 'run') return 'ordered to stop';
  if (stream.definition === 'removed') return 'no longer in the list';
  if (stream.state === 'idle') return 'idle: its first viewer starts it anew';
  if (options.which === 'unhealthy' && isWell(stream)) return 'healthy';
  const { olderThanMs } = options;
  if (olderThanMs !== undefined && stream.uptimeSeconds !== null && stream.uptimeSeconds * 1000 < olderThanMs) {
    return `its job runs for ${stream.uptimeSeconds} s only`;
  }
  return undefined;
}

/** The verdict where there is one; before that, a running job with both legs moving. */
export function isWell(stream: StreamStatus): boolean {
  if (stream.verdict !== undefined) return stream.verdict.name === 'healthy' || stream.verdict.name === 'idle';
  return stream.state === 'running' && Object.values(stream.legs).every((leg) => leg.state === 'fresh');
}
