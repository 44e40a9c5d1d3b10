// `audioTrack:` and `audioTracks:` of `output`: which sounds of the source are taken, and what cannot stand together.

import { z } from 'zod';

import { mostSounds, soundName, soundNames, type WantedSound, type WantedSounds } from '../core/audio-tracks.ts';
import { isStreamId } from '../core/ids.ts';
import { languageTag } from '../core/language.ts';
import { rungId } from '../core/ladder.ts';
import { accept, describeValue, refuse } from './checked.ts';
import type { LocatedProblem, Path } from './positions.ts';
import { asGroup, valueAt, type RawGroup } from './raw-tree.ts';
import { trackChoice } from './track-choice.ts';
import { leaf, text, type ValueType } from './value-types.ts';

const audioTrack = trackChoice('sound');

const language: ValueType<string> = {
  json: { type: 'string', pattern: '^[a-z]{2,3}$' },
  check: (value) =>
    typeof value === 'string' && /^[a-z]{2,3}$/.test(value)
      ? accept(value)
      : refuse('expected a language such as deu or de (ISO 639)', { found: describeValue(value) }),
};

const all: ValueType<'all'> = {
  json: { const: 'all' },
  check: (value) =>
    value === 'all' ? accept(value) : refuse('expected all, or a list such as [deu, eng]', { found: describeValue(value) }),
};

const wantedSound = z.union([
  leaf(audioTrack, 'A sound of the source: its language such as deu, or its number from 1.'),
  z.strictObject({
    track: leaf(audioTrack, 'Which sound of the source: its language such as deu, or its number from 1.'),
    name: leaf(text('a name', 60), "What players show. Default: the language's own name.").optional(),
    language: leaf(language, 'Its language (ISO 639), where the source says none or a wrong one.').optional(),
  }),
]);

export const audioTrackKeys = {
  audioTrack: leaf(audioTrack, 'Which sound of the source: its number from 1, or a language such as deu. Default 1.').optional(),
  audioTracks: z
    .union([leaf(all, 'Every sound of the source, eight at most.'), z.array(wantedSound).min(1).max(mostSounds)])
    .optional()
    .describe('Several sounds for viewers to choose from, such as [deu, eng]; the first one that is there plays by itself.'),
};

type WantedEntries = NonNullable<z.output<(typeof audioTrackKeys)['audioTracks']>>;
interface Entry {
  readonly audioTrack?: number | string | undefined;
  readonly audioTracks?: WantedEntries | undefined;
}

/** A stream's own word wins over that of the defaults, whichever of the two keys it is. */
export function buildSounds(
  common: Entry | undefined,
  own: Entry | undefined,
): { audioTrack?: number | string; audioTracks?: WantedSounds } {
  const { audioTrack: one, audioTracks: several } = own?.audioTrack === undefined && own?.audioTracks === undefined ? (common ?? {}) : own;
  if (several === undefined) return one === undefined ? {} : { audioTrack: one };
  if (several === 'all') return { audioTracks: 'all' };
  const wanted = several.map((entry): WantedSound => {
    if (typeof entry !== 'object') return { track: entry };
    const { track, name, language: said } = entry;
    return { track, ...(name === undefined ? {} : { name }), ...(said === undefined ? {} : { language: said }) };
  });
  // One alone is nothing to choose from.
  return wanted.length === 1 && wanted[0] !== undefined ? { audioTrack: wanted[0].track } : { audioTracks: wanted };
}

/** On unchecked data, like every rule that concerns several keys. */
export function soundProblems(
  root: unknown,
  stream: RawGroup,
  streamPath: Path,
  renditionNames: readonly unknown[],
): readonly LocatedProblem[] {
  const own = asGroup(stream['output']) ?? {};
  const common = asGroup(valueAt(root, 'defaults', 'output')) ?? {};
  const isOwn = own['audioTrack'] !== undefined || own['audioTracks'] !== undefined;
  const output = isOwn ? own : common;
  const path = [...(isOwn ? streamPath : ['defaults']), 'output', 'audioTracks'];
  const wanted = output['audioTracks'];
  if (wanted === undefined) return [];
  const problems: LocatedProblem[] = [];
  if (output['audioTrack'] !== undefined) {
    problems.push({ path, target: 'key', message: 'use either audioTrack or audioTracks, not both' });
  }
  const wish = (key: string): unknown => own[key] ?? common[key];
  if (wish('audio') === 'none') problems.push({ path, target: 'key', message: 'audio: none leaves no sound to choose from' });
  if (wish('video') === 'transcode' && renditionNames.length === 0) {
    problems.push({
      path,
      target: 'key',
      message: 'with video: transcode it needs renditions or a ladder, which say how the picture is encoded',
    });
  }
  const list = wanted === 'all' ? soundNames('all').map((_, index) => index + 1) : Array.isArray(wanted) ? wanted : [];
  const tracks = list.map((entry: unknown) => {
    const checked = audioTrack.check(asGroup(entry)?.['track'] ?? entry);
    return checked.ok ? checked.value : undefined;
  });
  const keys = tracks.map((track) => (typeof track === 'string' ? (languageTag(track) ?? track) : track));
  for (const [index, track] of tracks.entries()) {
    if (track === undefined) continue;
    const at = wanted === 'all' ? path : [...path, index];
    const first = keys.indexOf(keys[index]);
    const name = soundName({ track });
    if (first < index) {
      const again = typeof track === 'string' ? 'another sound of that language is asked for by its number' : 'once is enough';
      problems.push({ path: at, message: `${track} is the same as ${tracks[first]} before it: ${again}` });
    } else if (renditionNames.includes(name)) {
      problems.push({ path: at, message: `this sound is named ${name}, and so is a rendition of this stream: rename the rendition` });
    } else if (typeof stream['id'] === 'string' && isStreamId(stream['id']) && !isStreamId(rungId(stream['id'], name))) {
      problems.push({
        path: at,
        message: `${rungId(stream['id'], name)} names its files and is longer than 64 characters: use a shorter id`,
      });
    }
  }
  return problems;
}
