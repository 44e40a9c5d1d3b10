// Keeps the HLS folder from growing: carries out sweep plans through the files port, a bounded piece at a time.

import type { ClockPort, FilesPort } from '../core/ports.ts';
import { eachOf, readHlsFolder } from './hls-folder.ts';
import { planSweep, type Deletion } from './sweep-plan.ts';

export interface JanitorOptions {
  readonly files: Pick<FilesPort, 'list' | 'readText' | 'stat' | 'remove'>;
  readonly clock: Pick<ClockPort, 'now'>;
  readonly directory: string;
  readonly knownIds: () => ReadonlySet<string>;
  /** Ids ordered to run. */
  readonly runningIds: () => ReadonlySet<string>;
  readonly windowSeconds: (id: string) => number;
  /** Names that left a channel playlist and are not due yet. */
  readonly keptNames?: () => ReadonlySet<string>;
  /** Deletions a sweep does at most. */
  readonly limit?: number;
}

export interface SweepReport {
  readonly deleted: number;
  /** Files that could not be deleted, and why the first of them could not. */
  readonly failed: number;
  readonly error: unknown;
}

export interface Janitor {
  /** Never two at once: a call during a sweep gets that sweep's report. */
  sweep(): Promise<SweepReport>;
}

const defaultLimit = 1000;
export function createJanitor(options: JanitorOptions): Janitor {
  const { files, directory } = options;
  let current: Promise<SweepReport> | undefined;

  async function run(): Promise<SweepReport> {
    const plan = await planSweep({
      ...(await readHlsFolder(files, directory)),
      knownIds: options.knownIds(),
      runningIds: options.runningIds(),
      nowMs: options.clock.now(),
      windowSeconds: options.windowSeconds,
      mtimeMs: async (name) => (await files.stat(`${directory}/${name}`).catch(() => undefined))?.mtimeMs,
      keptNames: options.keptNames?.() ?? new Set(),
      limit: options.limit ?? defaultLimit,
    });
    let deleted = 0;
    let failed = 0;
    let first: unknown;
    /** Streams whose playlist stayed after all: what it lists stays too. */
    const spared = new Set<string>();
    const remove = async ({ name, id, reason }: Deletion): Promise<void> => {
      if (reason === 'stopped' && options.runningIds().has(id)) spared.add(id);
      if (spared.has(id)) return;
      try {
        if (await files.remove(`${directory}/${name}`)) deleted += 1;
      } catch (error) {
        failed += 1;
        first ??= error;
        if (reason === 'stopped') spared.add(id);
      }
    };
    await eachOf(
      plan.filter((item) => item.reason === 'stopped'),
      remove,
    );
    await eachOf(
      plan.filter((item) => item.reason !== 'stopped'),
      remove,
    );
    return { deleted, failed, error: first };
  }

  return {
    sweep() {
      current ??= run().finally(() => {
        current = undefined;
      });
      return current;
    },
  };
}
