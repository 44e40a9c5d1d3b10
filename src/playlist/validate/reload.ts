// What may change from one reading of a live playlist to the next (RFC 8216 section 6.2.1 and 6.2.2).

import type { PlaylistFinding, Producer } from './finding.ts';
import { finding, type Rule } from './rules.ts';
import type { ReadPlaylist, ReadSegment } from './strict-reader.ts';
import { takeSnapshot } from './snapshot.ts';

export interface ReloadOptions {
  readonly producer: Producer;
}

type Report = (rule: Rule, message: string) => void;

/** Two readings of the same playlist, older first. What cannot be read at all is validatePlaylist's business. */
export function validateReload(before: string, after: string, options: ReloadOptions): readonly PlaylistFinding[] {
  const [previous, next] = [before, after].map((text) => takeSnapshot(text, options).playlist);
  return previous === undefined || next === undefined ? [] : compareReadings(previous, next, options.producer);
}

export function compareReadings(previous: ReadPlaylist, next: ReadPlaylist, producer: Producer): readonly PlaylistFinding[] {
  const findings: PlaylistFinding[] = [];
  const report: Report = (rule, message) => void findings.push(finding(rule, producer, message));
  compareTargetDurations(previous, next, report);
  const removed = (next.mediaSequence ?? 0) - (previous.mediaSequence ?? 0);
  if (removed < 0) {
    report('media-sequence-decreased', `EXT-X-MEDIA-SEQUENCE went back from ${previous.mediaSequence ?? 0} to ${next.mediaSequence ?? 0}`);
    return findings;
  }
  if (previous.segments.length === 0) return findings;
  const shift = shiftOf(previous, next);
  if (shift !== undefined && shift !== removed) {
    reportWrongSequence(shift, removed, next, report);
    return findings;
  }
  compareSegments(previous, next, removed, report);
  compareDiscontinuities(previous, next, removed, report);
  if (removed > 0) checkRemaining(next, report);
  return findings;
}

function compareTargetDurations(previous: ReadPlaylist, next: ReadPlaylist, report: Report): void {
  const [old, fresh] = [previous.targetDurationSeconds, next.targetDurationSeconds];
  if (old !== undefined && fresh !== undefined && old !== fresh)
    report('target-duration-changed', `EXT-X-TARGETDURATION changed from ${old} to ${fresh}`);
}

/** By how many places the segments moved, judged by their names; undefined when both have nothing in common. */
function shiftOf(previous: ReadPlaylist, next: ReadPlaylist): number | undefined {
  const places = new Map(next.segments.map(({ uri }, index) => [pathOf(uri), index]));
  // The newest common one: an old name may have been used again.
  for (let index = previous.segments.length - 1; index >= 0; index -= 1) {
    const place = places.get(pathOf(previous.segments[index]?.uri ?? ''));
    if (place !== undefined) return index - place;
  }
  return undefined;
}

function reportWrongSequence(shift: number, removed: number, next: ReadPlaylist, report: Report): void {
  if (next.mediaSequence === undefined && shift > 0)
    report('media-sequence-missing', `${shift} segments were removed and there is no EXT-X-MEDIA-SEQUENCE`);
  else if (shift < 0) report('segment-changed', `segments were put in at the front, or in the middle (${-shift} places)`);
  else report('media-sequence-wrong', `${shift} segments were removed, but EXT-X-MEDIA-SEQUENCE grew by ${removed}`);
}

function compareSegments(previous: ReadPlaylist, next: ReadPlaylist, removed: number, report: Report): void {
  const kept = previous.segments.slice(removed);
  if (removed > previous.segments.length)
    report('segments-missed', `${removed - previous.segments.length} segments came and went between the two readings`);
  if (kept.length > next.segments.length)
    report('segment-withdrawn', `${kept.length - next.segments.length} segments were taken off the end of the list`);
  for (const [index, old] of kept.slice(0, next.segments.length).entries()) {
    const fresh = next.segments[index];
    const change = fresh === undefined ? undefined : changeOf(old, fresh, index);
    if (change === undefined) continue;
    // One is enough: after a shift every other one differs as well.
    report('segment-changed', `segment ${(next.mediaSequence ?? 0) + index} ${change}`);
    return;
  }
}

function changeOf(old: ReadSegment, fresh: ReadSegment, index: number): string | undefined {
  if (pathOf(old.uri) !== pathOf(fresh.uri)) return `was ${old.uri} and is now ${fresh.uri}`;
  if (Math.abs(old.durationSeconds - fresh.durationSeconds) > 0.001)
    return `(${fresh.uri}) was ${old.durationSeconds} s long and is now ${fresh.durationSeconds} s`;
  // The first one may lose its tag: then the sequence number grows instead.
  if (index > 0 && old.discontinuity !== fresh.discontinuity)
    return `(${fresh.uri}) ${fresh.discontinuity ? 'got' : 'lost'} its EXT-X-DISCONTINUITY`;
  return undefined;
}

/** The number of a kept segment must stay: the tag's value plus the discontinuities up to it (6.2.1). */
function compareDiscontinuities(previous: ReadPlaylist, next: ReadPlaylist, removed: number, report: Report): void {
  const [old, fresh] = [previous.discontinuitySequence ?? 0, next.discontinuitySequence ?? 0];
  if (fresh < old) {
    report('discontinuity-sequence-decreased', `EXT-X-DISCONTINUITY-SEQUENCE went back from ${old} to ${fresh}`);
    return;
  }
  const kept = previous.segments[removed];
  const same = next.segments[0];
  if (kept === undefined || same === undefined) {
    const gone = old + count(previous.segments);
    const now = fresh + count(next.segments.slice(0, 1));
    if (same !== undefined && now < gone)
      report(
        'discontinuity-sequence-wrong',
        `${count(previous.segments)} discontinuities were removed, but EXT-X-DISCONTINUITY-SEQUENCE is ${fresh} after ${old}`,
      );
    return;
  }
  const was = old + count(previous.segments.slice(0, removed + 1));
  const is = fresh + (same.discontinuity ? 1 : 0);
  if (was === is) return;
  report(
    'discontinuity-sequence-wrong',
    `${same.uri} belonged to discontinuity ${was} and now to ${is}: EXT-X-DISCONTINUITY-SEQUENCE is ${fresh} after ${old}`,
  );
}

function checkRemaining({ segments, targetDurationSeconds: target = 0, ended }: ReadPlaylist, report: Report): void {
  const total = segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  if (!ended && total < 3 * target)
    report(
      'removed-too-early',
      `segments were removed although only ${Math.round(total * 10) / 10} s remain, less than three target durations`,
    );
}

function count(segments: readonly ReadSegment[]): number {
  return segments.filter(({ discontinuity }) => discontinuity).length;
}

/** A token in the query may change from reading to reading; the segment is the same. A slate is listed again and again as `?n=<number>`. */
export function pathOf(uri: string): string {
  if (/\?n=\d+$/.test(uri)) return uri;
  const end = uri.search(/[?#]/);
  return end < 0 ? uri : uri.slice(0, end);
}
