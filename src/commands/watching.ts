// The same picture again and again until Ctrl-C: redrawn on a terminal, appended elsewhere, a line of JSON each for programs.

import { ExitCode } from '../core/exit-codes.ts';
import { writeJsonLine } from '../ui/json.ts';
import type { Screen } from '../ui/screen.ts';
import { formatInstant } from '../ui/time.ts';
import type { Context } from './context.ts';

export interface Seen {
  /** For --json. */
  readonly document: object;
  readonly text: () => string;
}

export interface Watching {
  /** undefined: pictures come one after another, or as JSON. Closed at the end. */
  readonly screen: Screen | undefined;
  readonly everyMs: number;
  /** undefined: it was interrupted, and there is nothing to show. */
  readonly look: () => Promise<Seen | undefined>;
}

export async function watching({ screen, everyMs, look }: Watching, context: Context): Promise<ExitCode> {
  const { out, json } = context.streams;
  try {
    while (!context.interrupt.aborted) {
      const seen = await look();
      if (seen === undefined) break;
      if (json) writeJsonLine(out, seen.document);
      else if (screen === undefined) out.write(`${seen.text()}\n`);
      else screen.draw(seen.text(), `${formatInstant(context.now())}  Ctrl-C ends`);
      await context.sleep(everyMs);
    }
    return ExitCode.interrupted;
  } finally {
    screen?.close();
  }
}
