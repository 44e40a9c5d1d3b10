// Flags that several commands share, and the parsers of their values.

import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import { usageError } from '../core/errors.ts';

/** What `start`, `stop` and `restart` act on; exactly one of the three. */
export type Selection = { readonly ids: readonly string[] } | { readonly all: true } | { readonly tags: readonly string[] };

export interface SelectionFlags {
  readonly all?: true;
  readonly tag?: readonly string[];
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function addSelection(command: Command, everything: string): Command {
  return command
    .argument('[id...]', 'streams, by id')
    .option('--all', everything)
    .option('--tag <tag>', 'every stream with this tag (repeatable)', collect);
}

export function readSelection(ids: readonly string[], flags: SelectionFlags, action: string): Selection {
  const given = [ids.length > 0, flags.all === true, flags.tag !== undefined].filter(Boolean).length;
  if (given === 0) throw usageError(`${action} what? Name streams, or use --all or --tag <tag>`, 'iptv list');
  if (given > 1) throw usageError('name streams, or use --all, or --tag: only one of them', `iptv ${action} --help`);
  if (flags.all === true) return { all: true };
  return flags.tag === undefined ? { ids: [...new Set(ids)] } : { tags: flags.tag };
}

export function addRuntime(command: Command): Command {
  return command.addOption(new Option('--runtime <runtime>', 'where nginx and the jobs run').choices(['auto', 'local', 'docker']));
}

/** `500ms`, `60s`, `10m`, `1h30m`, `2d`; a bare number is seconds. */
export function parseDuration(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) throw new InvalidArgumentError('Write a duration such as 500ms, 60s, 10m or 1h30m.');
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (unitMs[unit ?? ''] ?? 0),
    0,
  );
}

/** How long ago, or an instant; the answer is milliseconds since the epoch. */
export function parseSince(text: string, now: number): number {
  if (/^\d/.test(text) && !text.includes('-')) return now - parseDuration(text);
  const instant = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant))
    throw new InvalidArgumentError('Write a duration such as 10m, or an RFC 3339 time such as 2026-01-31T20:15:00Z.');
  return instant;
}

export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number, 0 or more.');
  return Number(text);
}

export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}
