// Reads a media playlist line by line and keeps what is wrong with it, where media-playlist.ts keeps what can be used.

import type { Rule } from './rules.ts';

export interface ReadSegment {
  readonly uri: string;
  /** Line of the URI, counted from 1. */
  readonly line: number;
  readonly durationSeconds: number;
  /** As written; says whether it is a decimal fraction. */
  readonly durationText: string;
  readonly discontinuity: boolean;
  readonly dateMs: number | undefined;
  readonly gap: boolean;
}

export interface ReadPlaylist {
  readonly version: number | undefined;
  readonly targetDurationSeconds: number | undefined;
  /** undefined: the tag is absent, which means 0. */
  readonly mediaSequence: number | undefined;
  readonly discontinuitySequence: number | undefined;
  readonly playlistType: string | undefined;
  readonly ended: boolean;
  readonly segments: readonly ReadSegment[];
  /** Highest version that a tag in it asks for (7). */
  readonly neededVersion: number;
  /** The reason for it. */
  readonly neededFor: string;
  readonly mistakes: readonly Mistake[];
}

export interface Mistake {
  readonly rule: Rule;
  readonly message: string;
}

interface Draft {
  durationText: string | undefined;
  discontinuity: boolean;
  dateMs: number | undefined;
  gap: boolean;
}

const onceOnly = [
  '#EXT-X-VERSION',
  '#EXT-X-TARGETDURATION',
  '#EXT-X-MEDIA-SEQUENCE',
  '#EXT-X-DISCONTINUITY-SEQUENCE',
  '#EXT-X-ENDLIST',
  '#EXT-X-PLAYLIST-TYPE',
];
const mediaTags = new Set([...onceOnly.slice(1), '#EXTINF', '#EXT-X-BYTERANGE', '#EXT-X-DISCONTINUITY']);
const masterTags = new Set(['#EXT-X-STREAM-INF', '#EXT-X-I-FRAME-STREAM-INF', '#EXT-X-MEDIA', '#EXT-X-SESSION-DATA']);

