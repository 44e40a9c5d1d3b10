// The playlists of a stream as they are served, against RFC 8216: one finding a playlist, with the rules it breaks.

import type { LegName } from '../core/ids.ts';
import type { LegStatus } from '../core/status.ts';
import type { PlaylistFinding, Producer } from '../playlist/validate/finding.ts';
import { compareReadings } from '../playlist/validate/reload.ts';
import { takeSnapshot } from '../playlist/validate/snapshot.ts';
import type { ReadPlaylist } from '../playlist/validate/strict-reader.ts';
import { fail, type Finding } from './check.ts';
import type { ServedPlaylist, ServedStream } from './facts/served.ts';

export type PlaylistName = LegName | 'channel';

export interface JudgedPlaylist {
  readonly name: PlaylistName;
  readonly url: string;
  readonly producer: Producer;
  /** undefined when there is nothing to read. */
  readonly playlist: ReadPlaylist | undefined;
  readonly findings: readonly Finding[];
}

const behindServing = ['nginx', 'endpoint', 'm3u8', 'paths', 'config', 'volume', 'permissions', 'ports', 'docker'];
/** Two workers of a reloaded nginx write one playlist in turns. */
const behindContent = ['disk', 'write', 'volume', 'permissions', 'nginx', 'streams/job-stopped'];
/** A channel without a slate has nothing to list before its stream delivers. */
const behindEmptyChannel = [...behindContent, 'sources', 'streams/stream-failing', 'streams/stream-silent'];

/** Only what should be there is judged: a leg that is missing or stands still is the state's business. */
export function judgePlaylists({ id, status, legs, channel }: ServedStream): readonly JudgedPlaylist[] {
  return [
    ...(['primary', 'backup'] as const)
      .filter((leg) => status.legs[leg].state === 'fresh' || isEmptied(legs[leg], status.legs[leg]))
      .map((leg) => judgeServed(id, leg, legs[leg], status.legs[leg].mediaSequence)),
    ...(channel === undefined ? [] : [judgeServed(id, 'channel', channel, status.channel?.mediaSequence ?? null)]),
  ];
}

/** On a full disk the playlist is there and has no content. */
function isEmptied({ answer }: ServedPlaylist, leg: LegStatus): boolean {
  return answer?.status === 200 && answer.body.length === 0 && leg.state !== 'fresh';
}

function judgeServed(id: string, name: PlaylistName, served: ServedPlaylist, knownSequence: number | null): JudgedPlaylist {
  const { url, answer } = served;
  const producer: Producer = name === 'channel' ? 'channel' : 'leg';
  const base = { name, url, producer };
  if (answer?.status !== 200)
    return {
      ...base,
      playlist: undefined,
      findings: [
        fail({
          code: 'playlist-not-served',
          subject: id,
          what: `the ${name} playlist of ${id} is there, but ${answer === undefined ? 'nothing answers' : `nginx answers ${answer.status}`}`,
          evidence: [url],
          why: 'the file exists and is fresh; the way from the folder to the viewer is broken',
          next: `curl -i ${url}`,
          consequenceOf: behindServing,
        }),
      ],
    };
  const { playlist, findings } = takeSnapshot(answer.body, { producer });
  const errors = findings.filter(({ severity }) => severity === 'error');
  const back = wentBack(playlist, knownSequence);
  return {
    ...base,
    playlist,
    findings: [
      ...(errors.length === 0 ? [] : [broken(id, base, errors, playlist)]),
      ...(back === undefined ? [] : [takenBack(id, base, [back])]),
    ],
  };
}

/** The supervisor was asked before the playlist was read. */
function wentBack(playlist: ReadPlaylist | undefined, known: number | null): string | undefined {
  const now = playlist?.mediaSequence ?? 0;
  return playlist === undefined || known === null || now >= known
    ? undefined
    : `EXT-X-MEDIA-SEQUENCE is ${now}; the supervisor has seen ${known} before`;
}

/** A second reading, later. */
export function judgeReload(id: string, before: JudgedPlaylist, body: string | undefined): readonly Finding[] {
  const after = body === undefined ? undefined : takeSnapshot(body, { producer: before.producer }).playlist;
  if (before.playlist === undefined || after === undefined) return [];
  const errors = compareReadings(before.playlist, after, before.producer).filter(({ severity }) => severity === 'error');
  return errors.length === 0 ? [] : [takenBack(id, before, errors.map(shown))];
}

function broken(
  id: string,
  { name, url }: Pick<JudgedPlaylist, 'name' | 'url'>,
  errors: readonly PlaylistFinding[],
  playlist: ReadPlaylist | undefined,
): Finding {
  const [first] = errors;
  const isEmptyChannel = name === 'channel' && playlist?.segments.length === 0;
  return fail({
    code: 'playlist-broken',
    subject: id,
    what: `the ${name} playlist of ${id} breaks RFC 8216: ${first?.message ?? ''}`,
    evidence: [url, ...errors.slice(0, 5).map(shown)],
    why: 'players stop, skip or refuse such a playlist',
    next: `curl -s ${url}`,
    consequenceOf: isEmptyChannel ? behindEmptyChannel : behindContent,
  });
}

function takenBack(id: string, { name, url }: Pick<JudgedPlaylist, 'name' | 'url'>, evidence: readonly string[]): Finding {
  return fail({
    code: 'playlist-went-back',
    subject: id,
    what: `the ${name} playlist of ${id} took back what it said before`,
    evidence: [url, ...evidence.slice(0, 5)],
    why: 'players repeat what was shown, or stop: something else writes this file, or an old one was put in its place',
    next: `iptv restart ${id}`,
    consequenceOf: ['supervisor', 'volume'],
  });
}

function shown({ rule, section, errorClass, message }: PlaylistFinding): string {
  return `${message} (RFC 8216 ${section}, ${rule}, ${errorClass})`;
}
