// Which stream ids cannot live side by side, because their files in the HLS folder would mix.

import { doctorIdPrefix, isStreamId } from '../core/ids.ts';
import type { Checked } from './checked.ts';
import { accept, quote, refuse } from './checked.ts';
import { textOf } from './value-types.ts';
import type { ValueType } from './value-types.ts';

/** Names that iptv itself uses: log files, services, URL paths, and the word for every stream. */
const reservedIds: ReadonlyMap<string, string> = new Map([
  ['backend', 'the log of the supervisor'],
  ['nginx-rtmp', 'the origin server and its log'],
  ['nginx-edge', 'the cache for viewers and its log'],
  ['supervisor', 'the supervisor'],
  ['live', 'the RTMP application and the URL path of the channels'],
  ['hls', 'the URL path of the HLS folder'],
  ['stat', 'the URL path of the RTMP status'],
  ['healthz', 'the URL path of the health check'],
  ['all', 'every stream'],
  ['stream', 'the beginning of every file of a backup leg'],
]);

export function streamId(): ValueType<string> {
  return textOf({
    what: 'an id',
    json: { pattern: '^[a-z0-9][a-z0-9_-]{0,63}$' },
    maxLength: 64,
    check: (id): Checked<string> => {
      if (!isStreamId(id)) {
        const lower = id.toLowerCase().replaceAll(/[\s.]+/g, '-');
        const rule = 'an id may hold only a-z, 0-9, - and _, and starts with a letter or digit';
        return refuse(rule, { found: quote(id), suggestion: isStreamId(lower) ? lower : undefined });
      }
      const owner = id.startsWith(doctorIdPrefix) ? 'a test stream of `iptv doctor e2e`' : reservedIds.get(id);
      return owner === undefined ? accept(id) : refuse(`the id ${id} is reserved: it names ${owner}`);
    },
  });
}

export interface IdProblem {
  /** Index of the stream whose id has to change. */
  readonly index: number;
  readonly message: string;
  readonly suggestion?: string;
}

/** `lineOf` tells where the other stream's id stands. Entries that are not valid ids are passed as undefined. */
export function idCollisions(ids: readonly (string | undefined)[], lineOf: (index: number) => number): readonly IdProblem[] {
  const firstOf = new Map<string, number>();
  const problems: IdProblem[] = [];
  for (const [index, id] of ids.entries()) {
    if (id === undefined) continue;
    const first = firstOf.get(id);
    if (first === undefined) firstOf.set(id, index);
    else problems.push({ index, message: `the id ${id} is already used on line ${lineOf(first)}` });
  }
  for (const [id, index] of firstOf) {
    const collision = collisionOf(id, firstOf);
    if (collision === undefined) continue;
    const { other, why, suggestion } = collision;
    const message = `the id ${id} collides with ${other} on line ${lineOf(firstOf.get(other) ?? 0)}: ${why}`;
    problems.push({ index, message, ...(suggestion === undefined || firstOf.has(suggestion) ? {} : { suggestion }) });
  }
  return problems;
}

interface Collision {
  readonly other: string;
  readonly why: string;
  readonly suggestion?: string;
}

/** DESIGN: `<id>.m3u8`, `<id>-<n>.ts` and `<id>_<rendition>` by nginx, `stream_<id>...` by ffmpeg. */
function collisionOf(id: string, ids: ReadonlyMap<string, number>): Collision | undefined {
  const backup = /^stream_(.+)$/.exec(id)?.[1];
  if (backup !== undefined && ids.has(backup)) {
    return { other: backup, why: `the backup playlist of ${backup} is named stream_${backup}.m3u8` };
  }
  const ofBackup = backup === undefined ? undefined : underscoreOwner(backup, ids);
  if (ofBackup !== undefined) {
    return { other: ofBackup, why: `the backup segments of ${ofBackup} are named stream_${ofBackup}_<number>.ts` };
  }
  const owner = numberOwner(id, ids);
  if (owner !== undefined) {
    return {
      other: owner,
      why: `nginx names the segments of ${owner} ${owner}-<number>.ts`,
      suggestion: `${owner}${id.slice(owner.length + 1)}`,
    };
  }
  const parent = underscoreOwner(id, ids);
  if (parent !== undefined) {
    const rest = id.slice(parent.length + 1);
    if (/^\d+$/.test(rest))
      return { other: parent, why: `segments of ${parent} may be named ${parent}_<number>.ts`, suggestion: `${parent}${rest}` };
    return { other: parent, why: `renditions of ${parent} are named ${parent}_<rendition>`, suggestion: id.replaceAll('_', '-') };
  }
  // The other way round: stream_x is a stream, and the backup files of x_hd read as its renditions.
  const ownBackup = `stream_${id}`;
  const reader = underscoreOwner(ownBackup, ids) ?? numberOwner(ownBackup, ids);
  return reader === undefined ? undefined : { other: reader, why: `its backup playlist ${ownBackup}.m3u8 reads as a file of ${reader}` };
}

function numberOwner(id: string, ids: ReadonlyMap<string, number>): string | undefined {
  const owner = /^(.+)-\d+$/.exec(id)?.[1];
  return owner !== undefined && ids.has(owner) ? owner : undefined;
}

/** The longest other id that this one continues after an underscore. */
function underscoreOwner(id: string, ids: ReadonlyMap<string, number>): string | undefined {
  for (let end = id.lastIndexOf('_'); end > 0; end = id.lastIndexOf('_', end - 1)) {
    const owner = id.slice(0, end);
    if (ids.has(owner)) return owner;
  }
  return undefined;
}
