// Decides how ffmpeg continues a stream's backup playlist, so that media sequences never go back and names are never used twice.

import { parseMediaPlaylist, type MediaPlaylist, type MediaSegment } from './media-playlist.ts';
import { printMediaPlaylist } from './print-playlist.ts';

export interface BackupStartInput {
  /** Text of the present playlist; undefined when there is none. */
  readonly playlist: string | undefined;
  /** Names of the files that exist beside it. */
  readonly present: ReadonlySet<string>;
  /** The highest media sequence that was ever seen; kept across reboots. */
  readonly lastSequence: number | undefined;
  readonly nowMs: number;
  readonly segmentSeconds: number;
}

/**
 * ffmpeg's `append_list` continues a playlist it finds. `start_number` belongs to a fresh start only: above the
 * playlist's own sequence it re-numbers old segments (measured with 5.1 and 7.1).
 */
export type BackupStart =
  | { readonly kind: 'append' }
  | { readonly kind: 'rewrite'; readonly text: string }
  | { readonly kind: 'fresh'; readonly startNumber: number; readonly removePlaylist: boolean };

export function decideBackupStart(input: BackupStartInput): BackupStart {
  const playlist = input.playlist === undefined ? undefined : parseMediaPlaylist(input.playlist);
  const kept = playlist === undefined ? [] : trailingRun(playlist.segments, input.present);
  const lastNumber = segmentNumber(kept.at(-1)?.uri ?? '');
  if (playlist === undefined || lastNumber === undefined || lastNumber < (input.lastSequence ?? 0)) return freshStart(input);

  // ffmpeg names its next file after the sequence it reads, so both must agree or it would write over a listed file.
  const mediaSequence = lastNumber - kept.length + 1;
  if (mediaSequence < playlist.mediaSequence) return freshStart(input);
  const unchanged = kept.length === playlist.segments.length && mediaSequence === playlist.mediaSequence;
  if (unchanged && !playlist.ended && playlist.discontinuitySequence === 0) return { kind: 'append' };
  return { kind: 'rewrite', text: printMediaPlaylist(continued(playlist, kept, mediaSequence)) };
}

/** ENDLIST would tell players to go away in the seconds before ffmpeg's first segment. */
function continued(playlist: MediaPlaylist, segments: readonly MediaSegment[], mediaSequence: number): MediaPlaylist {
  return { ...playlist, segments, mediaSequence, discontinuitySequence: 0, ended: false };
}

/** Entries before a missing file cannot stay: a playlist has no holes. */
function trailingRun(segments: readonly MediaSegment[], present: ReadonlySet<string>): readonly MediaSegment[] {
  const lastMissing = segments.findLastIndex((segment) => !present.has(segment.uri));
  return segments.slice(lastMissing + 1);
}

/** The clock alone already gives a number above every earlier one; the remembered one guards against a clock set back. */
function freshStart(input: BackupStartInput): BackupStart {
  const unit = Math.max(1, input.segmentSeconds);
  const startNumber = Math.max((input.lastSequence ?? -1) + 1, Math.floor(input.nowMs / 1000 / unit));
  return { kind: 'fresh', startNumber, removePlaylist: input.playlist !== undefined };
}

/** `stream_<id>_<n>.ts` -> n. */
function segmentNumber(uri: string): number | undefined {
  const match = /_(\d{1,15})\.ts$/.exec(uri);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
