// The pictures of a ladder: one filter graph that decodes and scales, and one encoder for each rung that is not copied. Pure.

import type { EncoderName } from '../../core/ladder.ts';
import { option, step, type Step } from '../step.ts';
import { hardwareRecipe } from './encoders.ts';
import type { EncodedPicture, Ladder, PlannedRung } from './rungs.ts';

/** So many seconds of the bitrate the decoder's buffer holds: a key frame may be that much larger than its share. */
const bufferSeconds = 2;
/** Far more frames than any source puts between two key frames: only the source's own count. */
const noKeyFrameOfItsOwn = 100_000;

interface HowEncoded {
  readonly isTest: boolean;
  readonly encoder: EncoderName;
}

type EncodedRung = PlannedRung & { readonly picture: EncodedPicture };

function encodedRungs({ rungs }: Ladder): readonly EncodedRung[] {
  return rungs.filter((rung): rung is EncodedRung => rung.picture?.mode === 'encode');
}

export function graphWords(ladder: Ladder, deinterlace: string | undefined, encoderName: EncoderName): readonly Step[] {
  const rungs = encodedRungs(ladder);
  if (rungs.length === 0) return [];
  const common = [...(deinterlace === undefined ? [] : [deinterlace]), ...(ladder.rate === undefined ? [] : [`fps=${ladder.rate.rate}`])];
  const split = rungs.length === 1 ? [] : [`split=${rungs.length}`];
  const heads = rungs.map((_, index) => `[s${index}]`).join('');
  const head = [...common, ...split];
  const chains = rungs.map(
    ({ picture }, index) => `${head.length === 0 ? '[0:V:0]' : `[s${index}]`}${scale(ladder, picture, encoderName)}[v${index}]`,
  );
  const graph = [...(head.length === 0 ? [] : [`[0:V:0]${head.join(',')}${heads}`]), ...chains].join(';');
  return [step(['-filter_complex', graph], why(ladder, rungs))];
}

/**
 * The size never changes while a job runs, whatever the source does: encoders and players keep what they began with. A picture of
 * another form gets bars. `dar` is the form as shown, so that pixels become square; turned sources are turned by ffmpeg before.
 */
function scale(ladder: Ladder, { width, height, rate }: EncodedPicture, encoderName: EncoderName): string {
  const filters = [
    `scale=w='2*round(min(${width},${height}*dar)/2)':h='2*round(min(${height},${width}/dar)/2)'`,
    `pad=${width}:${height}:-1:-1`,
    'setsar=1',
    encoderName === 'x264' ? 'format=yuv420p' : hardwareRecipe(encoderName).format,
  ];
  // After the common rate this leaves out frames only, always the same ones.
  return [...(rate === undefined || rate.fps === ladder.rate?.fps ? [] : [`fps=${rate.rate}`]), ...filters].join(',');
}

function why(ladder: Ladder, rungs: readonly EncodedRung[]): string {
  const sizes = rungs.map(
    ({ name, picture }) =>
      `  ${name}: ${picture.width}x${picture.height}${picture.rate === undefined ? '' : `, ${shortFps(picture.rate.fps)} fps`}`,
  );
  const common =
    ladder.rate === undefined
      ? 'decoded once, then scaled for each rung; frames keep their times, like those of the copied rung'
      : 'decoded once, brought to an even frame rate, so that every rung has the same frames and the same key frames, then scaled for each';
  return [common, ...sizes].join('\n');
}

function shortFps(fps: number): string {
  return String(Math.round(fps * 100) / 100);
}

/** Numbers of output streams: pictures come first, in the order of the rungs. */
export function ladderVideoWords(ladder: Ladder, hasFlvLeg: boolean, how: HowEncoded): readonly Step[] {
  const pictures = ladder.rungs.filter(({ picture }) => picture !== undefined);
  return pictures.flatMap(({ name, picture }, index) => {
    if (picture?.mode === 'encode') return encoder(name, picture, index, ladder, how);
    return [
      option(`c:v:${index}`, 'copy', `${name}: the picture is taken as it is`),
      ...(hasFlvLeg ? [option(`tag:v:${index}`, 7, 'the FLV number of H.264; without it the queue leaks its RTMP session')] : []),
    ];
  });
}

function encoder(name: string, { wish, rate }: EncodedPicture, index: number, ladder: Ladder, how: HowEncoded): readonly Step[] {
  const own = (word: string): string => `${word}:v:${index}`;
  const peak = wish.maxrateBps ?? Math.round(1.2 * wish.bitrateBps);
  return [
    ...encoderWords(own, name, wish.preset, how),
    step(
      [
        `-${own('b')}`,
        String(wish.bitrateBps),
        `-${own('maxrate')}`,
        String(peak),
        `-${own('bufsize')}`,
        String(bufferSeconds * wish.bitrateBps),
      ],
      'a mean and a bound that the master playlist can promise',
    ),
    ...keyFrames(own, rate?.fps, ladder),
    ...(how.encoder === 'x264' ? [option(own('sc_threshold'), 0, 'no extra key frames at scene cuts: the rungs are cut together')] : []),
    option(own('flags'), '+global_header', 'codec set-up up front, as FLV needs it; without it nginx makes no HLS and says nothing'),
  ];
}

function keyFrames(own: (word: string) => string, fps: number | undefined, { rate, keyFrameEvery }: Ladder): readonly Step[] {
  if (rate === undefined || keyFrameEvery === undefined || fps === undefined) {
    return [
      step(
        [`-${own('force_key_frames')}`, 'source', `-${own('g')}`, String(noKeyFrameOfItsOwn)],
        'a key frame where the source has one, and nowhere else: cut together with the copied rung',
      ),
    ];
  }
  const frames = String(Math.round((keyFrameEvery * fps) / rate.fps));
  return [
    step(
      [`-${own('g')}`, frames, `-${own('keyint_min')}`, frames],
      `a key frame every ${frames} frames: one per segment, at the same times in every rung`,
    ),
  ];
}

function encoderWords(own: (word: string) => string, name: string, preset: string | undefined, how: HowEncoded): readonly Step[] {
  if (how.encoder !== 'x264') {
    const { codec, words } = hardwareRecipe(how.encoder);
    return [
      option(own('c'), codec, `${name}: H.264 by hardware`),
      ...words.map(([word, value]) => option(own(word), value, 'as it was tried')),
    ];
  }
  return [
    option(own('c'), 'libx264', `${name}: H.264, which RTMP and every HLS player take`),
    option(own('preset'), preset ?? (how.isTest ? 'ultrafast' : 'veryfast'), 'speed before size'),
    ...(how.isTest ? [option(own('threads'), 1, 'a test picture needs no more')] : []),
  ];
}
