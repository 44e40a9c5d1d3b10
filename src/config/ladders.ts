// `ladder:` and `renditions:` of a stream: the named ladders, the shape of a rung, and what cannot stand together.

import { z } from 'zod';

import { encoderPresets, hardwareEncoders, renditionNamePattern, rungId, type RenditionConfig } from '../core/ladder.ts';
import { isStreamId } from '../core/ids.ts';
import { audioTrackKeys, soundProblems } from './audio-tracks.ts';
import { accept, describeValue, quote, refuse } from './checked.ts';
import type { LocatedProblem, Path } from './positions.ts';
import { asGroup, valueAt, type RawGroup } from './raw-tree.ts';
import { choice, integer, leaf, textOf, type ValueType } from './value-types.ts';

/** Each rung costs a connection to nginx, a playlist and, as a rule, an encoder. */
const mostRungs = 8;

/** `2800k`, `2.8M` or 2800000: bits a second. */
export function bitrate(leastBps: number, mostBps: number): ValueType<number> {
  const range = `from ${leastBps / 1000}k to ${mostBps / 1_000_000}M`;
  return {
    json: { type: ['string', 'integer'], pattern: '^\\d+(?:\\.\\d+)?[kKM]?$' },
    check: (value) => {
      const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
      const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)\s*([kKM]?)$/.exec(text) ?? [];
      const bps = digits === undefined ? Number.NaN : Math.round(Number(digits) * (unit === '' ? 1 : unit === 'M' ? 1_000_000 : 1000));
      if (bps >= leastBps && bps <= mostBps) return accept(bps);
      return refuse(`expected bits a second such as 2800k or 2.8M, ${range}`, { found: describeValue(value) });
    },
  };
}

function even(what: string, max: number): ValueType<number> {
  const whole = integer(what, { min: 64, max });
  return {
    json: { ...whole.json, multipleOf: 2 },
    check: (value) => {
      const checked = whole.check(value);
      return checked.ok && checked.value % 2 !== 0
        ? refuse('must be even: players take a colour for two by two pixels', {
            found: describeValue(value),
            suggestion: String(checked.value - 1),
          })
        : checked;
    },
  };
}

const renditionName: ValueType<string> = textOf({
  what: 'a name',
  maxLength: 16,
  json: { pattern: '^(?=[a-z0-9]*[a-z])[a-z0-9]{1,16}$' },
  check: (name) =>
    renditionNamePattern.test(name)
      ? accept(name)
      : refuse('a name may hold only a-z and 0-9, and at least one letter: it becomes a part of file names', { found: quote(name) }),
});

const picture = z.strictObject({
  height: leaf(even('a number of lines', 4320), 'Lines of the picture. A rung above the source is left out: nothing is ever enlarged.'),
  width: leaf(
    even('a number of pixels', 7680),
    'With it the picture fits into width x height. Default: as wide as its form asks.',
  ).optional(),
  bitrate: leaf(bitrate(50_000, 100_000_000), 'Bits a second of the picture, such as 2800k.'),
  maxrate: leaf(bitrate(50_000, 100_000_000), 'Most bits a second. Default: a fifth above bitrate.').optional(),
  fps: leaf(integer('frames a second', { min: 1, max: 120 }), 'Frames a second at most. Default: as the source.').optional(),
  preset: leaf(choice(encoderPresets), "libx264's preset. Default veryfast.").optional(),
});

const loudness: ValueType<number> = {
  json: { type: 'number', minimum: -36, maximum: -9 },
  check: (value) => {
    const number = typeof value === 'string' && /^-?\d{1,2}(?:\.\d+)?$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && number >= -36 && number <= -9) return accept(number);
    return refuse('expected LUFS from -36 to -9, such as -23', { found: describeValue(value) });
  },
};

/** Keys of `output` that say how is encoded what is not copied. */
export const encodingKeys = {
  encoder: leaf(
    choice(['auto', 'x264', ...hardwareEncoders]),
    'What encodes the pictures of renditions. auto: the first hardware encoder that works here, else x264. Default x264.',
  ).optional(),
  deinterlace: leaf(
    choice(['auto', 'on', 'off']),
    'Where the picture is encoded: auto takes only frames that are marked as interlaced. Default auto for renditions, else off.',
  ).optional(),
  loudness: leaf(loudness, 'Even loudness (EBU R128) in LUFS, such as -23; the sound is then encoded.').optional(),
  ...audioTrackKeys,
};

export const ladderSchema = leaf(choice(['1080p', '720p', 'mobile']), 'A usual list of renditions, instead of renditions.');

