// The renditions of a stream: as they are asked for in streams.yaml, and as they are made from what the source carries.

import { soundNames, type WantedSounds } from './audio-tracks.ts';

/** One rung as streams.yaml asks for it. */
export interface RenditionConfig {
  /** Lower-case letters and digits; a part of file names and of the URL. */
  readonly name: string;
  readonly video: 'copy' | 'none' | VideoRendition;
  /** Unset: the sound as the stream has it. */
  readonly audioBitrateBps?: number;
}

export interface VideoRendition {
  /** Lines of the picture lying; an upright picture is so wide. Even. */
  readonly height: number;
  /** With it the picture fits into this box. Even. */
  readonly width?: number;
  readonly bitrateBps: number;
  /** Unset: a fifth above the bitrate. */
  readonly maxrateBps?: number;
  /** Frames a second at most; met by leaving out every second, third ... frame. */
  readonly fps?: number;
  /** libx264's; other encoders have their own. */
  readonly preset?: EncoderPreset;
}

export const encoderPresets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow'] as const;
export type EncoderPreset = (typeof encoderPresets)[number];

/** In the order of preference. */
export const hardwareEncoders = ['nvenc', 'qsv', 'vaapi', 'videotoolbox'] as const;
export type HardwareEncoder = (typeof hardwareEncoders)[number];
export type EncoderName = 'x264' | HardwareEncoder;

/** One rung as the present job makes it. */
export interface Rung {
  readonly name: string;
  /** Names its files as a stream's id does: `<stream>_<name>`. */
  readonly id: string;
  readonly picture: RungPicture | undefined;
  readonly hasSound: boolean;
  /** Another sound of the source, for viewers who choose it: offered beside the pictures (EXT-X-MEDIA), not instead of them. */
  readonly isAlternative?: true;
  /** What it is made to need at most, sound included; undefined where it is copied. */
  readonly peakBps: number | undefined;
}

export interface RungPicture {
  readonly mode: 'copy' | 'encode';
  /** undefined while the source's size is not known. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly fps: number | undefined;
  /** Where its pixels are not square: as a screen shows it (RESOLUTION, RFC 8216 4.3.4.2). */
  readonly shown?: { readonly width: number; readonly height: number };
}

export const renditionNamePattern = /^(?=[a-z0-9]*[a-z])[a-z0-9]{1,16}$/;

export function rungId(streamId: string, name: string): string {
  return `${streamId}_${name}`;
}

/** What a stream's files in the HLS folder are named after: itself, its renditions and sounds, and what it may have of subtitles. */
export function fileIdsOf({
  id,
  renditions = [],
  output = {},
}: {
  readonly id: string;
  readonly renditions?: readonly RenditionConfig[];
  readonly output?: { readonly subtitles?: unknown; readonly audioTracks?: WantedSounds };
}): readonly string[] {
  const names = [...renditions.map(({ name }) => name), ...soundNames(output.audioTracks)];
  return [id, ...names.map((name) => rungId(id, name)), ...(output.subtitles === undefined ? [] : subtitleIds(id))];
}

/** Each costs a playlist and a small file a segment. */
export const mostSubtitles = 8;

export function subtitleName(position: number): string {
  return `sub${position + 1}`;
}

/** What files of a stream's subtitles may be named after. */
export function subtitleIds(streamId: string): readonly string[] {
  return Array.from({ length: mostSubtitles }, (_, position) => rungId(streamId, subtitleName(position)));
}
