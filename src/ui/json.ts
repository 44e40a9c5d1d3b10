// One JSON document per command, indented for a terminal and compact for a pipe.

import type { Sink } from './streams.ts';

/** Raised only when a key changes its meaning or goes away; additions do not raise it. */
export const jsonSchemaVersion = 1;

export function writeJson(sink: Sink, value: object): void {
  const document = 'schemaVersion' in value ? value : { schemaVersion: jsonSchemaVersion, ...value };
  sink.write(`${JSON.stringify(document, undefined, sink.isTerminal ? 2 : undefined)}\n`);
}

/** One line of NDJSON, for output that goes on. */
export function writeJsonLine(sink: Sink, value: object): void {
  sink.write(`${JSON.stringify(value)}\n`);
}
