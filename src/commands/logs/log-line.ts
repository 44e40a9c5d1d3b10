// One line of a log, whatever it came from.

import { originName } from '../../core/state-paths.ts';
import type { LogLevel } from '../../observe/log-line.ts';

export type { LogLevel };

export interface LogLine {
  /** Whose log: a stream id, `backend`, `nginx-rtmp` or `nginx-edge`. */
  readonly name: string;
  /** The stream it is about: its own, or the one that a line of nginx concerns. */
  readonly stream?: string | undefined;
  /** Milliseconds since the epoch; a line without a time takes that of the line before it. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly text: string;
}

const shape = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z) (debug|info|warning|error) (.*)$/s;

/** `2026-11-22T13:00:00.123Z <level> <text>`, as in the files of the log folder. */
function parseLogLine(raw: string, name: string, stream: string | undefined, previousMs: number): LogLine {
  const [, time, level, text] = shape.exec(raw) ?? [];
  if (time === undefined || text === undefined) return { name, stream, timeMs: previousMs, level: 'info', text: raw };
  return { name, stream, timeMs: Date.parse(time), level: level as LogLevel, text };
}

/** Time of a line, if it has one. */
export function timeOf(raw: string): number | undefined {
  const time = shape.exec(raw)?.[1];
  return time === undefined ? undefined : Date.parse(time);
}

export function parseLogLines(raws: readonly string[], name: string, previousMs = 0): readonly LogLine[] {
  let last = previousMs === 0 ? (raws.map(timeOf).find((time) => time !== undefined) ?? 0) : previousMs;
  const stream = name === 'backend' || name === originName ? undefined : name;
  return raws.map((raw) => {
    const line = parseLogLine(raw, name, stream, last);
    last = line.timeMs;
    return line;
  });
}
