// The segments that playlists name: there, whole, a transport stream, and decodable.

import { validateSegment } from '../playlist/validate/segment.ts';
import type { PlaylistFinding } from '../playlist/validate/finding.ts';
import type { ReadSegment } from '../playlist/validate/strict-reader.ts';
import { fail, type Finding } from './check.ts';
import type { DoctorContext } from './context.ts';
import type { FolderListing } from './place.ts';
import type { JudgedPlaylist } from './stream-playlists.ts';

const fetchTimeoutMs = 5000;
const decodeTimeoutMs = 15_000;
const behind = ['disk', 'write', 'nginx', 'endpoint', 'volume', 'permissions', 'streams/playlist-not-served'];

/** Which segments are fetched: the newest, or each that is listed. */
export type Depth = 'newest' | 'all';

export async function judgeSegments(context: DoctorContext, id: string, judged: JudgedPlaylist, depth: Depth): Promise<readonly Finding[]> {
  const listed = judged.playlist?.segments.filter(({ gap }) => !gap) ?? [];
  const chosen = depth === 'all' ? listed : listed.slice(-1);
  const found: PlaylistFinding[] = [];
  for (const segment of chosen) {
    const { status, bytes } = await fetchSegment(context, judged.url, segment);
    // It left the playlist while we read it: the oldest ones may go.
    if (status === 404 && segment !== listed.at(-1) && listed.indexOf(segment) < 2) continue;
    found.push(...validateSegment({ uri: segment.uri, status, bytes, announcedSeconds: segment.durationSeconds }, judged.producer));
  }
  const errors = found.filter(({ severity }) => severity === 'error');
  return errors.length === 0 ? [] : [broken(id, judged, errors)];
}

/** Sizes alone, from the folder: an empty segment is found without fetching every one. */
export function judgeSizes(id: string, judged: JudgedPlaylist, folder: FolderListing | undefined): readonly Finding[] {
  if (folder === undefined) return [];
  const sizes = new Map(folder.entries.map(({ name, size }) => [name, size]));
  const empty = (judged.playlist?.segments ?? []).filter(({ uri }) => sizes.get(fileName(uri)) === 0);
  if (empty.length === 0) return [];
  const errors = empty.flatMap(({ uri }) => validateSegment({ uri, status: 200, bytes: new Uint8Array() }, judged.producer));
  return [broken(id, judged, errors)];
}

function broken(id: string, { name, url }: JudgedPlaylist, errors: readonly PlaylistFinding[]): Finding {
  return fail({
    code: 'segment-broken',
    subject: id,
    what: `the ${name} playlist of ${id} lists a segment that cannot be played: ${errors[0]?.message ?? ''}`,
    evidence: [url, ...errors.slice(0, 4).map(({ message, section, rule }) => `${message} (RFC 8216 ${section}, ${rule})`)],
    why: 'players stall or skip there; it goes by itself when the segment leaves the playlist',
    next: `curl -sI ${new URL(errors[0]?.message.split(' ')[0] ?? '', url).href}`,
    consequenceOf: behind,
  });
}

/** Decodes one segment where ffmpeg and the folder are, without a player's patience for errors. */
export async function judgeDecoding(context: DoctorContext, id: string, judged: JudgedPlaylist): Promise<readonly Finding[]> {
  const newest = judged.playlist?.segments.at(-1);
  if (newest === undefined || context.places.backend.unreachable !== undefined) return [];
  const { backend } = context.places;
  const file = `${context.config.server.hlsDirectory}/${fileName(newest.uri)}`;
  const program = context.runtime === 'local' ? (context.tools?.ffmpeg ?? 'ffmpeg') : 'ffmpeg';
  // Key frames are enough to see that there is a picture, and cost a tenth.
  const argv = ['-v', 'error', '-nostdin', '-skip_frame', 'nokey', '-i', file, '-t', '2', '-f', 'null', '-'];
  const result = await backend.run([program, ...argv], { timeoutMs: decodeTimeoutMs });
  if (result.exitCode === 0 || result.missing || result.timedOut || result.stderr.includes('No such file')) return [];
  return [
    fail({
      code: 'segment-undecodable',
      subject: id,
      what: `ffmpeg cannot decode the newest segment of the ${judged.name} leg of ${id}`,
      evidence: [
        newest.uri,
        ...result.stderr
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(0, 3),
      ],
      why: 'players show nothing, or only noise',
      next: backend.describe([program, ...argv]),
      consequenceOf: [...behind, 'ffmpeg', 'streams/segment-broken'],
    }),
  ];
}

async function fetchSegment(
  { ports }: DoctorContext,
  playlistUrl: string,
  { uri }: ReadSegment,
): Promise<{ readonly status: number | undefined; readonly bytes: Uint8Array }> {
  if (!URL.canParse(uri, playlistUrl)) return { status: undefined, bytes: new Uint8Array() };
  const answer = await ports.net.get(new URL(uri, playlistUrl).href, { timeoutMs: fetchTimeoutMs, encoding: 'latin1' });
  const body = answer?.body ?? '';
  const bytes = new Uint8Array(body.length);
  for (let index = 0; index < body.length; index += 1) bytes[index] = body.charCodeAt(index);
  return { status: answer?.status, bytes };
}

/** The last part of a URI's path: all segments lie flat in the HLS folder. */
function fileName(uri: string): string {
  return uri.split(/[?#]/)[0]?.split('/').at(-1) ?? uri;
}
