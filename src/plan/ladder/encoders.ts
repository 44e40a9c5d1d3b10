// The H.264 encoders that a ladder may use: their words, how each is tried, and which one a stream gets. Pure.

import type { FfmpegFacts } from '../../core/facts.ts';
import { hardwareEncoders, type EncoderName, type HardwareEncoder } from '../../core/ladder.ts';

export interface EncoderChoice {
  readonly name: EncoderName;
  /** Why it is another one than asked for. */
  readonly notes: readonly string[];
}

interface Recipe {
  /** ffmpeg's name of it. */
  readonly codec: string;
  /** Before the input. */
  readonly device: readonly string[];
  /** At the end of its filter chain. */
  readonly format: string;
  /** Option and value, without dash; each is given to one output stream. */
  readonly words: readonly (readonly [option: string, value: string])[];
}

const recipes: Readonly<Record<HardwareEncoder, Recipe>> = {
  nvenc: {
    codec: 'h264_nvenc',
    device: [],
    format: 'format=yuv420p',
    words: [
      ['rc', 'vbr'],
      ['bf', '0'],
      ['no-scenecut', '1'],
      ['forced-idr', '1'],
    ],
  },
  qsv: {
    codec: 'h264_qsv',
    device: [],
    format: 'format=nv12',
    words: [
      ['preset', 'veryfast'],
      ['bf', '0'],
      ['forced_idr', '1'],
    ],
  },
  vaapi: {
    codec: 'h264_vaapi',
    device: ['-vaapi_device', '/dev/dri/renderD128'],
    format: 'format=nv12,hwupload',
    words: [
      ['rc_mode', 'VBR'],
      ['bf', '0'],
    ],
  },
  videotoolbox: {
    codec: 'h264_videotoolbox',
    device: [],
    format: 'format=nv12',
    words: [
      ['realtime', '1'],
      ['bf', '0'],
    ],
  },
};

export function hardwareRecipe(name: HardwareEncoder): Recipe {
  return recipes[name];
}

/** A quarter of a second of grey, with the words of the real thing: whether it encodes here, not whether ffmpeg has heard of it. */
export function trialArgv(name: HardwareEncoder): readonly string[] {
  const { codec, device, format, words } = recipes[name];
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', ...device],
    ...['-f', 'lavfi', '-i', 'color=c=gray:size=320x240:rate=25:duration=0.25', '-vf', format],
    ...['-c:v', codec, '-b:v', '500k', '-maxrate:v', '600k', '-bufsize:v', '1000k', '-g:v', '5'],
    ...words.flatMap(([option, value]) => [`-${option}:v`, value]),
    ...['-flags:v', '+global_header', '-f', 'null', '-'],
  ];
}

/** `trials`: '' is success, anything else the reason why not; without any, nothing was tried. */
export function chooseEncoder(wish: EncoderName | 'auto' | undefined, { trials }: Pick<FfmpegFacts, 'trials'>): EncoderChoice {
  if (wish === undefined || wish === 'x264') return { name: 'x264', notes: [] };
  const why = (name: HardwareEncoder): string => trials?.get(name) ?? 'this ffmpeg was built without it';
  if (wish !== 'auto') {
    if (why(wish) === '') return { name: wish, notes: [] };
    return { name: 'x264', notes: [`encoder ${wish} does not work here (${why(wish)}): x264 is used, which costs CPU`] };
  }
  const found = hardwareEncoders.find((name) => why(name) === '');
  if (found !== undefined) return { name: found, notes: [`encoder ${found}: the first one that works here`] };
  return {
    name: 'x264',
    notes: [`encoder x264: no hardware encoder works here (${hardwareEncoders.map((name) => `${name}: ${why(name)}`).join('; ')})`],
  };
}
