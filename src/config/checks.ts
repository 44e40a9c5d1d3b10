// Rules that concern several keys at once; they run on unchecked data, so one report shows everything.

import { seedDefaults } from '../core/endpoints.ts';
import { edgeProblems } from './edge-checks.ts';
import { hookProblems } from './hook-checks.ts';
import { ladderProblems } from './ladders.ts';
import { idCollisions, streamId } from './ids.ts';
import { onDemandProblems } from './on-demand-checks.ts';
import type { LocatedProblem, Path } from './positions.ts';
import { asGroup, rawSources, rawStreams, valueAt } from './raw-tree.ts';
import type { RawGroup } from './raw-tree.ts';
import { scheduleProblems } from './schedule-checks.ts';
import { publicPortMismatch } from './server-values.ts';
import { sourceProblems } from './source-checks.ts';
import { subtitleProblems } from './subtitles.ts';
import { nearestWord } from './suggest.ts';
import { percentage } from './value-types.ts';
import { formatDuration, parseDuration } from './values.ts';

export interface CheckContext {
  /** Folder of streams.yaml. */
  readonly folder: string;
  readonly lineOf: (path: Path) => number;
  /** False where a reference could not be resolved, so that the text is not the value. */
  readonly isKnown: (path: Path) => boolean;
}

export function crossChecks(root: unknown, context: CheckContext): readonly LocatedProblem[] {
  const streams = rawStreams(root);
  return [
    ...serverProblems(root),
    ...providerProblems(root),
    ...idProblems(streams, context),
    ...scheduleProblems(root),
    ...hookProblems(root),
    ...streams.flatMap(({ stream, index }) => {
      const path = ['streams', index];
      const sources = rawSources(stream, path)
        .filter(({ urlPath }) => context.isKnown(urlPath))
        .flatMap((source) => sourceProblems(source, context.folder));
      return [
        ...sourceChoiceProblems(stream, path),
        ...sources,
        ...timingProblems(root, stream, path),
        ...ladderProblems(root, stream, path),
        ...subtitleProblems(root, stream, path),
        ...onDemandProblems(root, stream, path),
      ];
    }),
  ];
}

function serverProblems(root: unknown): readonly LocatedProblem[] {
  const url = valueAt(root, 'server', 'publicUrl');
  const ports = {
    rtmp: Number(valueAt(root, 'server', 'ports', 'rtmp') ?? seedDefaults.rtmpPort),
    http: Number(valueAt(root, 'server', 'ports', 'http') ?? seedDefaults.httpPort),
    public: Number(valueAt(root, 'server', 'ports', 'public') ?? seedDefaults.publicHttpPort),
  };
  const problems: LocatedProblem[] = [];
  const mismatch = typeof url === 'string' && Number.isInteger(ports.public) ? publicPortMismatch(url, ports.public) : undefined;
  if (mismatch !== undefined) problems.push({ path: ['server', 'publicUrl'], message: mismatch });
  for (const name of ['http', 'public'] as const) {
    if (ports[name] !== ports.rtmp) continue;
    const key = valueAt(root, 'server', 'ports', name) === undefined ? 'rtmp' : name;
    const message = `port ${ports.rtmp} is used for both ports.rtmp and ports.${name}`;
    problems.push({ path: ['server', 'ports', key], message });
  }
  return [...problems, ...diskProblems(root), ...edgeProblems(root)];
}

function diskProblems(root: unknown): readonly LocatedProblem[] {
  const read = (key: 'warn' | 'shed', standard: number): number | undefined => {
    const checked = percentage().check(valueAt(root, 'server', 'disk', key) ?? standard);
    return checked.ok ? checked.value : undefined;
  };
  const warn = read('warn', seedDefaults.diskWarnPercent);
  const shed = read('shed', seedDefaults.diskShedPercent);
  if (warn === undefined || shed === undefined || warn < shed) return [];
  const key = valueAt(root, 'server', 'disk', 'warn') === undefined ? 'shed' : 'warn';
  return [{ path: ['server', 'disk', key], message: `warn (${warn} %) must be lower than shed (${shed} %)` }];
}

