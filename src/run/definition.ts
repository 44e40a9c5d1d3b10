// A stream's definition as a flat list of keys with fingerprints, so that a change can be named without keeping secrets. Pure.

import type { StreamConfig } from '../core/config.ts';
import type { AppliedDefinition } from '../core/list-diff.ts';
import { hashText } from '../core/state-paths.ts';

/** Names inside the program -> names in streams.yaml. */
const written: Readonly<Record<string, string>> = {
  segmentSeconds: 'segment',
  windowSegments: 'window',
  minDelayMs: 'minDelay',
  maxDelayMs: 'maxDelay',
  stableAfterMs: 'stableAfter',
  stallAfterMs: 'stallAfter',
  maxDelaySeconds: 'maxDelay',
  timeoutSeconds: 'timeout',
  idleAfterMs: 'idleAfter',
  firstWaitMs: 'firstWait',
  forMs: 'for',
};

/** Follow from other keys, or name the stream itself. */
const derived: ReadonlySet<string> = new Set(['id', 'display', 'enabled']);

export function appliedDefinition(stream: StreamConfig): AppliedDefinition {
  const keys: Record<string, string> = {};
  collect(stream, '', keys);
  return { enabled: stream.enabled, keys };
}

function collect(value: unknown, path: string, keys: Record<string, string>): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => collect(item, `${path}[${index}]`, keys));
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      if (derived.has(name) || item === undefined) continue;
      collect(item, path === '' ? (written[name] ?? name) : `${path}.${written[name] ?? name}`, keys);
    }
  } else keys[path] = hashText(`${typeof value} ${String(value)}`);
}

/** Keys that were added, taken away or given another value, in alphabetical order. */
export function changedKeys(before: AppliedDefinition, after: AppliedDefinition): readonly string[] {
  const names = new Set([...Object.keys(before.keys), ...Object.keys(after.keys)]);
  return [...names].filter((name) => before.keys[name] !== after.keys[name]).toSorted((a, b) => a.localeCompare(b));
}

export function isAppliedDefinition(value: unknown): value is AppliedDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { enabled, keys } = value as Partial<AppliedDefinition>;
  return typeof enabled === 'boolean' && typeof keys === 'object' && keys !== null;
}
