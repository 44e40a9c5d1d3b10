// One moving line on stderr while something takes time; plain lines where nothing can move.

import { say } from './messages.ts';
import type { Sink, Streams } from './streams.ts';

export interface Spinner {
  /** Shown only while it moves: a count-down must not fill a log. */
  update(text: string): void;
  /** Worth a line of its own where nothing moves. */
  step(text: string): void;
  /** A line of its own that stays, above what moves. */
  remark(text: string): void;
  /** Ends it and leaves a line that stays. */
  succeed(text: string): void;
  fail(text: string): void;
  /** Ends it without a trace. */
  stop(): void;
}

/** ora is loaded only when there is something to draw. */
export async function startSpinner(streams: Streams, text: string): Promise<Spinner> {
  if (!streams.animate) return plainLines(streams, text);
  const { default: ora } = await import('ora');
  const spinner = ora({
    text,
    stream: terminalOver(streams.err),
    isEnabled: true,
    discardStdin: false,
    color: streams.err.hasColor ? 'cyan' : false,
  }).start();
  return {
    update: (next) => void (spinner.text = next),
    step: (next) => void (spinner.text = next),
    remark: (text) => {
      spinner.clear();
      say(streams, text);
      spinner.render();
    },
    succeed: (last) => void spinner.stopAndPersist({ symbol: '✓', text: last }),
    fail: (last) => void spinner.stopAndPersist({ symbol: '✗', text: last }),
    stop: () => void spinner.stop(),
  };
}

function plainLines(streams: Streams, first: string): Spinner {
  let shown = first;
  const show = (text: string): void => {
    if (text === shown) return;
    shown = text;
    say(streams, text);
  };
  say(streams, first);
  return { update: () => undefined, step: show, remark: show, succeed: show, fail: show, stop: () => undefined };
}

/** ora wants a tty.WriteStream; its cursor movements are the ECMA-48 sequences CHA, EL and CUU. */
function terminalOver(sink: Sink): NodeJS.WritableStream {
  const terminal = {
    isTTY: true,
    get columns() {
      return sink.columns;
    },
    get rows() {
      return sink.rows;
    },
    write: (text: string): boolean => {
      sink.write(text);
      return true;
    },
    cursorTo: (column: number): boolean => terminal.write(`\u001B[${column + 1}G`),
    clearLine: (direction: number): boolean => terminal.write(`\u001B[${direction === 0 ? 2 : direction > 0 ? 0 : 1}K`),
    moveCursor: (_columns: number, rows: number): boolean =>
      rows === 0 || terminal.write(`\u001B[${Math.abs(rows)}${rows < 0 ? 'A' : 'B'}`),
    once: () => terminal,
    on: () => terminal,
    off: () => terminal,
    removeListener: () => terminal,
  };
  return terminal as unknown as NodeJS.WritableStream;
}
