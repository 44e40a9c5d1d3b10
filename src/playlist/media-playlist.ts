// Reads a media playlist (RFC 8216) leniently: what can be used is kept, garbage is undefined.

export interface MediaSegment {
  readonly uri: string;
  readonly durationSeconds: number;
  readonly title: string;
  readonly discontinuity: boolean;
  readonly programDateTimeMs: number | undefined;
  /** Other lines that stand before the segment, as they are (EXT-X-KEY, EXT-X-BYTERANGE, EXT-X-GAP ...). */
  readonly tags: readonly string[];
}

export interface MediaPlaylist {
  readonly version: number | undefined;
  readonly targetDurationSeconds: number;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  /** Other lines about the whole playlist, as they are (EXT-X-INDEPENDENT-SEGMENTS ...). */
  readonly tags: readonly string[];
  readonly segments: readonly MediaSegment[];
  readonly ended: boolean;
}

/** Tags that belong to the segment after them (4.3.2); any other unknown tag is about the playlist. */
const segmentTags = ['#EXT-X-BYTERANGE', '#EXT-X-KEY', '#EXT-X-MAP', '#EXT-X-DATERANGE', '#EXT-X-GAP', '#EXT-X-BITRATE', '#EXT-X-PART:'];

interface Draft {
  durationSeconds: number | undefined;
  title: string;
  discontinuity: boolean;
  programDateTimeMs: number | undefined;
  tags: string[];
}

/** undefined for an empty file, random bytes, or a master playlist; a list without segments yet is valid. */
export function parseMediaPlaylist(text: string): MediaPlaylist | undefined {
  let position = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  if (!text.startsWith('#EXTM3U', position)) return undefined;
  let version: number | undefined;
  let targetDurationSeconds = 0;
  let mediaSequence = 0;
  let discontinuitySequence = 0;
  let ended = false;
  const tags: string[] = [];
  const segments: MediaSegment[] = [];
  let draft = newDraft();
  position = lineEnd(text, position) + 1;

  while (position < text.length) {
    const end = lineEnd(text, position);
    const line = text.slice(position, end).trim();
    position = end + 1;
    if (line === '') continue;
    if (line.charCodeAt(0) !== 35) {
      // 4.1: a URI without EXTINF is an error; such a line cannot be played and is passed over.
      if (draft.durationSeconds !== undefined) segments.push({ ...draft, durationSeconds: draft.durationSeconds, uri: line });
      draft = newDraft();
    } else if (line.startsWith('#EXTINF:')) {
      const comma = line.indexOf(',');
      draft.durationSeconds = decimal(comma < 0 ? line.slice(8) : line.slice(8, comma));
      draft.title = comma < 0 ? '' : line.slice(comma + 1).trim();
    } else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) {
      draft.programDateTimeMs = parseDateTime(line.slice(25)) ?? draft.programDateTimeMs;
    } else if (line === '#EXT-X-DISCONTINUITY') {
      draft.discontinuity = true;
    } else if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) {
      mediaSequence = integer(line.slice(22)) ?? mediaSequence;
    } else if (line.startsWith('#EXT-X-TARGETDURATION:')) {
      targetDurationSeconds = decimal(line.slice(22));
    } else if (line.startsWith('#EXT-X-DISCONTINUITY-SEQUENCE:')) {
      discontinuitySequence = integer(line.slice(30)) ?? discontinuitySequence;
    } else if (line.startsWith('#EXT-X-VERSION:')) {
      version = integer(line.slice(15)) ?? version;
    } else if (line === '#EXT-X-ENDLIST') {
      ended = true;
    } else if (line.startsWith('#EXT-X-STREAM-INF')) {
      return undefined;
    } else if (line.startsWith('#EXT')) {
      if (segmentTags.some((tag) => line.startsWith(tag))) draft.tags.push(line);
      else tags.push(line);
    }
  }
  return { version, targetDurationSeconds, mediaSequence, discontinuitySequence, tags, segments, ended };
}

function newDraft(): Draft {
  return { durationSeconds: undefined, title: '', discontinuity: false, programDateTimeMs: undefined, tags: [] };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** A duration; 0 when it is none, so that a damaged line does not cost its segment. */
function decimal(text: string): number {
  const value = Number(text);
  return Number.isFinite(value) && value >= 1e-6 ? value : 0;
}

function integer(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** ffmpeg writes `+0000` where ISO 8601 as JavaScript reads it wants `+00:00`; nginx-rtmp writes no dates. */
function parseDateTime(text: string): number | undefined {
  const sign = text.charCodeAt(text.length - 5);
  const iso = sign === 43 || sign === 45 ? `${text.slice(0, -2)}:${text.slice(-2)}` : text;
  const value = Date.parse(iso);
  return Number.isNaN(value) ? undefined : value;
}
