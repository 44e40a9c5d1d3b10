// What a segment must hold: served, whole, a transport stream with its tables, a key frame first, as long as announced.

import type { PlaylistFinding, Producer } from './finding.ts';
import { finding, type Rule } from './rules.ts';
import { readTransportStream } from './transport-stream.ts';

export interface FetchedSegment {
  readonly uri: string;
  /** HTTP status; undefined: nothing answered. */
  readonly status: number | undefined;
  readonly bytes: Uint8Array;
  /** EXTINF. */
  readonly announcedSeconds?: number;
}

const packetBytes = 188;
/** EXTINF may differ from what the clock of the stream says by so much (RFC 8216 asks for accuracy, names no figure). */
const tolerableSeconds = 0.5;

export function validateSegment(segment: FetchedSegment, producer: Producer): readonly PlaylistFinding[] {
  const { uri, status, bytes } = segment;
  const one = (rule: Rule, message: string): readonly PlaylistFinding[] => [finding(rule, producer, message)];
  if (status !== 200)
    return one('segment-unreachable', `${uri} is listed, but ${status === undefined ? 'nothing answers' : `answers ${status}`}`);
  if (bytes.length === 0) return one('segment-empty', `${uri} is empty (0 bytes)`);
  const facts = readTransportStream(bytes);
  if (facts.packets === 0 || facts.syncLostAt === 0)
    return one('segment-not-ts', `${uri} is no transport stream: it begins with ${hex(bytes)} and not with 47`);
  if (facts.syncLostAt !== undefined) return one('segment-not-ts', `${uri} has no sync byte at offset ${facts.syncLostAt}`);
  if (bytes.length % packetBytes !== 0)
    return one('segment-cut', `${uri} has ${bytes.length} bytes, which is not a multiple of 188: its end is missing`);
  if (!facts.hasPat || !facts.hasPmt)
    return one('segment-without-tables', `${uri} has no ${facts.hasPat ? 'program map (PMT)' : 'program association table (PAT)'}`);
  return [
    ...(facts.beginsWithKeyFrame === false ? one('segment-without-key-frame', `${uri} does not begin with a key frame`) : []),
    ...durationFindings(segment, facts.durationSeconds, one),
  ];
}

function durationFindings(
  { uri, announcedSeconds }: FetchedSegment,
  measured: number | undefined,
  one: (rule: Rule, message: string) => readonly PlaylistFinding[],
): readonly PlaylistFinding[] {
  if (announcedSeconds === undefined || measured === undefined || Math.abs(announcedSeconds - measured) <= tolerableSeconds) return [];
  return one('segment-duration-off', `${uri} is announced with ${announcedSeconds} s and lasts ${measured.toFixed(2)} s`);
}

function hex(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