export const renditionsSchema = z
  .array(
    z.strictObject({
      name: leaf(renditionName, 'Short name; a part of file names and of the URL.'),
      video: z
        .union([leaf(choice(['copy', 'none']), 'copy: the picture as it is. none: sound only.'), picture])
        .describe('copy, none, or how it is encoded.'),
      audio: z
        .strictObject({ bitrate: leaf(bitrate(16_000, 512_000), 'Bits a second of the sound; encodes it for this rung.') })
        .optional()
        .describe('Default: the sound as the stream has it.'),
    }),
  )
  .min(1)
  .max(mostRungs)
  .describe('Several sizes of the same channel, made by one ffmpeg; best first.');

export type RenditionEntries = z.output<typeof renditionsSchema>;
export type LadderName = '1080p' | '720p' | 'mobile';

const rung = (height: number, kilobits: number): RenditionConfig => ({
  name: `${height}p`,
  video: { height, bitrateBps: kilobits * 1000 },
});
const small = [rung(480, 1200), rung(360, 700)];

/** Bitrates as the HLS authoring guides have them for H.264 at 25 and 30 frames a second. */
export const ladders: Readonly<Record<LadderName, readonly RenditionConfig[]>> = {
  '1080p': [rung(1080, 5000), rung(720, 2800), ...small],
  '720p': [rung(720, 2800), ...small],
  mobile: [...small, { name: 'audio', video: 'none', audioBitrateBps: 64_000 }],
};

/** Several sounds, or subtitles, need a master playlist above the picture. */
export const pictureAsItIs: readonly RenditionConfig[] = [{ name: 'source', video: 'copy' }];

export function buildRenditions(
  ladder: LadderName | undefined,
  entries: RenditionEntries | undefined,
): readonly RenditionConfig[] | undefined {
  if (entries === undefined) return ladder === undefined ? undefined : ladders[ladder];
  return entries.map(({ name, video, audio }) => ({
    name,
    video:
      typeof video === 'string'
        ? video
        : {
            height: video.height,
            ...(video.width === undefined ? {} : { width: video.width }),
            bitrateBps: video.bitrate,
            ...(video.maxrate === undefined ? {} : { maxrateBps: video.maxrate }),
            ...(video.fps === undefined ? {} : { fps: video.fps }),
            ...(video.preset === undefined ? {} : { preset: video.preset }),
          },
    ...(audio === undefined ? {} : { audioBitrateBps: audio.bitrate }),
  }));
}

/** On unchecked data, like every rule that concerns several keys. */
export function ladderProblems(root: unknown, stream: RawGroup, path: Path): readonly LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const isOwn = stream['ladder'] !== undefined || stream['renditions'] !== undefined;
  const { id } = stream;
  const { ladder, renditions } = isOwn ? stream : (asGroup(valueAt(root, 'defaults')) ?? {});
  if (ladder !== undefined && renditions !== undefined) {
    problems.push({ path: [...path, 'renditions'], target: 'key', message: 'use either ladder or renditions, not both' });
  }
  const names: readonly unknown[] = Array.isArray(renditions)
    ? renditions.map((entry: unknown) => asGroup(entry)?.['name'])
    : typeof ladder === 'string' && Object.hasOwn(ladders, ladder)
      ? ladders[ladder as LadderName].map(({ name }) => name)
      : [];
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string' || !renditionNamePattern.test(name)) continue;
    const at = !isOwn ? [...path, 'id'] : Array.isArray(renditions) ? [...path, 'renditions', index, 'name'] : [...path, 'ladder'];
    if (names.indexOf(name) < index)
      problems.push({ path: at, message: `the name ${name} is already used by another rendition of this stream` });
    else if (typeof id === 'string' && isStreamId(id) && !isStreamId(rungId(id, name))) {
      problems.push({
        path: at,
        message: `${rungId(id, name)} names its files and is longer than 64 characters: use a shorter id or name`,
      });
    }
  }
  return [
    ...problems,
    ...soundProblems(root, stream, path, names),
    ...(isOwn && Array.isArray(renditions)
      ? renditions.flatMap((entry, index) => rungProblems(entry, [...path, 'renditions', index]))
      : []),
  ];
}

function rungProblems(entry: unknown, path: Path): readonly LocatedProblem[] {
  const picture = asGroup(asGroup(entry)?.['video']);
  if (picture === undefined) return [];
  const read = (key: string): number | undefined => {
    const checked = bitrate(0, Number.MAX_SAFE_INTEGER).check(picture[key]);
    return checked.ok ? checked.value : undefined;
  };
  const [least, most] = [read('bitrate'), read('maxrate')];
  return least !== undefined && most !== undefined && most < least
    ? [{ path: [...path, 'video', 'maxrate'], message: 'must not be lower than bitrate' }]
    : [];
}
