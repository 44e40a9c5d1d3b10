// `output.subtitles`: dropped, or made WebVTT, and what cannot stand together with that.

import { isStreamId } from '../core/ids.ts';
import { mostSubtitles, subtitleIds } from '../core/ladder.ts';
import { isSubtitleName, type SubtitleWish } from '../core/subtitles.ts';
import { accept, describeValue, refuse } from './checked.ts';
import type { LocatedProblem, Path } from './positions.ts';
import { asGroup, valueAt, type RawGroup } from './raw-tree.ts';
import { trackChoice } from './track-choice.ts';
import { leaf, type ValueType } from './value-types.ts';

const track = trackChoice('track');

type Entry = 'drop' | 'webvtt' | readonly (number | string)[];

const subtitles: ValueType<Entry> = {
  json: { type: ['string', 'array'], pattern: '^(?:drop|webvtt)$', minItems: 1, maxItems: mostSubtitles, items: track.json },
  check(value) {
    if (value === 'drop' || value === 'webvtt') return accept(value);
    const expected = 'expected drop, webvtt, or a list of tracks by their numbers or languages, such as [deu, 2]';
    if (!Array.isArray(value)) return refuse(expected, { found: describeValue(value) });
    if (value.length === 0 || value.length > mostSubtitles) {
      return refuse(`expected 1 to ${mostSubtitles} tracks`, { found: String(value.length) });
    }
    const tracks = value.map((item: unknown) => track.check(item));
    const bad = tracks.findIndex((one) => !one.ok);
    if (bad >= 0) return refuse(expected, { found: describeValue(value[bad]) });
    return accept(tracks.flatMap((one) => (one.ok ? [one.value] : [])));
  },
};

/** A key of `output`. */
export const subtitleKeys = {
  subtitles: leaf(
    subtitles,
    'webvtt: text tracks of the source become WebVTT renditions. A list: only these, by number from 1 or language. Default drop.',
  ).optional(),
};

export function buildSubtitles(entry: Entry | undefined): { readonly subtitles?: SubtitleWish } {
  if (entry === undefined || entry === 'drop') return {};
  return { subtitles: entry === 'webvtt' ? 'text' : entry };
}

/** On unchecked data, like every rule that concerns several keys. */
export function subtitleProblems(root: unknown, stream: RawGroup, path: Path): readonly LocatedProblem[] {
  const own = asGroup(stream['output']);
  const common = asGroup(valueAt(root, 'defaults', 'output'));
  const wanted = own?.['subtitles'] ?? common?.['subtitles'];
  if (wanted === undefined || wanted === 'drop') return [];
  const at = own?.['subtitles'] === undefined ? [...path, 'id'] : [...path, 'output', 'subtitles'];
  const problems: LocatedProblem[] = [];
  const { id } = stream;
  const longest = typeof id === 'string' && isStreamId(id) ? subtitleIds(id)[0] : undefined;
  if (longest !== undefined && !isStreamId(longest)) {
    problems.push({ path: at, message: `${longest} would name its subtitles and is longer than 64 characters: use a shorter id` });
  }
  const lists = stream['ladder'] === undefined && stream['renditions'] === undefined ? asGroup(valueAt(root, 'defaults')) : stream;
  const renditions = lists?.['renditions'];
  if (Array.isArray(renditions)) {
    for (const entry of renditions) {
      const name = asGroup(entry)?.['name'];
      if (typeof name === 'string' && isSubtitleName(name))
        problems.push({ path: at, message: `a rendition is named ${name}, which names subtitles: use another name` });
    }
  } else if (lists?.['ladder'] === undefined && (own?.['video'] ?? common?.['video']) === 'transcode') {
    const message = 'with subtitles the picture is copied: to encode it, say how in renditions';
    problems.push({ path: own?.['video'] === undefined ? at : [...path, 'output', 'video'], message });
  }
  return problems;
}
