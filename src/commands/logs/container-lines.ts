// What comes out of containers, as lines of a log: `docker logs --timestamps`, and `iptv logs` in the backend.

import { redactText } from '../../core/redact.ts';
import { readNginxLine } from '../../observe/log-line.ts';
import type { LogLevel, LogLine } from './log-line.ts';
import { levels } from './query.ts';

/** A line of `docker logs --timestamps` with the time that Docker gave it, which has nanoseconds and is unique in practice. */
export interface StampedLine {
  readonly stamp: string;
  readonly line: LogLine;
}

const stamped = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ?(.*)$/s;
/** As the supervisor shows its log files' lines on its stdout. */
const mirrored = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ([a-z0-9][a-z0-9_-]*) (debug|info|warning|error) (.*)$/s;
const startScript = /^iptv: (?:(error|warning): )?(.*)$/s;

function readStamp(raw: string): { readonly stamp: string; readonly timeMs: number; readonly rest: string } | undefined {
  const [, stamp, rest = ''] = stamped.exec(raw.trimEnd()) ?? [];
  return stamp === undefined ? undefined : { stamp, timeMs: Date.parse(stamp), rest };
}

/** undefined: nothing worth showing. Secrets are only removed here: nginx logs the arguments of publishers and viewers. */
export function readNginxLog(raw: string, name: string): StampedLine | undefined {
  const found = readStamp(raw);
  // The cleaner looked at a file that the janitor had just removed.
  if (found === undefined || found.rest === '' || found.rest.includes('hls: cleanup stat() ')) return undefined;
  const shown = redactText(found.rest);
  const [, level, text] = startScript.exec(shown) ?? [];
  const entry = text === undefined ? readNginxLine(shown) : { level: (level ?? 'info') as LogLevel, text };
  return { stamp: found.stamp, line: { name, timeMs: found.timeMs, level: entry.level, text: entry.text } };
}

/**
 * The backend container's own output: its start script, a crash. What the supervisor shows there of its log files is left
 * out unless `withMirrored`: it is read from the files.
 */
export function readBackendLine(raw: string, withMirrored: boolean): StampedLine | undefined {
  const found = readStamp(raw);
  if (found === undefined || found.rest === '') return undefined;
  const shown = redactText(found.rest);
  const { stamp, timeMs } = found;
  const [, name, level, text] = mirrored.exec(shown) ?? [];
  if (name !== undefined && text !== undefined) {
    const stream = name === 'backend' ? {} : { stream: name };
    return withMirrored ? { stamp, line: { name, ...stream, timeMs, level: level as LogLevel, text } } : undefined;
  }
  const [, said, own] = startScript.exec(shown) ?? [];
  return { stamp, line: { name: 'backend', timeMs, level: (said ?? 'info') as LogLevel, text: own ?? shown } };
}

/** A line of `iptv logs --ndjson`; `live` is its mark that what follows is new. */
export function readCarriedLine(raw: string): LogLine | 'live' | undefined {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { time, level, name, stream, text, live } = value as Record<string, unknown>;
  if (live === true) return 'live';
  if (typeof text !== 'string' || typeof name !== 'string' || !levels.includes(level as LogLevel)) return undefined;
  return {
    name,
    ...(typeof stream === 'string' ? { stream } : {}),
    timeMs: typeof time === 'string' ? Date.parse(time) : 0,
    level: level as LogLevel,
    text,
  };
}

/** `{"live":true}`: see `readCarriedLine`. */
export const liveMark = '{"live":true}\n';

/** More than a log file of Docker's holds here (10 MB), so that all of one may come again. */
const mostRemembered = 200_000;

/**
 * Drops what was seen. A log that is taken up again comes with the lines of its last instant, and Docker (28) reads a file
 * that it has rotated a second time while following. Its stamps have nanoseconds, so stamp and text name a line.
 */
export function createOnce() {
  const seen = new Set<string>();
  let last = '';
  return {
    /** The newest stamp, for `--since`, which includes that instant; undefined before the first line. */
    since: () => (last === '' ? undefined : last),
    isNew(raw: string): boolean {
      const stamp = stamped.exec(raw)?.[1] ?? '';
      const key = `${stamp} ${raw.length} ${raw.slice(-24)}`;
      if (seen.has(key)) return false;
      seen.add(key);
      if (seen.size > mostRemembered) seen.delete(seen.values().next().value ?? '');
      if (stamp > last) last = stamp;
      return true;
    },
  };
}
