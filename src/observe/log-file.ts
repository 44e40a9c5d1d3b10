// One rotated log file: opened on the first line, closed when idle; a disk that refuses costs lines, never the program.

import { createStream, type RotatingFileStream } from 'rotating-file-stream';

import type { CancelTimer, ClockPort } from '../core/ports.ts';
import { createBoundedLines } from './bounded-lines.ts';
import { formatLogLine } from './log-line.ts';

export interface LogFileOptions {
  readonly path: string;
  readonly clock: Pick<ClockPort, 'now' | 'monotonic' | 'after'>;
  /** Bytes of one file, and how many older ones (`<path>.1` is the youngest) are kept. */
  readonly size: number;
  readonly count: number;
  /** How the file itself says that lines were lost; the default is a line of a log. */
  readonly notice?: (text: string) => string;
}

export interface LogFile {
  /** Never throws; the line must not hold a line end. */
  append(line: string): void;
  /** Resolves once everything that can be written is written. */
  close(): Promise<void>;
}

const retryAfterMs = 5000;
/** Hundreds of channels would hold hundreds of files and stream buffers; most log nothing for hours. */
const idleAfterMs = 30_000;
/** More than this on its way means that the disk hangs. */
const mostInFlight = 512;
const mostWaiting = { lines: 200, characters: 64 * 1024 };

export function createLogFile(options: LogFileOptions): LogFile {
  const { clock } = options;
  let stream: RotatingFileStream | undefined;
  /** Given to the stream, not yet confirmed: written again when it fails. */
  let inFlight: string[] = [];
  /** Not given to a stream yet: the disk refuses or hangs. */
  const waiting = createBoundedLines<string>(mostWaiting);
  let reason: string | undefined;
  let lastUse = 0;
  let cancelTimer: CancelTimer | undefined;

  function open(): RotatingFileStream {
    const opened = createStream(options.path, { size: `${options.size}B`, rotate: options.count, mode: 0o600 });
    opened.on('error', (error) => {
      if (opened === stream) fail(error);
    });
    if (cancelTimer === undefined) armIdle(idleAfterMs);
    return opened;
  }

  function fail(error: Error): void {
    stream = undefined;
    reason = error.message;
    const again = [...inFlight, ...waiting.items];
    const lost = waiting.lost();
    inFlight = [];
    waiting.clear();
    for (const line of again) waiting.push(line, line.length);
    if (lost > 0) waiting.push(notice(`${lost} lines lost: ${reason}`), 0);
    disarm();
    cancelTimer = clock.after(retryAfterMs, () => {
      cancelTimer = undefined;
      resume();
    });
  }

  /** A write that failed half-way may have left half a line: the notice begins on a new one. */
  function resume(): void {
    const lines = [...waiting.items];
    const lost = waiting.lost();
    waiting.clear();
    if (reason !== undefined) lines.unshift(`\n${notice(`the log could not be written (${reason}); ${lost} lines lost`)}`);
    else if (lost > 0) lines.unshift(notice(`${lost} lines lost: the disk was too slow`));
    reason = undefined;
    for (const line of lines) send(line);
  }

  function notice(text: string): string {
    return options.notice?.(text) ?? formatLogLine(clock.now(), { level: 'warning', text });
  }

  function send(line: string): void {
    stream ??= open();
    const target = stream;
    lastUse = clock.monotonic();
    inFlight.push(line);
    target.write(`${line}\n`, (error) => {
      if (error || target !== stream) return;
      inFlight.shift();
      if (waiting.items.length > 0 && inFlight.length < mostInFlight / 2) resume();
    });
  }

  function disarm(): void {
    cancelTimer?.();
    cancelTimer = undefined;
  }

  function armIdle(delayMs: number): void {
    cancelTimer = clock.after(delayMs, () => {
      cancelTimer = undefined;
      if (stream === undefined) return;
      const idleMs = clock.monotonic() - lastUse;
      if (idleMs < idleAfterMs || inFlight.length > 0) {
        armIdle(Math.max(idleAfterMs - idleMs, 1000));
        return;
      }
      stream.end();
      stream = undefined;
    });
  }

  return {
    append(line) {
      if (reason !== undefined || inFlight.length >= mostInFlight || waiting.items.length > 0) waiting.push(line, line.length);
      else send(line);
    },
    async close() {
      if (waiting.items.length > 0) resume();
      disarm();
      const closing = stream;
      stream = undefined;
      if (closing === undefined) return;
      await new Promise<void>((resolve) => {
        closing.once('close', resolve);
        closing.end();
      });
    },
  };
}
