// The whole terminal for as long as something is watched; the user's own lines come back afterwards.

import { widthOf } from './fit.ts';
import type { Sink } from './streams.ts';

/**
 * The line, and what clears the rest of the terminal's line after it. After the last column the cursor stands on that column
 * (xterm's pending wrap): clearing there would take the last letter.
 */
export function clearedAfter(line: string, columns: number): string {
  const width = widthOf(line);
  return width > 0 && width % columns === 0 ? line : line + clearLine;
}

export interface Screen {
  /** `footer` is not left behind. */
  draw(text: string, footer?: string): void;
  /** Restores the terminal and leaves the last picture as ordinary lines. */
  close(): void;
}

// xterm's private modes: 1049 is the alternate screen, 25 the cursor.
const enter = '\u001B[?1049h\u001B[?25l';
const leave = '\u001B[?25h\u001B[?1049l';
const home = '\u001B[H';
const clearLine = '\u001B[K';
const clearBelow = '\u001B[J';

/** undefined where pictures cannot be drawn: then they come one after another. */
export function screenOn(sink: Sink, env: Readonly<Record<string, string | undefined>>): Screen | undefined {
  return sink.isTerminal && canMove(env) ? openScreen(sink) : undefined;
}

/** A dumb terminal shows our movements as letters. */
export function canMove(env: Readonly<Record<string, string | undefined>>): boolean {
  return env['TERM'] !== 'dumb';
}

export function openScreen(sink: Sink): Screen {
  let last = '';
  let open = true;
  sink.write(enter);
  return {
    draw(text, footer) {
      last = text;
      const lines = [...text.replace(/\n+$/, '').split('\n'), ...(footer === undefined ? [] : ['', footer])];
      const room = Math.max(1, sink.rows - 1);
      const shown = lines.length > room ? [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`] : lines;
      // Each line is cleared as it is written: clearing all of it first would flicker.
      sink.write(home + shown.map((line) => clearedAfter(line, sink.columns)).join('\n') + clearBelow);
    },
    close() {
      if (!open) return;
      open = false;
      sink.write(`${leave}${last === '' ? '' : `${last.replace(/\n+$/, '')}\n`}`);
    },
  };
}
