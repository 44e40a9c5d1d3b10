// Takes in lines about one stream: redacts, folds repeats, limits the rate, remembers the last ones, writes them to its file.

import type { CancelTimer, ClockPort } from '../core/ports.ts';
import { createBoundedLines } from './bounded-lines.ts';
import { createCachedRedactor } from './cached-redactor.ts';
import { createLogFile } from './log-file.ts';
import { formatLogLine, isNoise, readFfmpegLine, readNginxLine, type LogEntry, type LogLevel } from './log-line.ts';

export interface LogSink {
  /** A line of ffmpeg's stderr. Returns it redacted, or undefined when it is not worth keeping. */
  ffmpeg(line: string): string | undefined;
  /** A line of nginx's error log. Returns it redacted. */
  nginx(line: string): string | undefined;
  /** Our own words. */
  note(level: LogLevel, text: string): void;
  /** The last texts, oldest first, redacted, without times; also those that the rate limit or the disk kept out of the file. */
  tail(count: number): readonly string[];
  /** Writes what is held back and closes the file. A later line opens it again. */
  close(): Promise<void>;
}

export interface LogLimits {
  /** Bytes of one file. */
  readonly size: number;
  /** Older files kept. */
  readonly count: number;
  readonly linesPerSecond: number;
}

export interface LogBook {
  /** The sink of `<directory>/<name>.log`; always the same one for a name. */
  log(name: string): LogSink;
  close(): Promise<void>;
}

export interface LogBookOptions {
  readonly directory: string;
  readonly clock: Pick<ClockPort, 'now' | 'monotonic' | 'after'>;
  /** Is told every line that a service's own log should show: our notes, and what ffmpeg and nginx warn of. */
  readonly mirror?: (name: string, line: string) => void;
  /** Values to scrub, as known now. */
  readonly secrets: () => readonly string[];
  readonly limits?: Partial<LogLimits>;
}

const defaultLimits: LogLimits = { size: 10 * 1024 * 1024, count: 5, linesPerSecond: 50 };
const remembered = { lines: 200, characters: 64 * 1024 };
/** Counts that are held back come out after this long at the latest. */
const holdMs = 10_000;
/** A healthy start of ffmpeg says 40 to 90 lines at once. */
const burstSeconds = 3;

export function createLogBook(options: LogBookOptions): LogBook {
  const sinks = new Map<string, LogSink>();
  const cached = createCachedRedactor(options.secrets);
  const redact = (text: string): string => cached(text.trimEnd());
  return {
    log(name) {
      const sink = sinks.get(name) ?? createLogSink(options, redact, name);
      sinks.set(name, sink);
      return sink;
    },
    close: async () => {
      await Promise.all([...sinks.values()].map((sink) => sink.close()));
    },
  };
}

function createLogSink(options: LogBookOptions, redact: (text: string) => string, name: string): LogSink {
  const { clock } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const file = createLogFile({ path: `${options.directory}/${name}.log`, clock, size: limits.size, count: limits.count });
  const ring = createBoundedLines<string>(remembered);
  let last: LogEntry | undefined;
  let repeats = 0;
  let tokens = limits.linesPerSecond * burstSeconds;
  let filledAt = clock.monotonic();
  let suppressed = 0;
  let cancelTimer: CancelTimer | undefined;

  function take(entry: LogEntry): void {
    if (last !== undefined && last.text === entry.text && last.level === entry.level) {
      repeats += 1;
      arm();
      return;
    }
    ring.push(entry.text, entry.text.length);
    flushRepeats();
    last = entry;
    emit(entry, 1);
  }

  function flushRepeats(): void {
    if (repeats === 0 || last === undefined) return;
    const count = repeats;
    repeats = 0;
    emit({ level: last.level, text: `(repeated ${count} ${count === 1 ? 'time' : 'times'})` }, count);
  }

  /** `lines` is what the entry stands for, should it be suppressed. */
  function emit(entry: LogEntry, lines: number): void {
    refill();
    if (tokens < 1) {
      suppressed += lines;
      arm();
      return;
    }
    tokens -= 1;
    flushSuppressed();
    const line = formatLogLine(clock.now(), entry);
    file.append(line);
    if (entry.isNote === true || entry.level === 'warning' || entry.level === 'error') options.mirror?.(name, line);
  }

  function refill(): void {
    const now = clock.monotonic();
    tokens = Math.min(limits.linesPerSecond * burstSeconds, tokens + ((now - filledAt) / 1000) * limits.linesPerSecond);
    filledAt = now;
  }

  function flushSuppressed(): void {
    if (suppressed === 0) return;
    file.append(
      formatLogLine(clock.now(), {
        level: 'warning',
        text: `suppressed ${suppressed} lines (more than ${limits.linesPerSecond} a second)`,
      }),
    );
    suppressed = 0;
  }

  function arm(): void {
    cancelTimer ??= clock.after(holdMs, flush);
  }

  function flush(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    flushRepeats();
    flushSuppressed();
  }

  return {
    ffmpeg(line) {
      if (isNoise(line)) return undefined;
      const shown = redact(line);
      take(readFfmpegLine(shown));
      return shown;
    },
    nginx(line) {
      // The cleaner looked at a file that the janitor had just removed.
      if (line.includes('hls: cleanup stat() ')) return undefined;
      const shown = redact(line);
      take(readNginxLine(shown));
      return shown;
    },
    note(level, text) {
      for (const part of redact(text).split(/[\r\n]+/)) if (part !== '') take({ level, text: part, isNote: true });
    },
    tail: (count) => ring.items.slice(-count),
    async close() {
      flush();
      await file.close();
    },
  };
}