function providerProblems(root: unknown): readonly LocatedProblem[] {
  const names = Object.keys(asGroup(valueAt(root, 'providers')) ?? {});
  const misnamed = names
    .filter((name) => !/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name))
    .map((name) => ({ path: ['providers', name], target: 'key' as const, message: 'a name may hold only letters, digits, - and _' }));
  const unknown = rawStreams(root).flatMap(({ stream, index }) =>
    rawSources(stream, ['streams', index]).flatMap(({ group, path }) => {
      const name = group?.['provider'];
      if (typeof name !== 'string' || names.includes(name)) return [];
      const suggestion = nearestWord(name, names);
      const message = names.length === 0 ? 'there is no group providers at the top of the file' : `expected one of ${names.join(', ')}`;
      return [{ path: [...path, 'provider'], message, ...(suggestion === undefined ? {} : { suggestion }) }];
    }),
  );
  return [...misnamed, ...unknown];
}

function idProblems(
  streams: readonly { readonly index: number; readonly stream: RawGroup }[],
  context: CheckContext,
): readonly LocatedProblem[] {
  const type = streamId();
  const ids = streams.map(({ stream }) => {
    const checked = type.check(stream['id']);
    return checked.ok ? checked.value : undefined;
  });
  const pathOf = (position: number): Path => ['streams', streams[position]?.index ?? 0, 'id'];
  return idCollisions(ids, (position) => context.lineOf(pathOf(position))).map(({ index, ...problem }) => ({
    path: pathOf(index),
    ...problem,
  }));
}

function sourceChoiceProblems(stream: RawGroup, path: Path): readonly LocatedProblem[] {
  const one = Object.hasOwn(stream, 'source');
  const several = Object.hasOwn(stream, 'sources');
  if (one && several) return [{ path: [...path, 'sources'], target: 'key', message: 'use either source or sources, not both' }];
  if (!one && !several) return [{ path: [...path, 'source'], message: 'is missing: a stream needs source or sources' }];
  const source = stream['source'];
  if (Array.isArray(source))
    return [{ path: [...path, 'source'], target: 'key', message: 'is for one source, not a list', suggestion: 'sources' }];
  if (several && typeof stream['sources'] === 'string') {
    return [{ path: [...path, 'sources'], target: 'key', message: 'is for a list, not a single source', suggestion: 'source' }];
  }
  return [];
}

/** A value and where it was set; a stream's own comes before the common one. */
interface Setting {
  readonly milliseconds: number;
  readonly path: Path | undefined;
  readonly own: boolean;
}

function setting(root: unknown, stream: RawGroup, path: Path, keys: readonly [string, string], standard: number): Setting | undefined {
  const own = valueAt(stream, ...keys);
  const common = valueAt(root, 'defaults', ...keys);
  const value = own ?? common;
  if (value === undefined) return { milliseconds: standard, path: undefined, own: false };
  const milliseconds = typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : undefined;
  if (milliseconds === undefined) return undefined;
  return { milliseconds, path: own === undefined ? ['defaults', ...keys] : [...path, ...keys], own: own !== undefined };
}

function timingProblems(root: unknown, stream: RawGroup, path: Path): readonly LocatedProblem[] {
  const read = (group: string, key: string, standard: number) => setting(root, stream, path, [group, key], standard);
  const problems: LocatedProblem[] = [];
  const minDelay = read('restart', 'minDelay', 1000);
  const maxDelay = read('restart', 'maxDelay', 60_000);
  if (minDelay !== undefined && maxDelay !== undefined && minDelay.milliseconds > maxDelay.milliseconds) {
    const message = `restart.minDelay (${formatDuration(minDelay.milliseconds)}) is longer than restart.maxDelay (${formatDuration(maxDelay.milliseconds)})`;
    problems.push({ path: placeOf(minDelay, maxDelay), message });
  }
  const common = valueAt(root, 'server', 'segment');
  const serverSegment = typeof common === 'string' || typeof common === 'number' ? parseDuration(common) : undefined;
  const segment = read('output', 'segment', serverSegment ?? seedDefaults.segmentSeconds * 1000);
  const stall = read('restart', 'stallAfter', Number.POSITIVE_INFINITY);
  if (segment !== undefined && stall !== undefined && stall.milliseconds < 2 * segment.milliseconds) {
    const least = formatDuration(2 * segment.milliseconds);
    const message = `restart.stallAfter (${formatDuration(stall.milliseconds)}) must be at least two segments (${least}), or a healthy job is restarted`;
    problems.push({ path: placeOf(stall, segment), message });
  }
  return problems;
}

function placeOf(first: Setting, second: Setting): Path {
  if (first.own || !second.own) return first.path ?? second.path ?? [];
  return second.path ?? [];
}
