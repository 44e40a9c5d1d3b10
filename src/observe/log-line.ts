// The form of a log line, and how ffmpeg's and nginx's own lines become one.

import { splitFfmpegLine } from './ffmpeg-line.ts';

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

export interface LogEntry {
  readonly level: LogLevel;
  readonly text: string;
  /** Our own words, not a program's. */
  readonly isNote?: true;
}

/** nginx's levels (error_log) in our four words. */
const nginxLevels: Readonly<Record<string, LogLevel>> = {
  emerg: 'error',
  alert: 'error',
  crit: 'error',
  error: 'error',
  warn: 'warning',
  notice: 'info',
  info: 'info',
  debug: 'debug',
};

/** `<time> <level> <text>`: the contract of every file in the log folder. */
export function formatLogLine(timeMs: number, entry: LogEntry): string {
  return `${new Date(timeMs).toISOString()} ${entry.level} ${entry.text}`;
}

/** The level goes before the text, everything else stays: `[hls @ 0x55] [error] text` is `error [hls @ 0x55] text`. */
export function readFfmpegLine(line: string): LogEntry {
  const { level, text } = splitFfmpegLine(line);
  if (level === undefined) return { level: 'info', text: line };
  const speaker = line.slice(0, line.length - text.length).replace(/\[[a-z]+\] $/i, '');
  return { level, text: speaker + text };
}

/** Lines about each segment that is opened (two or more per segment and channel), and others that are no news. */
export function isNoise(line: string): boolean {
  if (line.includes("[info] Opening '")) return line.endsWith("' for writing") || line.endsWith("' for reading");
  return line.includes("[info] Skip ('#") || line.includes('stats and -progress period set to');
}

/** `2026/11/22 13:00:00 [error] 7#7: *3 text`, or `nginx: [emerg] text` before its log is open. */
export function readNginxLine(line: string): LogEntry {
  const match = /^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d |nginx: )\[([a-z]+)\] (.*)$/.exec(line);
  const level = nginxLevels[match?.[1] ?? ''];
  return level === undefined ? { level: 'info', text: line } : { level, text: match?.[2] ?? '' };
}
