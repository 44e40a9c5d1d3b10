// Words for the person at the terminal; they go to stderr and obey --quiet, --verbose and --json.

import type { Streams } from './streams.ts';

/** Silent with --quiet (cron mails nothing when all is well) and with --json (one document, nothing else). */
export function say(streams: Streams, text: string): void {
  if (!streams.quiet && !streams.json) streams.err.write(`${text}\n`);
}

export function debug(streams: Streams, text: string): void {
  if (streams.verbose) streams.err.write(`debug: ${text}\n`);
}
