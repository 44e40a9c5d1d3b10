// The two output streams and what each of them can show; judged once, apart from each other.

import type { Globals } from './globals.ts';

/** One output stream. Nothing but text goes through it. */
export interface Sink {
  readonly isTerminal: boolean;
  readonly hasColor: boolean;
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  /** Resolves once the reader has taken enough of what was written: output that goes on waits for it, or fills our memory. */
  drained?(): Promise<void>;
}

export interface Streams {
  /** Data. */
  readonly out: Sink;
  /** Messages, progress, warnings and errors. */
  readonly err: Sink;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** A moving line may be drawn on `err`. */
  readonly animate: boolean;
}

/** The part of a Node stream that is used here. */
export interface RawStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
  readonly writableNeedDrain?: boolean;
  once?(event: 'drain', listener: () => void): unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultColumns = 80;
const defaultRows = 24;

/** The streams are opened when they are first used: a terminal or a pipe costs milliseconds, and stderr often stays silent. */
export function createStreams(out: () => RawStream, err: () => RawStream, env: Environment, globals: Globals): Streams {
  const forced = forcedTerminals(env['IPTV_TERMINAL']);
  const sinkOf = (open: () => RawStream, columns: number | undefined): Sink => {
    const isTerminal = (): boolean => columns !== undefined || open().isTTY === true;
    return {
      get isTerminal() {
        return isTerminal();
      },
      get hasColor() {
        return colorChoice(globals.color, env, isTerminal);
      },
      // A resized terminal is seen because these are asked for, not copied.
      get columns() {
        return columns ?? open().columns ?? defaultColumns;
      },
      get rows() {
        return open().rows ?? defaultRows;
      },
      write: (text) => void open().write(text),
      async drained() {
        const stream = open();
        if (stream.writableNeedDrain === true) await new Promise<void>((resolve) => stream.once?.('drain', resolve));
      },
    };
  };
  const errSink = sinkOf(err, forced.err);
  return {
    out: sinkOf(out, forced.out),
    err: errSink,
    json: globals.json,
    quiet: globals.quiet,
    verbose: globals.verbose || /(?:^|[,\s])iptv(?:$|[,\s:])/.test(env['DEBUG'] ?? ''),
    get animate() {
      return !globals.json && !globals.quiet && !isSet(env['CI']) && env['TERM'] !== 'dumb' && errSink.isTerminal;
    },
  };
}

/** The flag, then FORCE_COLOR, NO_COLOR (no-color.org: any non-empty value), TERM=dumb, and only then the terminal. */
export function colorChoice(flag: boolean | undefined, env: Environment, isTerminal: () => boolean): boolean {
  if (flag !== undefined) return flag;
  const forced = env['FORCE_COLOR'];
  if (isSet(forced)) return forced !== '0' && forced !== 'false';
  if (isSet(env['NO_COLOR'])) return false;
  if (env['TERM'] === 'dumb') return false;
  return isTerminal();
}

/**
 * For a command that is carried into a container: there both streams are pipes, although a person reads them here.
 * Undefined when neither is a terminal.
 */
export function describeTerminals(streams: Streams): string | undefined {
  const parts = (['out', 'err'] as const).filter((name) => streams[name].isTerminal).map((name) => `${name}:${streams[name].columns}`);
  return parts.length === 0 ? undefined : parts.join(',');
}

/** Reads what `describeTerminals` wrote. */
function forcedTerminals(text: string | undefined): { out?: number; err?: number } {
  const found: { out?: number; err?: number } = {};
  for (const [, name, columns] of (text ?? '').matchAll(/\b(out|err):(\d{1,5})\b/g)) found[name as 'out' | 'err'] = Number(columns);
  return found;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
