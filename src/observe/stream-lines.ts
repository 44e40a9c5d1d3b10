// Learns a source's codecs from what ffmpeg prints when it opens it, or from ffprobe's JSON.

import type { SourceFacts, SubtitleFacts } from '../core/facts.ts';
import { splitFfmpegLine } from './ffmpeg-line.ts';

type Video = NonNullable<SourceFacts['video']>;
type Audio = NonNullable<SourceFacts['audio']>;

type FoundStream = { readonly index: number } & (
  | { readonly video: Video }
  | { readonly audio: Audio }
  | { readonly subtitles: SubtitleFacts }
);

export interface StreamLearner {
  /** Takes the next line; returns the facts once, when the description of the input is complete. */
  feed(line: string): SourceFacts | undefined;
}

export function createStreamLearner(): StreamLearner {
  /** undefined outside the description of input 0. */
  let found: FoundStream[] | undefined;
  return {
    feed(line) {
      const { components, text } = splitFfmpegLine(line);
      // Other parts of ffmpeg may speak in between; the description itself comes from the program and is indented.
      if (components.length > 0 || text.trim() === '') return undefined;
      if (text.startsWith('Input #0, ')) {
        found = [];
        return undefined;
      }
      if (found === undefined) return undefined;
      if (/^\s/.test(text)) {
        const stream = parseStreamLine(text);
        if (stream !== undefined) found.push(stream);
        else turn(found, text);
        return undefined;
      }
      const facts = choose(found);
      found = undefined;
      return facts;
    },
  };
}

/** `      displaymatrix: rotation of -90.00 degrees`, below the stream that it is about. */
function turn(found: FoundStream[], text: string): void {
  const degrees = Number(/^\s+displaymatrix: rotation of (-?[\d.]+) degrees/.exec(text)?.[1] ?? 0);
  const last = found.at(-1);
  if (last !== undefined && 'video' in last && isQuarter(degrees))
    found.splice(-1, 1, { ...last, video: { ...last.video, isTurned: true } });
}

function isQuarter(degrees: number): boolean {
  return Math.abs((Math.abs(degrees) % 180) - 90) < 1;
}

/** Programs may list streams out of order; `-map 0:V:0` and `0:a:0` take the lowest index. */
function choose(found: readonly FoundStream[]): SourceFacts | undefined {
  const inOrder = [...found].sort((a, b) => a.index - b.index);
  const video = inOrder.flatMap((stream) => ('video' in stream ? [stream.video] : []))[0];
  const sounds = inOrder.flatMap((stream) => ('audio' in stream ? [stream.audio] : []));
  const subtitles = inOrder.flatMap((stream) => ('subtitles' in stream ? [stream.subtitles] : []));
  const [audio] = sounds;
  if (video === undefined && audio === undefined) return undefined;
  return {
    ...(video === undefined ? {} : { video }),
    ...(audio === undefined ? {} : { audio }),
    ...(sounds.length > 1 ? { audioTracks: sounds } : {}),
    ...(subtitles.length > 0 ? { subtitleTracks: subtitles } : {}),
  };
}

/** `  Stream #0:1[0x101](eng): Audio: aac (LC) ([15][0][0][0] / 0x000F), 48000 Hz, stereo, fltp, 128 kb/s (default)` */
function parseStreamLine(text: string): FoundStream | undefined {
  const match = /^\s+Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\(([a-z]{2,3})\))?\S*: (Video|Audio|Subtitle): ([a-z0-9_]+)(.*)$/.exec(text);
  const [, index = '', language, type, codec = 'none', rest = ''] = match ?? [];
  if (match === null) return undefined;
  const spoken = language === undefined || language === 'und' ? {} : { language };
  // One that ffmpeg does not know counts as well: `0:s:1` is the second of all.
  if (type === 'Subtitle') return { index: Number(index), subtitles: { codec, ...spoken } };
  if (codec === 'none' || codec === 'unknown') return undefined;
  if (type === 'Audio') return { index: Number(index), audio: { ...parseAudio(codec, rest), ...spoken } };
  return rest.includes('(attached pic)') ? undefined : { index: Number(index), video: parseVideo(codec, rest) };
}

