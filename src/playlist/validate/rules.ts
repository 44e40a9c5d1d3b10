// The table of rules of RFC 8216 for live playlists and their segments (DESIGN.md: what the joined playlist promises).

import type { ErrorClass, PlaylistFinding, Producer, RuleSeverity } from './finding.ts';

interface RuleFacts {
  readonly section: string;
  readonly errorClass: ErrorClass;
  readonly channel: RuleSeverity;
  readonly leg: RuleSeverity;
}

function rule(section: string, errorClass: ErrorClass, channel: RuleSeverity = 'error', leg: RuleSeverity = channel): RuleFacts {
  return { section, errorClass, channel, leg };
}

export const rules = {
  // One reading.
  unreachable: rule('6.3.4', 'manifest-retrieval'),
  empty: rule('4.3.1.1', 'manifest-retrieval'),
  'not-a-playlist': rule('4.3.1.1', 'manifest-retrieval'),
  'not-utf8': rule('4.1', 'playlist-content'),
  'byte-order-mark': rule('4.1', 'playlist-content'),
  'control-character': rule('4.1', 'playlist-content'),
  'master-playlist': rule('4.3.4', 'playlist-content'),
  'mixed-playlist': rule('4.1', 'playlist-content'),
  'target-duration-missing': rule('4.3.3.1', 'playlist-content'),
  'target-duration-invalid': rule('4.3.3.1', 'playlist-content'),
  'segment-too-long': rule('4.3.3.1', 'playlist-content'),
  'version-too-low': rule('7', 'playlist-content'),
  'version-too-high': rule('6.2.1', 'playlist-content', 'warning'),
  'tag-repeated': rule('4.3', 'playlist-content'),
  'tag-too-late': rule('4.3.3', 'playlist-content'),
  'duration-missing': rule('4.3.2.1', 'playlist-content'),
  'duration-invalid': rule('4.3.2.1', 'playlist-content'),
  'uri-missing': rule('4.3.2.1', 'playlist-content'),
  'no-segments': rule('4.1', 'playlist-size'),
  'playlist-type-on-live': rule('6.2.2', 'playlist-content'),
  'media-sequence-invalid': rule('4.3.3.2', 'media-sequence'),
  'media-sequence-missing': rule('6.2.2', 'media-sequence'),
  'too-short': rule('6.2.2', 'playlist-size', 'warning'),
  'discontinuity-sequence-invalid': rule('4.3.3.3', 'discontinuity-sequence'),
  'discontinuity-sequence-missing': rule('6.2.2', 'discontinuity-sequence', 'error', 'warning'),
  'date-invalid': rule('4.3.2.6', 'playlist-content'),
  'date-missing-after-discontinuity': rule('6.2.1', 'playlist-content', 'warning'),
  'date-not-increasing': rule('6.2.1', 'playlist-content', 'warning'),
  'date-off': rule('4.3.2.6', 'playlist-content', 'warning'),
  ended: rule('4.3.3.4', 'playlist-content'),
  'not-ended': rule('6.2.1', 'playlist-content'),
  'uri-repeated': rule('6.2.1', 'segment-continuity', 'error', 'warning'),
  'uri-foreign': rule('4.1', 'playlist-content', 'warning'),
  // Two readings.
  'media-sequence-decreased': rule('6.2.2', 'media-sequence'),
  'media-sequence-wrong': rule('6.2.2', 'media-sequence'),
  'segments-missed': rule('6.2.2', 'segment-continuity', 'warning'),
  'segment-changed': rule('6.2.1', 'segment-continuity'),
  'segment-withdrawn': rule('6.2.2', 'playlist-size'),
  'removed-too-early': rule('6.2.2', 'playlist-size', 'error', 'warning'),
  'target-duration-changed': rule('6.2.1', 'playlist-content', 'error', 'warning'),
  'discontinuity-sequence-decreased': rule('6.2.2', 'discontinuity-sequence'),
  'discontinuity-sequence-wrong': rule('6.2.2', 'discontinuity-sequence', 'error', 'warning'),
  'update-late': rule('6.2.1', 'stale-manifest', 'error', 'warning'),
  stale: rule('6.2.1', 'stale-manifest'),
  'name-reused': rule('6.2.1', 'segment-continuity'),
  // A segment.
  'segment-unreachable': rule('6.2.1', 'segment-continuity'),
  'segment-empty': rule('3', 'segment-continuity'),
  'segment-cut': rule('3.2', 'segment-continuity'),
  'segment-not-ts': rule('3.2', 'segment-continuity'),
  'segment-without-tables': rule('3.2', 'segment-continuity'),
  'segment-without-key-frame': rule('3', 'segment-continuity', 'warning'),
  'segment-duration-off': rule('4.3.2.1', 'segment-continuity', 'warning'),
} as const satisfies Readonly<Record<string, RuleFacts>>;

export type Rule = keyof typeof rules;

export function finding(rule: Rule, producer: Producer, message: string): PlaylistFinding {
  const { section, errorClass, [producer]: severity } = rules[rule];
  return { rule, section, severity, errorClass, message };
}
