// Walks the unchecked data, so that checks across keys still run when some values are wrong.

import type { Path } from './positions.ts';

export type RawGroup = Readonly<Record<string, unknown>>;

export interface RawSource {
  readonly path: Path;
  /** Where the URL itself stands. */
  readonly urlPath: Path;
  readonly url: unknown;
  /** The group of keys, when the source is written as one. */
  readonly group: RawGroup | undefined;
}

export function asGroup(value: unknown): RawGroup | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RawGroup) : undefined;
}

/** The value at a path of keys, or undefined. */
export function valueAt(root: unknown, ...keys: readonly string[]): unknown {
  let at = root;
  for (const key of keys) {
    const group = asGroup(at);
    at = group !== undefined && Object.hasOwn(group, key) ? group[key] : undefined;
  }
  return at;
}

/** Every entry of `streams` that is a group of keys, with its index. */
export function rawStreams(root: unknown): readonly { readonly index: number; readonly stream: RawGroup }[] {
  const list = valueAt(root, 'streams');
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) => {
    const stream = asGroup(entry);
    return stream === undefined ? [] : [{ index, stream }];
  });
}

export function rawSources(stream: RawGroup, streamPath: Path): readonly RawSource[] {
  const list = stream['sources'];
  const entries: (readonly [unknown, Path])[] = [[stream['source'], [...streamPath, 'source']]];
  if (Array.isArray(list)) entries.push(...list.map((entry: unknown, index) => [entry, [...streamPath, 'sources', index]] as const));
  return entries.flatMap(([entry, path]) => {
    if (entry === undefined) return [];
    const group = asGroup(entry);
    return [
      group === undefined ? { path, urlPath: path, url: entry, group } : { path, urlPath: [...path, 'url'], url: group['url'], group },
    ];
  });
}
