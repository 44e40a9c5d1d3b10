// What is wrong with one source: its address, and keys that its kind cannot use.

import type { SourceKind } from '../core/config.ts';
import { inputOptionMismatch } from './input-options.ts';
import type { LocatedProblem } from './positions.ts';
import { asGroup } from './raw-tree.ts';
import type { RawGroup, RawSource } from './raw-tree.ts';
import { applyKind, readSource, sourceKinds } from './sources.ts';

const http: readonly SourceKind[] = ['hls', 'http-ts'];

/** Kinds whose ffmpeg protocol or demuxer has the option behind the key. */
export const kindsWith: Readonly<Record<'headers' | 'referer' | 'userAgent' | 'transport', readonly SourceKind[]>> = {
  headers: http,
  referer: http,
  userAgent: [...http, 'rtsp'],
  transport: ['rtsp'],
};

export function sourceProblems(source: RawSource, folder: string): readonly LocatedProblem[] {
  if (typeof source.url !== 'string') return [];
  const address = readSource(source.url, folder);
  if (!address.ok) return [{ path: source.urlPath, ...address.problem }];
  const { group, path } = source;
  if (group === undefined) return [];
  const kind = applyKind(
    address.value,
    sourceKinds.find((name) => name === group['kind']),
  );
  if (!kind.ok) return [{ path: [...path, 'kind'], ...kind.problem }];
  return [...misplacedKeys(group, kind.value.kind, source), ...misplacedOptions(group, kind.value.kind, source)];
}

function misplacedKeys(group: RawGroup, kind: SourceKind, { path }: RawSource): readonly LocatedProblem[] {
  return Object.entries(kindsWith).flatMap(([key, kinds]) => {
    if (group[key] === undefined || kinds.includes(kind)) return [];
    const message = `works only with ${kinds.join(', ')} sources, and this one is ${kind}`;
    return [{ path: [...path, key], target: 'key' as const, message }];
  });
}

function misplacedOptions(group: RawGroup, kind: SourceKind, { path }: RawSource): readonly LocatedProblem[] {
  return Object.keys(asGroup(group['inputOptions']) ?? {}).flatMap((name) => {
    const message = inputOptionMismatch(name, kind);
    return message === undefined ? [] : [{ path: [...path, 'inputOptions', name], target: 'key' as const, message }];
  });
}
