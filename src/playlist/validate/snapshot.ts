// What one reading of a live playlist must hold (RFC 8216 section 4, and what 6.2 says of a single version).

import type { PlaylistFinding, Producer } from './finding.ts';
import { finding, type Rule } from './rules.ts';
import { readStrictly, type ReadPlaylist, type ReadSegment } from './strict-reader.ts';

export interface SnapshotOptions {
  readonly producer: Producer;
  /** A live playlist goes on; one that has come to its end says so. Default true. */
  readonly live?: boolean;
  /** Wall clock in milliseconds, to compare EXT-X-PROGRAM-DATE-TIME with; without it dates are not compared. */
  readonly nowMs?: number;
  /** How far behind now the end may lie besides three target durations, such as a cushion. Default 0. */
  readonly lagMs?: number;
}

export interface Snapshot {
  /** undefined: there is nothing to read. */
  readonly playlist: ReadPlaylist | undefined;
  readonly findings: readonly PlaylistFinding[];
}

type Report = (rule: Rule, message: string) => void;

/** Bytes are checked to be UTF-8; a text was decoded by somebody else. */
export function validatePlaylist(content: string | Uint8Array, options: SnapshotOptions): readonly PlaylistFinding[] {
  return takeSnapshot(content, options).findings;
}

export function takeSnapshot(content: string | Uint8Array, options: SnapshotOptions): Snapshot {
  const findings: PlaylistFinding[] = [];
  const report: Report = (rule, message) => void findings.push(finding(rule, options.producer, message));
  const text = textOf(content, report);
  if (text === undefined) return { playlist: undefined, findings };
  checkCharacters(text, report);
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (!/^#EXTM3U(?:\r?\n|$)/.test(body)) {
    report('not-a-playlist', `it begins with ${JSON.stringify(body.slice(0, 32))}, not with #EXTM3U`);
    return { playlist: undefined, findings };
  }
  const playlist = readStrictly(body);
  for (const { rule, message } of playlist.mistakes) report(rule, message);
  if (playlist.mistakes.some(({ rule }) => rule === 'master-playlist')) return { playlist: undefined, findings };
  checkVersion(playlist, report);
  checkLength(playlist, options, report);
  checkLiveness(playlist, options, report);
  checkDates(playlist, options, report);
  checkUris(playlist.segments, report);
  return { playlist, findings };
}

function textOf(content: string | Uint8Array, report: Report): string | undefined {
  if (content.length === 0) {
    report('empty', 'it is empty (0 bytes)');
    return undefined;
  }
  if (typeof content === 'string') return content;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    report('not-utf8', 'it is not UTF-8');
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
  }
}

function checkCharacters(text: string, report: Report): void {
  if (text.startsWith('\uFEFF')) report('byte-order-mark', 'it begins with a byte order mark');
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for.
  const control = /[\u0000-\u0009\u000B\u000C\u000E-\u001F\u007F-\u009F]/.exec(text);
  if (control === null) return;
  const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  report('control-character', `line ${text.slice(0, control.index).split('\n').length} holds the control character U+${code}`);
}

function checkVersion({ version = 1, neededVersion, neededFor }: ReadPlaylist, report: Report): void {
  if (version < neededVersion) report('version-too-low', `EXT-X-VERSION is ${version}, but ${neededFor} needs ${neededVersion} or higher`);
  if (version > Math.max(neededVersion, 3)) report('version-too-high', `EXT-X-VERSION is ${version}, and ${neededVersion} would do`);
}

function checkLength({ segments, targetDurationSeconds: target, ended }: ReadPlaylist, options: SnapshotOptions, report: Report): void {
  if (segments.length === 0) report('no-segments', 'it lists no segment');
  if (target === undefined || segments.length === 0) return;
  for (const { uri, durationSeconds } of segments) {
    if (Math.round(durationSeconds) > target)
      report('segment-too-long', `${uri} is ${durationSeconds} s long, more than the target duration of ${target} s`);
  }
  const total = segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  if (options.live !== false && !ended && total < 3 * target)
    report('too-short', `its ${segments.length} segments last ${seconds(total)}, less than three target durations (${3 * target} s)`);
}

function checkLiveness(playlist: ReadPlaylist, { live = true }: SnapshotOptions, report: Report): void {
  if (!live) {
    if (!playlist.ended) report('not-ended', 'EXT-X-ENDLIST is missing: players wait for more');
    return;
  }
  if (playlist.ended) report('ended', 'EXT-X-ENDLIST: players stop here');
  if (playlist.playlistType !== undefined)
    report('playlist-type-on-live', `EXT-X-PLAYLIST-TYPE:${playlist.playlistType} forbids that segments are removed`);
  const slides = (playlist.mediaSequence ?? 0) > 0;
  if (slides && playlist.discontinuitySequence === undefined && playlist.segments.some(({ discontinuity }) => discontinuity))
    report('discontinuity-sequence-missing', 'segments were removed and there is a discontinuity, but no EXT-X-DISCONTINUITY-SEQUENCE');
}

function checkDates({ segments, targetDurationSeconds: target = 0 }: ReadPlaylist, options: SnapshotOptions, report: Report): void {
  if (!segments.some(({ dateMs }) => dateMs !== undefined)) return;
  let previous: { readonly segment: ReadSegment; readonly dateMs: number } | undefined;
  for (const segment of segments) {
    if (segment.dateMs === undefined) {
      if (segment.discontinuity) report('date-missing-after-discontinuity', `${segment.uri} begins a new timeline without a date`);
      continue;
    }
    if (previous !== undefined && segment.dateMs <= previous.dateMs)
      report(
        'date-not-increasing',
        `${segment.uri} is dated ${iso(segment.dateMs)}, not after ${previous.segment.uri} (${iso(previous.dateMs)})`,
      );
    previous = { segment, dateMs: segment.dateMs };
  }
  if (options.nowMs === undefined || options.live === false || previous === undefined || target === 0) return;
  const after = segments.slice(segments.indexOf(previous.segment));
  const endMs = previous.dateMs + 1000 * after.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  const offMs = options.nowMs - endMs;
  if (offMs > 3000 * target + (options.lagMs ?? 0) || offMs < -3000 * target)
    report('date-off', `its end is dated ${iso(endMs)}, ${seconds(Math.abs(offMs) / 1000)} ${offMs > 0 ? 'behind' : 'ahead of'} the clock`);
}

function checkUris(segments: readonly ReadSegment[], report: Report): void {
  const seen = new Set<string>();
  for (const { uri } of segments) {
    if (seen.has(uri)) report('uri-repeated', `${uri} is listed twice`);
    seen.add(uri);
  }
  const foreign = segments.find(({ uri }) => /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(uri));
  if (foreign !== undefined) report('uri-foreign', `${foreign.uri} leads to another place than the playlist's own host`);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function seconds(value: number): string {
  return `${Math.round(value * 10) / 10} s`;
}
