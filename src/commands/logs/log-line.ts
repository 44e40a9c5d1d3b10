// One line of a log file: `2026-11-22T13:00:00.123Z <level> <text>`.

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

export interface LogLine {
  /** Whose log: a stream id, `backend` or `nginx-rtmp`. */
  readonly name: string;
  /** Milliseconds since the epoch; a line without a time takes that of the line before it. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly text: string;
  /** As it stands in the file. */
  readonly raw: string;
}

const shape = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z) (debug|info|warning|error) (.*)$/s;

export function parseLogLine(raw: string, name: string, previousMs: number): LogLine {
  const [, time, level, text] = shape.exec(raw) ?? [];
  if (time === undefined || text === undefined) return { name, timeMs: previousMs, level: 'info', text: raw, raw };
  return { name, timeMs: Date.parse(time), level: level as LogLevel, text, raw };
}

/** Time of a line, if it has one. */
export function timeOf(raw: string): number | undefined {
  const time = shape.exec(raw)?.[1];
  return time === undefined ? undefined : Date.parse(time);
}

export function parseLogLines(raws: readonly string[], name: string, previousMs = 0): readonly LogLine[] {
  let last = previousMs;
  return raws.map((raw) => {
    const line = parseLogLine(raw, name, last);
    last = line.timeMs;
    return line;
  });
}

/** Several logs in the order of time; lines of one log keep their own order. */
export function mergeByTime(logs: readonly (readonly LogLine[])[]): readonly LogLine[] {
  return logs.flat().sort((a, b) => a.timeMs - b.timeMs);
}
