// Which lines the user asked for.

import { edgeName, originName } from '../../core/state-paths.ts';
import type { LogLevel, LogLine } from './log-line.ts';

export interface LogQuery {
  /** Stream ids, `backend`, `nginx-rtmp`, `nginx-edge`; none: all. */
  readonly names: readonly string[];
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
  /** The least grave level that is shown. */
  readonly level: LogLevel | undefined;
  readonly grep: RegExp | undefined;
  /** Lines that do not match `grep`. */
  readonly invert: boolean;
  /** The newest so many; undefined: all. */
  readonly lines: number | undefined;
}

export const levels: readonly LogLevel[] = ['debug', 'info', 'warning', 'error'];

/** Streams that are named: what nginx says about them is shown as well, and so is what the edge says. */
export function namedStreams(query: Pick<LogQuery, 'names'>): readonly string[] {
  return query.names.filter((name) => !isNginx(name) && name !== 'backend');
}

export function isAskedFor(query: Pick<LogQuery, 'names'>, name: string): boolean {
  return query.names.length === 0 || query.names.includes(name) || (isNginx(name) && namedStreams(query).length > 0);
}

/** Of their lines it is told from the text which stream they are about. */
export function isNginx(name: string): boolean {
  return name === originName || name === edgeName;
}

/** A filter over lines; made once because it is asked millions of times. */
export function createFilter(query: LogQuery): (line: LogLine) => boolean {
  const { sinceMs = -Infinity, untilMs = Infinity, grep, invert, names } = query;
  const gravest = new Set(levels.slice(query.level === undefined ? 0 : levels.indexOf(query.level)));
  const wanted = new Set(names);
  // nginx knows each rendition as a stream of its own, `<id>_<name>`; no other stream may be called so.
  const isAbout = (stream: string): boolean => wanted.has(stream) || wanted.has(stream.replace(/_[a-z0-9]+$/, ''));
  return (line) => {
    if (line.timeMs < sinceMs || line.timeMs > untilMs || !gravest.has(line.level)) return false;
    if (wanted.size > 0 && !wanted.has(line.name) && (line.stream === undefined || !isAbout(line.stream))) return false;
    return grep === undefined || grep.test(line.text) !== invert;
  };
}

/** As `journalctl --grep`: without a capital letter in it, case does not matter. Throws SyntaxError. */
export function compileGrep(text: string): RegExp {
  return new RegExp(text, /\p{Lu}/u.test(text.replace(/\\./g, '')) ? '' : 'i');
}
