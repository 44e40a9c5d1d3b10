// Remembers how far a batch came, so that `--resume` can go on after it was interrupted.

import type { FilesPort } from '../../core/ports.ts';

export interface BatchMemory {
  /** What had its turn in a batch that did not come to its end; empty when the last one did, or when it is too old. */
  done(): Promise<ReadonlySet<string>>;
  save(done: readonly string[], finished: boolean): Promise<void>;
}

/** An interruption of yesterday says nothing about today's jobs. */
const forgottenAfterMs = 24 * 60 * 60_000;

export function createBatchMemory(
  files: Pick<FilesPort, 'readText' | 'writeAtomic'>,
  stateDirectory: string,
  nowMs: () => number,
): BatchMemory {
  const path = `${stateDirectory}/batch.json`;
  return {
    async done() {
      const saved = parse(await files.readText(path).catch(() => undefined));
      if (saved === undefined || saved.finished || nowMs() - saved.atMs > forgottenAfterMs) return new Set();
      return new Set(saved.done);
    },
    // The restarts matter, this file does not: a full disk must not stop them.
    save: (done, finished) =>
      files.writeAtomic(path, `${JSON.stringify({ atMs: nowMs(), finished, done })}\n`, 0o600).catch(() => undefined),
  };
}

interface Saved {
  readonly atMs: number;
  readonly finished: boolean;
  readonly done: readonly string[];
}

function parse(text: string | undefined): Saved | undefined {
  try {
    const value = JSON.parse(text ?? '') as Partial<Saved>;
    if (typeof value.atMs !== 'number' || !Array.isArray(value.done)) return undefined;
    return { atMs: value.atMs, finished: value.finished === true, done: value.done.filter((id) => typeof id === 'string') };
  } catch {
    return undefined;
  }
}
