// The hooks of the checked file, with names and defaults filled in.

import type { HookConfig } from '../core/config.ts';
import { resolvePath } from './file-paths.ts';
import type { HookEntry } from './schema.ts';

export function buildHooks(entries: readonly HookEntry[], folder: string): readonly HookConfig[] {
  return entries.map((entry, index) => buildHook(entry, index, folder));
}

function buildHook(entry: HookEntry, index: number, folder: string): HookConfig {
  const [program = '', ...rest] = entry.command ?? [];
  // A path is one beside this file; a bare name is looked for in PATH.
  const file = program.includes('/') ? resolvePath(folder, program) : program;
  return {
    name: entry.name ?? `hook-${index + 1}`,
    on: entry.on ?? ['any'],
    target: entry.url === undefined ? { command: [file, ...rest] } : { url: entry.url, headers: entry.headers ?? {} },
    // The path and the query of a webhook are its password.
    display: entry.url === undefined ? (file.split('/').at(-1) ?? file) : new URL(entry.url).host,
    forMs: entry.for ?? 30_000,
    minIntervalMs: entry.minInterval ?? 300_000,
    ...(entry.tags === undefined ? {} : { tags: entry.tags }),
  };
}
