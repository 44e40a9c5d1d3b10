// Writes a media playlist (RFC 8216) so that reading it again gives the same meaning.

import type { MediaPlaylist, MediaSegment } from './media-playlist.ts';

export function printMediaPlaylist(playlist: MediaPlaylist): string {
  const lines = ['#EXTM3U'];
  if (playlist.version !== undefined) lines.push(`#EXT-X-VERSION:${playlist.version}`);
  lines.push(`#EXT-X-TARGETDURATION:${playlist.targetDurationSeconds}`, `#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}`);
  // Absent means 0 (4.3.3.3), and ffmpeg's append_list mistakes the tag for a discontinuity.
  if (playlist.discontinuitySequence > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}`);
  lines.push(...playlist.tags);
  for (const segment of playlist.segments) lines.push(printMediaSegment(segment));
  if (playlist.ended) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

/** Its lines, without the last line's end. */
export function printMediaSegment(segment: MediaSegment): string {
  const lines = segment.discontinuity ? ['#EXT-X-DISCONTINUITY'] : [];
  lines.push(...segment.tags, `#EXTINF:${printDuration(segment.durationSeconds)},${segment.title}`);
  if (segment.programDateTimeMs !== undefined) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.programDateTimeMs).toISOString()}`);
  lines.push(segment.uri);
  return lines.join('\n');
}

/** At least three decimals, as both writers do; never fewer than the number has. */
function printDuration(seconds: number): string {
  const short = seconds.toFixed(3);
  return Number(short) === seconds ? short : String(seconds);
}
