// What outlives the supervisor, as small JSON files written atomically: orders, source facts, sequences.

import type { SourceFacts } from '../core/facts.ts';
import type { ClockPort, FilesPort } from '../core/ports.ts';
import type { Order } from '../core/status.ts';
import type { ChannelReserve } from '../playlist/channel/channel-text.ts';

export interface JsonStore<T> {
  readonly get: (key: string) => T | undefined;
  readonly keys: () => readonly string[];
  set(key: string, value: T): void;
  delete(key: string): void;
  /** Resolves once everything set before is on disk (or has failed, which `onError` was told). */
  flush(): Promise<void>;
  /** Why the last write failed; undefined when everything is on disk. It is tried again by itself. */
  readonly problem: () => string | undefined;
}

export interface StoreOptions {
  readonly files: FilesPort;
  readonly clock: ClockPort;
  readonly path: string;
  readonly writeDelayMs: number;
  readonly onError: (message: string) => void;
  /** Keeps a second copy for the day when the first one is damaged: for what cannot be found out again, and is seldom written. */
  readonly spare?: boolean;
}

/** A full disk is emptied by people: soon enough for them, seldom enough for the disk. */
const retryAfterMs = 10_000;

/** A damaged file is set aside, not overwritten: nothing on disk is lost. */
export async function openStore<T>(options: StoreOptions, isValue: (value: unknown) => value is T): Promise<JsonStore<T>> {
  const { files, clock, path } = options;
  const values = new Map<string, T>();
  const text = await files.readText(path);
  const sparePath = `${path}.spare`;
  if (text !== undefined) {
    let parsed = parseObject(text);
    if (parsed === undefined) {
      // A disk that is full as well must not keep the supervisor from starting.
      await files.writeAtomic(`${path}.damaged`, text, 0o600).then(
        () => options.onError(`${path} was damaged; kept as ${path}.damaged`),
        (error: unknown) => options.onError(`${path} is damaged and cannot be set aside: ${String(error)}`),
      );
      parsed = options.spare === true ? parseObject((await files.readText(sparePath)) ?? '') : undefined;
      if (parsed !== undefined) options.onError(`going on with ${sparePath}, the copy of ${path}`);
    }
    for (const [key, value] of Object.entries(parsed ?? {})) if (isValue(value)) values.set(key, value);
  }

  let writing: Promise<void> = Promise.resolve();
  let scheduled = false;
  let problem: string | undefined;

  function write(): void {
    scheduled = false;
    const body = `${JSON.stringify(Object.fromEntries(values), undefined, 1)}\n`;
    writing = writing
      .then(() => files.writeAtomic(path, body, 0o600))
      .then(() => (options.spare === true ? files.writeAtomic(sparePath, body, 0o600) : undefined))
      .then(
        () => (problem = undefined),
        (error: unknown) => {
          problem = `cannot write ${path}: ${String(error)}`;
          options.onError(problem);
          schedule(Math.max(retryAfterMs, options.writeDelayMs));
        },
      )
      .then(() => undefined);
  }

  function schedule(delayMs = options.writeDelayMs): void {
    if (scheduled) return;
    scheduled = true;
    clock.after(delayMs, () => {
      if (scheduled) write();
    });
  }

  return {
    get: (key) => values.get(key),
    keys: () => [...values.keys()],
    set(key, value) {
      values.set(key, value);
      schedule();
    },
    delete(key) {
      if (values.delete(key)) schedule();
    },
    async flush() {
      if (scheduled) write();
      await writing;
    },
    problem: () => problem,
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export const isOrder = (value: unknown): value is Order => value === 'run' || value === 'stop';
export const isSequence = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
export const isReserve = (value: unknown): value is ChannelReserve =>
  typeof value === 'object' &&
  value !== null &&
  (['mediaSequence', 'discontinuitySequence', 'targetDurationSeconds', 'segmentSeconds'] as const).every(
    (key) => key in value && Number.isFinite((value as ChannelReserve)[key]) && (value as ChannelReserve)[key] >= 0,
  );
export const isFacts = (value: unknown): value is SourceFacts => typeof value === 'object' && value !== null && !Array.isArray(value);
