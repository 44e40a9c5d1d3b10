// The record of what happened: numbered, redacted, rotated JSON lines; a disk that refuses costs old events, never the program.

import type { EventDraft, EventSink, StreamEvent } from '../core/events.ts';
import type { ClockPort, FilesPort } from '../core/ports.ts';
import { createCachedRedactor } from './cached-redactor.ts';
import { completeEvent, parseEvent } from './event-line.ts';
import { createLogFile } from './log-file.ts';

export interface EventLog extends EventSink {
  /** Told every event at once, also those that the disk refuses. A listener that throws is passed over. */
  onEvent(listener: (event: StreamEvent) => void): void;
  /** Resolves once everything that can be written is written. */
  close(): Promise<void>;
}

export interface EventLogOptions {
  readonly path: string;
  readonly files: Pick<FilesPort, 'stat' | 'readFrom'>;
  readonly clock: Pick<ClockPort, 'now' | 'monotonic' | 'after'>;
  /** Values to scrub, as known now. */
  readonly secrets: () => readonly string[];
  /** Bytes of one file, and how many older ones are kept. */
  readonly limits?: { readonly size: number; readonly count: number };
}

/** Some 40,000 events: weeks of a house with trouble, months of a quiet one. */
const defaultLimits = { size: 4 * 1024 * 1024, count: 4 };
const tailBytes = 64 * 1024;
const newline = 10;

export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  const { clock, path } = options;
  const redact = createCachedRedactor(options.secrets);
  const limits = options.limits ?? defaultLimits;
  const listeners: ((event: StreamEvent) => void)[] = [];
  let { seq, torn } = await readEnd(options.files, path).catch(() => ({ seq: 0, torn: false }));

  function complete(draft: EventDraft): StreamEvent {
    seq += 1;
    return completeEvent(draft, seq, clock.now(), redact);
  }

  const file = createLogFile({
    path,
    clock,
    ...limits,
    notice: (text) => JSON.stringify(complete({ stream: null, kind: 'disk', cause: 'events-lost', message: text })),
  });

  return {
    record(draft) {
      const event = complete(draft);
      // What a crash cut off must not swallow the first line that comes after it.
      file.append(`${torn ? '\n' : ''}${JSON.stringify(event)}`);
      torn = false;
      for (const listener of listeners) {
        try {
          listener(event);
        } catch {
          // The record is what counts.
        }
      }
    },
    onEvent: (listener) => void listeners.push(listener),
    close: () => file.close(),
  };
}

/** The highest number used so far; right after a rotation it is at the end of the copy. */
async function readEnd(files: EventLogOptions['files'], path: string): Promise<{ readonly seq: number; readonly torn: boolean }> {
  const own = await readTail(files, path);
  const seq = lastSeq(own) ?? lastSeq(await readTail(files, `${path}.1`)) ?? 0;
  return { seq, torn: own.length > 0 && own.at(-1) !== newline };
}

async function readTail(files: EventLogOptions['files'], path: string): Promise<Uint8Array> {
  const stat = await files.stat(path);
  if (stat === undefined) return new Uint8Array();
  return files.readFrom(path, Math.max(0, stat.size - tailBytes), tailBytes);
}

/** The largest, not the last: a clock or a restored file may have put lines out of order. */
function lastSeq(bytes: Uint8Array): number | undefined {
  const seqs = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .flatMap((line) => parseEvent(line)?.seq ?? []);
  return seqs.length === 0 ? undefined : Math.max(...seqs);
}
