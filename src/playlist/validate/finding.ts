// What a live playlist can do wrong: one rule each, with the section that asks for it and the class it is counted in.

import type { Rule } from './rules.ts';

/** The seven classes that hls-monitor (Eyevinn) counts errors in; metrics and the doctor use the same words. */
export type ErrorClass =
  | 'manifest-retrieval'
  | 'media-sequence'
  | 'playlist-size'
  | 'playlist-content'
  | 'segment-continuity'
  | 'discontinuity-sequence'
  | 'stale-manifest';

/** `error`: a player may stall, skip, repeat or refuse. `warning`: it is not as it should be, and players cope. */
export type RuleSeverity = 'error' | 'warning';

export interface PlaylistFinding {
  /** Stable word, such as `media-sequence-decreased`. */
  readonly rule: Rule;
  /** Of RFC 8216, such as `6.2.2`; of ISO/IEC 13818-1 for what is inside a segment. */
  readonly section: string;
  readonly severity: RuleSeverity;
  readonly errorClass: ErrorClass;
  /** One line with the figures that prove it. */
  readonly message: string;
}

/**
 * `channel`: the joined playlist, which is ours: every rule holds. `leg`: written by nginx-rtmp or ffmpeg, of which some gaps are
 * known and cannot be closed (no EXT-X-DISCONTINUITY-SEQUENCE, a target duration that grows): those are warnings.
 */
export type Producer = 'leg' | 'channel';
