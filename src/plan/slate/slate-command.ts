// The ffmpeg command that makes a slate: a still picture with text and silence, or the user's own clip, cut into equal segments.

import type { SlatePicture, SlateShape } from './slate-shape.ts';

/** How the user's own file is read; found out by asking ffprobe. */
export interface SlateMedia {
  readonly hasSound: boolean;
  /** A picture such as PNG or JPEG. */
  readonly isStill: boolean;
  /** Seconds; undefined for stills and where the file does not say. */
  readonly durationSeconds: number | undefined;
}

export interface SlateCommand {
  readonly argv: readonly string[];
  /** Small files that ffmpeg reads, beside its output: hostile text never is an argument. */
  readonly texts: readonly { readonly name: string; readonly text: string }[];
  readonly playlist: string;
  readonly segments: number;
}

/** Short enough to be made in a second, long enough that the list of a player is not all joints. */
const builtInSeconds = 6;
const builtInSegments = 3;
const ownSeconds = 60;
const background = '0x16191d';

/** `prefix`: first part of every file name it writes; the working folder of ffmpeg is where they go. */
export function slateCommand(shape: SlateShape, media: SlateMedia | undefined, prefix: string): SlateCommand {
  const { picture, sound } = shape;
  const fps = picture?.fps ?? 25;
  // As for live streams: never a shade shorter than a segment, or the cutter skips that key frame and doubles the segment.
  const framesPerSegment = Math.max(1, Math.ceil(fps * shape.segmentSeconds - 0.001));
  const segmentSeconds = picture === undefined ? shape.segmentSeconds : framesPerSegment / fps;
  const segments = segmentCount(shape, media, segmentSeconds);
  // Half a frame less: the last frame is in, the one after it is not, whatever is rounded. Sound alone is cut at the next of
  // its own frames (23 ms), and a rest of one frame would be a segment that no player can read.
  const spare = picture === undefined ? 0.05 : 0.5 / fps;
  const texts = shape.lines.map((text, index) => ({ name: `${prefix}line-${index}.txt`, text }));
  const own = shape.file;
  const silence = sound !== undefined && media?.hasSound !== true;
  const silenceInput = (own === undefined ? 0 : 1) + (own === undefined && picture !== undefined ? 1 : 0);
  return {
    texts,
    playlist: `${prefix}index.m3u8`,
    segments,
    argv: [
      ...['-hide_banner', '-nostdin', '-nostats', '-y', '-loglevel', 'error'],
      ...(own === undefined ? [] : ownInput(own.path, media, picture)),
      ...(own === undefined && picture !== undefined ? ['-f', 'lavfi', '-i', blank(picture)] : []),
      ...(silence ? ['-f', 'lavfi', '-i', `anullsrc=sample_rate=${sound.sampleRate}:channel_layout=${layout(sound.channels)}`] : []),
      ...(picture === undefined ? [] : videoWords(picture, own === undefined ? textFilters(texts, shape.lines, picture) : fit(picture))),
      ...(picture === undefined ? [] : ['-g', String(framesPerSegment), '-keyint_min', String(framesPerSegment)]),
      ...(sound === undefined ? [] : ['-map', silence ? `${silenceInput}:a:0` : '0:a:0']),
      ...(sound === undefined || silence ? [] : ['-af', 'aresample=async=1,apad']),
      ...(sound === undefined ? [] : ['-c:a', 'aac', '-b:a', '64k', '-ar', String(sound.sampleRate), '-ac', String(sound.channels)]),
      ...['-t', (segments * segmentSeconds - spare).toFixed(6)],
      ...[
        '-f',
        'hls',
        '-hls_time',
        (picture === undefined ? segmentSeconds : segmentSeconds - spare).toFixed(6),
        '-hls_list_size',
        '0',
        '-hls_playlist_type',
        'vod',
      ],
      ...['-hls_segment_filename', `${prefix}%d.ts`, `${prefix}index.m3u8`],
    ],
  };
}

function segmentCount(shape: SlateShape, media: SlateMedia | undefined, segmentSeconds: number): number {
  const wanted =
    shape.file === undefined || media?.durationSeconds === undefined
      ? Math.min(builtInSegments, Math.ceil(builtInSeconds / segmentSeconds))
      : Math.min(Math.ceil(media.durationSeconds / segmentSeconds - 0.01), Math.floor(ownSeconds / segmentSeconds));
  return Math.max(1, wanted);
}

/** `file:` and the list of protocols: a playlist that calls itself a clip must not make us fetch things. */
function ownInput(path: string, media: SlateMedia | undefined, picture: SlatePicture | undefined): readonly string[] {
  const still = ['-f', 'image2', '-pattern_type', 'none', '-loop', '1', '-framerate', picture?.rate ?? '25'];
  return [...(media?.isStill === true ? still : ['-stream_loop', '-1', '-protocol_whitelist', 'file']), '-i', `file:${path}`];
}

function blank({ width, height, rate }: SlatePicture): string {
  return `color=c=${background}:s=${width}x${height}:r=${rate}`;
}

function videoWords({ rate }: SlatePicture, filters: readonly string[]): readonly string[] {
  const words = ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'stillimage', '-crf', '27', '-threads:v', '1', '-bf', '0'];
  return ['-map', '0:V:0', '-vf', [...filters, 'format=yuv420p'].join(','), '-r', rate, ...words, '-sc_threshold', '0'];
}

/** The whole picture, with bars where its form differs. */
function fit({ width, height, rate }: SlatePicture): readonly string[] {
  return [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease`,
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
    'setsar=1',
    `fps=${rate}`,
  ];
}

/** One filter a line, because older ones cannot centre the lines of one text. `expansion=none`: %{…} is text like any other. */
function textFilters(texts: readonly { readonly name: string }[], lines: readonly string[], picture: SlatePicture): readonly string[] {
  const longest = Math.max(1, ...lines.map((line) => [...line].length));
  // A glyph of DejaVu Sans is 0.6 of its height wide on average, and the widest 1.0.
  const size = Math.max(8, Math.floor(Math.min(picture.height / 11, (1.4 * picture.width) / longest)));
  const spacing = Math.round(size * 1.5);
  return texts.map(({ name }, index) => {
    const offset = Math.round((index - (lines.length - 1) / 2) * spacing);
    return `drawtext=textfile=${name}:expansion=none:fontsize=${size}:fontcolor=0xe8e8e8:x=(w-text_w)/2:y=(h-${size})/2+${offset}`;
  });
}

function layout(channels: number): string {
  return channels === 1 ? 'mono' : 'stereo';
}
