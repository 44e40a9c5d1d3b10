// A part of the stack that has logs: what was said so far, and what is said from then on.

import type { LogLine } from './log-line.ts';

export interface LogSource {
  /** In the order of time, only what was asked for, at most the newest `lines` of it; ends. */
  past(): AsyncIterable<readonly LogLine[]>;
  /** What came after `past` was read; called once, after it. Ends only when the user interrupts, or with `failure`. */
  coming(): AsyncIterable<readonly LogLine[]>;
  /** An exit code that ends the whole command, after either of the two ended. */
  readonly failure?: () => number | undefined;
}
