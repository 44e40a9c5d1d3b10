// What is wrong with one source: its address, and keys that its kind cannot use.

import type { SourceKind } from '../core/config.ts';
import { inputOptionMismatch } from './input-options.ts';
import type { LocatedProblem } from './positions.ts';
import { asGroup } from './raw-tree.ts';
import type { RawGroup, RawSource } from './raw-tree.ts';
import { applyKind, readSource, resolvableKinds, sourceKinds } from './sources.ts';

const http: readonly SourceKind[] = ['hls', 'http-ts'];

/** Kinds whose ffmpeg protocol or demuxer has the option behind the key. */
export const kindsWith: Readonly<Record<'headers' | 'referer' | 'userAgent' | 'transport', readonly SourceKind[]>> = {
  headers: http,
  referer: http,
  userAgent: [...http, 'rtsp'],
  transport: ['rtsp'],
};

export function sourceProblems(source: RawSource, folder: string): readonly LocatedProblem[] {
  if (source.group?.['resolve'] !== undefined) return resolvedProblems(source.group, source);
  if (source.group !== undefined && source.url === undefined) {
    return [{ path: source.urlPath, message: 'is missing: a source needs url or resolve' }];
  }
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

function resolvedProblems(group: RawGroup, source: RawSource): readonly LocatedProblem[] {
  const { path } = source;
  const resolve = asGroup(group['resolve']);
  const problems: LocatedProblem[] = [];
  if (group['url'] !== undefined) problems.push({ path: [...path, 'url'], target: 'key', message: 'use either url or resolve, not both' });
  if (resolve !== undefined) problems.push(...resolverProblems(resolve, [...path, 'resolve']));
  const kind = resolvableKinds.find((name) => name === group['kind']);
  if (kind === undefined) {
    const kinds = resolvableKinds.join(', ');
    const isKnown = sourceKinds.some((name) => name === group['kind']);
    if (group['kind'] === undefined)
      problems.push({ path: [...path, 'kind'], message: `is missing: an address that is resolved needs its kind: ${kinds}` });
    else if (isKnown) problems.push({ path: [...path, 'kind'], message: `an address that is resolved can be ${kinds}` });
    return problems;
  }
  return [...problems, ...misplacedKeys(group, kind, source), ...misplacedOptions(group, kind, source)];
}

function resolverProblems(resolve: RawGroup, path: RawSource['path']): readonly LocatedProblem[] {
  const { command, url } = resolve;
  if (command !== undefined && url !== undefined) {
    return [{ path: [...path, 'url'], target: 'key', message: 'use either command or url, not both' }];
  }
  if (command === undefined && url === undefined) return [{ path, message: 'needs command or url' }];
  return ['field', 'headers']
    .filter((key) => url === undefined && resolve[key] !== undefined)
    .map((key) => ({ path: [...path, key], target: 'key' as const, message: 'works only with url' }));
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
