// Tells whether a stream's job would run another command after a change of streams.yaml.

import type { StreamConfig } from '../core/config.ts';

/**
 * Canonical JSON of everything that goes into the job's command; names, tags and restart policy do not.
 * It holds secrets: compare or hash it, never print it.
 */
export function streamFingerprint(stream: StreamConfig): string {
  const sources = stream.sources.map(({ display: _, ...source }) => source);
  return JSON.stringify(sortKeys({ id: stream.id, sources, output: stream.output }));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([key, member]) => [key, sortKeys(member)]));
}
