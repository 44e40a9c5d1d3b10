// Which rungs a stream's job makes of what its source carries, how large and how fast. Pure.

import type { StreamConfig } from '../../core/config.ts';
import type { SourceFacts } from '../../core/facts.ts';
import { rungId, type RenditionConfig, type VideoRendition } from '../../core/ladder.ts';
import { divideRate, exactRate, type FrameRate } from '../frame-rate.ts';
import type { ChosenSound } from '../audio-choice.ts';
import type { AudioTrack } from '../tracks.ts';

export interface EncodedPicture {
  readonly mode: 'encode';
  readonly width: number;
  readonly height: number;
  /** undefined: as the frames come, beside a copied rung. */
  readonly rate: FrameRate | undefined;
  readonly fps: number | undefined;
  readonly wish: VideoRendition;
}

export interface CopiedPicture {
  readonly mode: 'copy';
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly fps: number | undefined;
  readonly shown?: { readonly width: number; readonly height: number };
}

export interface PlannedRung {
  readonly name: string;
  readonly id: string;
  readonly picture: EncodedPicture | CopiedPicture | undefined;
  /** Bits a second where the sound is encoded for this rung; undefined: the stream's own sound. */
  readonly audioBitrateBps: number | undefined;
  /** Another sound of the source than that of the pictures. */
  readonly alternative?: { readonly sound: ChosenSound; readonly track: AudioTrack };
}

export interface Ladder {
  readonly rungs: readonly PlannedRung[];
  /** Of the frames before any rung leaves some out; undefined beside a copied rung, and without a picture. */
  readonly rate: FrameRate | undefined;
  /** Frames of `rate` from one key frame to the next. */
  readonly keyFrameEvery: number | undefined;
  readonly hasCopy: boolean;
  readonly notes: readonly string[];
}

type Picture = NonNullable<SourceFacts['video']>;

const assumed = { width: 1920, height: 1080, fps: 25 } as const;
const mostFps = 120;
/** A source a few lines short of 1080 still has a rung of that name, in its own size. */
const almost = 1.05;
/** About a tenth of a bit a pixel and frame: what H.264 needs for a fair picture. */
const bitsPerPixel = 0.1;

/** `facts.video` undefined in known facts: the source has no picture. */
export function decideLadder(stream: StreamConfig, known: SourceFacts | undefined, audio: AudioTrack): Ladder {
  const facts = known ?? { video: { codec: 'h264' }, audio: { codec: 'aac' } };
  const asked = stream.renditions ?? [];
  return facts.video === undefined ? soundOnly(stream, asked) : withPicture(stream, asked, facts.video, known !== undefined, audio);
}

function soundOnly(stream: StreamConfig, asked: readonly RenditionConfig[]): Ladder {
  const listed = asked.filter(({ video }) => video === 'none');
  const made = listed.length > 0 ? listed : asked.slice(-1);
  const names = asked.filter((rung) => !made.includes(rung)).map(({ name }) => name);
  return {
    rungs: made.map((rung) => plain(stream.id, rung)),
    rate: undefined,
    keyFrameEvery: undefined,
    hasCopy: false,
    notes: [
      `the source has no picture: ${made.map(({ name }) => name).join(', ')} carries its sound${names.length === 0 ? '' : `, ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} left out`}`,
    ],
  };
}