function parseVideo(codec: string, rest: string): Video {
  const [, width, height] = /, (\d{2,5})x(\d{2,5})[ ,]/.exec(`${rest},`) ?? [];
  const fps = Number(/, ([\d.]+) fps/.exec(rest)?.[1]);
  return {
    codec,
    ...(width === undefined || height === undefined ? {} : { width: Number(width), height: Number(height) }),
    ...(fps > 0 ? { fps } : {}),
    ...aspect(/ \[SAR (\d+:\d+) /.exec(rest)?.[1], Number(width), Number(height)),
    ...(/\((?:[^()]*, )?(?:top|bottom) (?:coded )?first/.test(rest) ? { isInterlaced: true } : {}),
  };
}

/** Only where pixels are not square: `64:45`. */
function aspect(sampleAspect: unknown, width: number, height: number): { readonly aspect?: number } {
  const [across = 0, down = 0] = typeof sampleAspect === 'string' ? sampleAspect.split(':').map(Number) : [];
  if (!(across > 0 && down > 0 && width > 0 && height > 0) || across === down) return {};
  return { aspect: Math.round(((width * across) / (height * down)) * 10_000) / 10_000 };
}

function parseAudio(codec: string, rest: string): Audio {
  const sampleRate = Number(/, (\d+) Hz/.exec(rest)?.[1]);
  const channels = channelsOf(/ Hz, ([^,]+)/.exec(rest)?.[1]?.trim() ?? '');
  // For other codecs ffmpeg 7 puts the decoder's name in the same place: `mp2 (mp3float)`.
  const profile = codec === 'aac' ? /^ \(([^()/]+)\)/.exec(rest)?.[1] : undefined;
  return {
    codec,
    ...(sampleRate > 0 ? { sampleRate } : {}),
    ...(channels === undefined ? {} : { channels }),
    ...(profile === undefined ? {} : { profile }),
  };
}

function channelsOf(layout: string): number | undefined {
  if (layout.startsWith('mono')) return 1;
  if (/^(?:stereo|downmix|binaural)/.test(layout)) return 2;
  if (layout.startsWith('quad')) return 4;
  const counted = /^(\d+) channels/.exec(layout)?.[1];
  if (counted !== undefined) return Number(counted);
  const [, wide, low] = /^(\d)\.(\d)/.exec(layout) ?? [];
  return wide === undefined || low === undefined ? undefined : Number(wide) + Number(low);
}

interface ProbedStream {
  readonly index?: unknown;
  readonly codec_type?: unknown;
  readonly codec_name?: unknown;
  readonly profile?: unknown;
  readonly width?: unknown;
  readonly height?: unknown;
  readonly avg_frame_rate?: unknown;
  readonly sample_aspect_ratio?: unknown;
  readonly field_order?: unknown;
  readonly side_data_list?: unknown;
  readonly tags?: { readonly language?: unknown };
  readonly sample_rate?: unknown;
  readonly channels?: unknown;
  readonly disposition?: { readonly attached_pic?: unknown };
}

/** Reads `ffprobe -show_streams -of json`; undefined when it names no picture and no sound, or is no such JSON. */
export function parseProbe(json: string): SourceFacts | undefined {
  let streams: unknown;
  try {
    streams = (JSON.parse(json) as { streams?: unknown } | null)?.streams;
  } catch {
    return undefined;
  }
  return Array.isArray(streams)
    ? choose(streams.flatMap((stream: ProbedStream | null) => (stream === null ? [] : (probedStream(stream) ?? []))))
    : undefined;
}

function probedStream(stream: ProbedStream): FoundStream | undefined {
  const codec = stream.codec_name;
  const index = Number(stream.index);
  const said = stream.tags?.language;
  const language = typeof said === 'string' && said !== 'und' ? { language: said } : {};
  if (stream.codec_type === 'subtitle') return { index, subtitles: { codec: typeof codec === 'string' ? codec : 'none', ...language } };
  if (typeof codec !== 'string' || codec === 'unknown') return undefined;
  const positive = <Name extends string>(name: Name, value: unknown) =>
    Number(value) > 0 ? ({ [name]: Number(value) } as Record<Name, number>) : {};
  if (stream.codec_type === 'audio') {
    const profile = codec === 'aac' && typeof stream.profile === 'string' ? { profile: stream.profile } : {};
    const numbers = { ...positive('sampleRate', stream.sample_rate), ...positive('channels', stream.channels) };
    return { index, audio: { codec, ...numbers, ...profile, ...language } };
  }
  if (stream.codec_type !== 'video' || stream.disposition?.attached_pic === 1) return undefined;
  const [numerator = 0, denominator = 0] = String(stream.avg_frame_rate).split('/').map(Number);
  const fps = Math.round((numerator / denominator) * 1000) / 1000;
  const size = { ...positive('width', stream.width), ...positive('height', stream.height) };
  const isTurned =
    Array.isArray(stream.side_data_list) &&
    stream.side_data_list.some((one: { rotation?: unknown } | null) => isQuarter(Number(one?.rotation ?? 0)));
  const shape = aspect(stream.sample_aspect_ratio, Number(stream.width), Number(stream.height));
  const isInterlaced = ['tt', 'bb', 'tb', 'bt'].includes(String(stream.field_order));
  const more = { ...shape, ...(isTurned ? ({ isTurned } as const) : {}), ...(isInterlaced ? ({ isInterlaced } as const) : {}) };
  return { index, video: { codec, ...size, ...positive('fps', fps), ...more } };
}
