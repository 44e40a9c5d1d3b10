// What a stream's slate must look like, so that players go on from the live picture without a hitch: pure, from list and facts.

import type { SlateConfig, StreamConfig } from '../../core/config.ts';
import type { SourceFacts } from '../../core/facts.ts';
import { hashText } from '../../core/state-paths.ts';
import { exactRate } from '../frame-rate.ts';
import { parseTestUrl } from '../inputs/test-source.ts';
import { decideTracks } from '../tracks.ts';
import { slateLines } from './slate-text.ts';

/** Raised when the same shape would be made differently: old clips are then made anew. */
const recipe = 1;

export interface SlatePicture {
  readonly width: number;
  readonly height: number;
  /** Frames a second as ffmpeg takes it: `25`, `30000/1001`. */
  readonly rate: string;
  readonly fps: number;
}

export interface SlateSound {
  readonly sampleRate: number;
  readonly channels: number;
}

/** A file of the user's own, as it is on disk: another size or time makes another slate. */
export interface SlateFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** A stream without one of the tracks gets a slate without it: a player cannot add a track in the middle. */
export interface SlateShape {
  readonly picture: SlatePicture | undefined;
  readonly sound: SlateSound | undefined;
  readonly segmentSeconds: number;
  /** Empty: no text. */
  readonly lines: readonly string[];
  readonly file: SlateFile | undefined;
}

const standard = { width: 1280, height: 720, fps: 25, sampleRate: 44_100, channels: 2 } as const;
/** Sampling frequencies of AAC (ISO/IEC 14496-3, table 1.18) that browsers play. */
const sampleRates = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000];

/** undefined: switched off. */
export function slateText(config: SlateConfig): string | undefined {
  return config.enabled ? (config.text ?? 'temporarily unavailable') : undefined;
}

export function slateShape(stream: StreamConfig, facts: SourceFacts | undefined, file: SlateFile | undefined): SlateShape {
  const seen = facts ?? testFacts(stream);
  const tracks = decideTracks(stream.output, seen);
  return {
    picture: tracks.video.mode === 'none' ? undefined : pictureOf(seen?.video),
    sound: tracks.audio.mode === 'none' ? undefined : soundOf(tracks.audio.mode === 'copy' ? seen?.audio : undefined),
    segmentSeconds: stream.output.segmentSeconds,
    lines: file === undefined && tracks.video.mode !== 'none' ? slateLines(slateText(stream.slate) ?? '', stream.name) : [],
    file,
  };
}

/** Names a slate for good: equal names, equal bytes. 16 hexadecimal digits. */
export function slateHash(shape: SlateShape): string {
  return hashText(JSON.stringify([recipe, shape]));
}

/** The built-in test source needs no probing. */
function testFacts({ sources }: StreamConfig): SourceFacts | undefined {
  const test = sources.find(({ kind }) => kind === 'test');
  if (test === undefined || sources[0] !== test) return undefined;
  const { width, height, fps } = parseTestUrl(test.url);
  return { video: { codec: 'h264', width, height, fps }, audio: { codec: 'aac', sampleRate: 44_100, channels: 2 } };
}

function pictureOf(facts: SourceFacts['video']): SlatePicture {
  const known = isSize(facts?.width) && isSize(facts.height);
  const fps = facts?.fps !== undefined && facts.fps >= 1 && facts.fps <= 60 ? facts.fps : standard.fps;
  return {
    width: known ? even(facts.width) : standard.width,
    height: known ? even(facts.height) : standard.height,
    ...exactRate(fps),
  };
}

function isSize(pixels: number | undefined): pixels is number {
  return pixels !== undefined && Number.isInteger(pixels) && pixels >= 16 && pixels <= 4096;
}

/** 4:2:0 needs even sides. */
function even(pixels: number): number {
  return pixels - (pixels % 2);
}

/** More than two channels do not play everywhere. */
function soundOf(facts: SourceFacts['audio']): SlateSound {
  const rate = facts?.sampleRate;
  return {
    sampleRate: rate !== undefined && sampleRates.includes(rate) ? rate : standard.sampleRate,
    channels: facts?.channels === 1 ? 1 : standard.channels,
  };
}