function withPicture(stream: StreamConfig, asked: readonly RenditionConfig[], video: Picture, isKnown: boolean, audio: AudioTrack): Ladder {
  const notes: string[] = [];
  if (!isKnown) notes.push('the source was never seen: sizes are those of a 16:9 picture, and are made to fit as soon as it is known');
  const shown = shownSize(video);
  const fps = video.fps !== undefined && video.fps >= 1 && video.fps <= mostFps ? video.fps : assumed.fps;
  const rungs: PlannedRung[] = [];
  // A display matrix is nothing that segments could say: copied, such a picture would lie on its side.
  const isCopyable = video.codec === 'h264' && video.isTurned !== true;
  const hasCopy = isCopyable && asked.some((rung) => rung.video === 'copy');
  const rate = exactRate(fps);
  let divisors = 1;

  const encoded = asked.filter((rung): rung is RenditionConfig & { video: VideoRendition } => typeof rung.video === 'object');
  const tooLarge = isKnown ? encoded.filter(({ video: wish }) => wish.height > shown.lines * almost) : [];
  const spared = tooLarge.length === encoded.length && !asked.some((rung) => rung.video === 'copy') ? tooLarge.slice(-1) : [];
  const dropped = tooLarge.filter((rung) => !spared.includes(rung));
  if (dropped.length > 0) {
    notes.push(`${listed(dropped)} would be larger than the source (${shown.width}x${shown.height}): left out, nothing is enlarged`);
  }
  if (spared.length > 0) notes.push(`${listed(spared)} is made in the size of the source, which is smaller than every rung asked for`);

  for (const rung of asked) {
    if (rung.video === 'none') {
      if (audio.mode === 'none') notes.push(`${rung.name} is left out: there is no sound`);
      else rungs.push(plain(stream.id, rung));
      continue;
    }
    if (rung.video === 'copy' && isCopyable) {
      rungs.push({ ...plain(stream.id, rung), picture: copied(video, shown) });
      continue;
    }
    if (dropped.includes(rung as (typeof dropped)[number])) continue;
    const wish = typeof rung.video === 'object' ? rung.video : asSource(shown, fps);
    if (typeof rung.video !== 'object') {
      const why =
        video.codec === 'h264'
          ? 'the source is turned, which segments cannot say'
          : `players and nginx-rtmp take H.264, the source is ${video.codec}`;
      notes.push(`${rung.name} is encoded in the size of the source: ${why}`);
    }
    const divisor = wish.fps === undefined || hasCopy ? 1 : Math.max(1, Math.round(fps / wish.fps));
    if (wish.fps !== undefined && wish.fps < fps * 0.99) {
      if (hasCopy) notes.push(`${rung.name}: fps is left out, for the encoded rungs follow the frames of the copied one`);
      else if (Math.abs(fps / divisor - wish.fps) > 0.5) {
        notes.push(`${rung.name}: ${fps / divisor} frames a second: only every second, third ... frame keeps the rungs' segments together`);
      }
    }
    divisors = leastMultiple(divisors, divisor);
    rungs.push({
      ...plain(stream.id, rung),
      picture: {
        mode: 'encode',
        ...fit(wish, shown),
        rate: hasCopy ? undefined : divideRate(rate, divisor),
        fps: hasCopy ? video.fps : divideRate(rate, divisor).fps,
        wish,
      },
    });
  }
  if (hasCopy && rungs.some(({ picture }) => picture?.mode === 'encode')) {
    notes.push(
      'segments are cut at the key frames of the source, in the copied rung and in the encoded ones: a source whose key frames are far apart makes long segments in all of them',
    );
  }
  const anyEncoded = rungs.some(({ picture }) => picture?.mode === 'encode');
  // Never a shade shorter than a segment: both writers would skip that key frame and double the segment.
  const frames = divisors * Math.max(1, Math.ceil((rate.fps * stream.output.segmentSeconds - 0.001) / divisors));
  return {
    rungs,
    rate: anyEncoded && !hasCopy ? rate : undefined,
    keyFrameEvery: anyEncoded && !hasCopy ? frames : undefined,
    hasCopy,
    notes,
  };
}

function plain(streamId: string, rung: RenditionConfig): PlannedRung {
  return { name: rung.name, id: rungId(streamId, rung.name), picture: undefined, audioBitrateBps: rung.audioBitrateBps };
}

function copied({ width, height, fps, aspect }: Picture, { width: shownWidth, height: shownHeight }: Shown): CopiedPicture {
  const isKnown = aspect !== undefined && width !== undefined && height !== undefined;
  return { mode: 'copy', width, height, fps, ...(isKnown ? { shown: { width: shownWidth, height: shownHeight } } : {}) };
}

function listed(rungs: readonly RenditionConfig[]): string {
  return rungs.map(({ name }) => name).join(', ');
}

interface Shown {
  readonly width: number;
  readonly height: number;
  readonly aspect: number;
  /** Of the picture lying. */
  readonly lines: number;
}

/** As a screen shows it: with square pixels, and turned where the source says so. */
function shownSize(video: Picture): Shown {
  const { width = assumed.width, height = assumed.height } = video;
  const wide = video.aspect === undefined ? width : Math.max(2, 2 * Math.round((height * video.aspect) / 2));
  const size = video.isTurned === true ? { width: height, height: wide } : { width: wide, height };
  return { ...size, aspect: size.width / size.height, lines: Math.min(size.width, size.height) };
}

/** Even sides, for 4:2:0; never larger than the source. */
function fit(wish: VideoRendition, shown: Shown): { readonly width: number; readonly height: number } {
  const isUpright = shown.height > shown.width;
  const short = Math.min(wish.height, shown.lines);
  const [boxWidth, boxHeight] = isUpright ? [short, wish.width ?? Infinity] : [wish.width ?? Infinity, short];
  const width = Math.min(boxWidth, boxHeight * shown.aspect, shown.width);
  const height = width / shown.aspect;
  return { width: even(width), height: even(height) };
}

function even(pixels: number): number {
  return Math.max(2, 2 * Math.round(pixels / 2));
}

function asSource({ width, height, lines }: Shown, fps: number): VideoRendition {
  const bps = Math.round((width * height * Math.min(fps, 30) * bitsPerPixel) / 100_000) * 100_000;
  return { height: lines, bitrateBps: Math.max(300_000, bps) };
}

function leastMultiple(left: number, right: number): number {
  let multiple = left;
  while (multiple % right !== 0) multiple += left;
  return multiple;
}