/** The text is known to start with #EXTM3U. */
export function readStrictly(text: string): ReadPlaylist {
  const mistakes: Mistake[] = [];
  const seen = new Map<string, string>();
  const segments: ReadSegment[] = [];
  let draft = newDraft();
  let master = false;
  let media = false;
  let discontinuities = 0;
  let need = { version: 1, reason: '' };
  const wrong = (rule: Rule, message: string): void => void mistakes.push({ rule, message });
  const needs = (version: number, reason: string): void => {
    if (version > need.version) need = { version, reason };
  };

  text.split('\n').forEach((raw, index) => {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const number = index + 1;
    if (index === 0 || line.trim() === '') return;
    if (!line.startsWith('#')) {
      if (draft.durationText === undefined) wrong('duration-missing', `line ${number}: ${line} has no EXTINF before it`);
      else segments.push(segmentFrom(line, number, draft));
      draft = newDraft();
      return;
    }
    if (!line.startsWith('#EXT')) return;
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1);
    if (mediaTags.has(name)) media = true;
    if (masterTags.has(name)) master = true;
    if (onceOnly.includes(name)) {
      if (seen.has(name)) wrong('tag-repeated', `line ${number}: ${name.slice(1)} stands there a second time`);
      else seen.set(name, value);
    }
    switch (name) {
      case '#EXTINF': {
        if (draft.durationText !== undefined) wrong('uri-missing', `line ${number}: a second EXTINF without a URI between them`);
        draft.durationText = value.split(',')[0] ?? '';
        const seconds = decimal(draft.durationText);
        if (seconds === undefined) wrong('duration-invalid', `line ${number}: EXTINF:${value} has no duration`);
        if (draft.durationText.includes('.')) needs(3, 'EXTINF with a fraction');
        break;
      }
      case '#EXT-X-DISCONTINUITY':
        draft.discontinuity = true;
        discontinuities += 1;
        break;
      case '#EXT-X-GAP':
        draft.gap = true;
        break;
      case '#EXT-X-PROGRAM-DATE-TIME':
        draft.dateMs = parseDate(value);
        if (draft.dateMs === undefined) wrong('date-invalid', `line ${number}: "${value}" is no date and time`);
        break;
      case '#EXT-X-MEDIA-SEQUENCE':
        if (segments.length > 0) wrong('tag-too-late', `line ${number}: EXT-X-MEDIA-SEQUENCE stands after the first segment`);
        if (whole(value) === undefined) wrong('media-sequence-invalid', `line ${number}: "${value}" is no sequence number`);
        break;
      case '#EXT-X-DISCONTINUITY-SEQUENCE':
        if (segments.length > 0 || discontinuities > 0)
          wrong('tag-too-late', `line ${number}: EXT-X-DISCONTINUITY-SEQUENCE stands after the first segment or discontinuity`);
        if (whole(value) === undefined) wrong('discontinuity-sequence-invalid', `line ${number}: "${value}" is no sequence number`);
        break;
      case '#EXT-X-KEY':
        if (/(?:^|,)IV=/.test(value)) needs(2, 'the IV attribute of EXT-X-KEY');
        if (/(?:^|,)KEYFORMAT(?:VERSIONS)?=/.test(value)) needs(5, 'the KEYFORMAT attribute of EXT-X-KEY');
        break;
      case '#EXT-X-BYTERANGE':
        needs(4, 'EXT-X-BYTERANGE');
        break;
      case '#EXT-X-I-FRAMES-ONLY':
        needs(4, 'EXT-X-I-FRAMES-ONLY');
        break;
      case '#EXT-X-MAP':
        needs(text.includes('\n#EXT-X-I-FRAMES-ONLY') ? 5 : 6, 'EXT-X-MAP');
        break;
      default:
    }
  });
  if (draft.durationText !== undefined) wrong('uri-missing', 'the last EXTINF has no URI after it');
  if (master) wrong(media ? 'mixed-playlist' : 'master-playlist', `tags of a master playlist${media ? ' and of a media playlist' : ''}`);
  return {
    version: numberOf(seen, '#EXT-X-VERSION'),
    ...targetDuration(seen, master, wrong),
    mediaSequence: numberOf(seen, '#EXT-X-MEDIA-SEQUENCE'),
    discontinuitySequence: numberOf(seen, '#EXT-X-DISCONTINUITY-SEQUENCE'),
    playlistType: seen.get('#EXT-X-PLAYLIST-TYPE'),
    ended: seen.has('#EXT-X-ENDLIST'),
    segments,
    neededVersion: need.version,
    neededFor: need.reason,
    mistakes,
  };
}

function targetDuration(
  seen: ReadonlyMap<string, string>,
  master: boolean,
  wrong: (rule: Rule, message: string) => void,
): Pick<ReadPlaylist, 'targetDurationSeconds'> {
  const text = seen.get('#EXT-X-TARGETDURATION');
  const value = text === undefined ? undefined : whole(text);
  if (text === undefined && !master) wrong('target-duration-missing', 'EXT-X-TARGETDURATION is missing');
  else if (text !== undefined && (value === undefined || value === 0))
    wrong('target-duration-invalid', `EXT-X-TARGETDURATION:${text} is not a whole number of seconds above 0`);
  return { targetDurationSeconds: value === 0 ? undefined : value };
}

function segmentFrom(uri: string, line: number, draft: Draft): ReadSegment {
  const { durationText = '', discontinuity, dateMs, gap } = draft;
  return { uri, line, durationText, durationSeconds: decimal(durationText) ?? 0, discontinuity, dateMs, gap };
}

function newDraft(): Draft {
  return { durationText: undefined, discontinuity: false, dateMs: undefined, gap: false };
}

/** decimal-integer (4.2): up to 2^64 - 1; what does not fit a number exactly is of no use here. */
function whole(text: string): number | undefined {
  const value = Number(text);
  return /^\d{1,20}$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}

/** decimal-floating-point (4.2): no sign, no exponent. */
function decimal(text: string): number | undefined {
  return /^\d+(?:\.\d*)?$/.test(text) ? Number(text) : undefined;
}

function numberOf(seen: ReadonlyMap<string, string>, tag: string): number | undefined {
  const text = seen.get(tag);
  return text === undefined ? undefined : whole(text);
}

/** ISO 8601 date and time; ffmpeg writes `+0000` where JavaScript wants `+00:00`. */
function parseDate(text: string): number | undefined {
  const value = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(value) ? value : undefined;
}
