// Reads what one ffmpeg run says about the pictures and the sound of a few segments. Pure.

import type { DaemonSpec } from '../core/ports.ts';

/** undefined: there was nothing to measure it by. */
export interface ContentSample {
  readonly hasVideo: boolean;
  readonly hasAudio: boolean;
  /** Key frames that were measured. */
  readonly frames: number;
  readonly isBlack: boolean | undefined;
  /** No two of the key frames differ; they span the window of the playlist. */
  readonly isFrozen: boolean | undefined;
  readonly isSilent: boolean | undefined;
  /** Loudest sample, dBFS; null without sound. */
  readonly peakDb: number | null;
}

/** Small enough to cost nothing. */
const picture = 'scale=160:90:flags=area';
/**
 * The difference of two key frames, averaged over blocks: noise averages out, a moving mouth or a clock stays in its block.
 * The brightest block counts.
 */
const difference = 'tblend=all_mode=difference,scale=20:12:flags=area';
/** Luma of broadcast black is 16 (full range: 0); noise and a faint logo stay below these. */
const blackAverage = 22;
const blackHigh = 28;
/** Two encodings of a still picture, also of a noisy one, were seen to differ by 3 at most; a running clock in a still by 80. */
const frozenDifference = 5;
/** Digital silence is -91 dB here; a muted analogue chain hums at -65 and above. */
const silentPeakDb = -60;

const blockKey = 'lavfi.signalstats.YMAX';

export interface SampleInput {
  readonly ffmpegPath: string;
  /** Absolute paths, oldest first. */
  readonly segments: readonly string[];
}

/** Key frames only, one thread, lowest priority: the argument list of one look. */
export function sampleCommand({ ffmpegPath, segments }: SampleInput): Pick<DaemonSpec, 'file' | 'argv'> {
  return {
    file: 'nice',
    argv: [
      '-n',
      '19',
      ffmpegPath,
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'info'],
      ...['-threads', '1', '-skip_frame', 'nokey', '-protocol_whitelist', 'file,concat'],
      ...['-i', `concat:${segments.join('|')}`],
      ...['-map', '0:v:0?', '-map', '0:a:0?', '-dn', '-sn'],
      ...['-vf', `${picture},signalstats,metadata=mode=print:file=-,${difference},signalstats,metadata=mode=print:key=${blockKey}`],
      ...['-af', 'volumedetect', '-threads', '1', '-f', 'null', '-'],
    ],
  };
}

/** undefined when ffmpeg could not read the segments at all. */
export function readSample(stdout: string, stderr: string): ContentSample | undefined {
  const streams = stderr.split('\nOutput #0')[0] ?? '';
  const hasVideo = /Stream #0:\d+.*: Video:/.test(streams);
  const hasAudio = /Stream #0:\d+.*: Audio:/.test(streams);
  if (!hasVideo && !hasAudio) return undefined;
  // The whole pictures are told on stdout, their differences on stderr: the keys are the same.
  const averages = values(stdout, 'YAVG');
  const highs = values(stdout, 'YHIGH');
  const differences = values(stderr, 'YMAX');
  const peak = /max_volume: (-?[\d.]+|-inf) dB/.exec(stderr)?.[1];
  const peakDb = peak === undefined ? null : peak === '-inf' ? -91 : Number(peak);
  const isBlack =
    averages.length === 0 ? undefined : averages.every((value) => value < blackAverage) && highs.every((value) => value < blackHigh);
  return {
    hasVideo,
    hasAudio,
    frames: averages.length,
    isBlack,
    // A black picture does not move either; it is told as what it is.
    isFrozen:
      differences.length === 0 || isBlack === undefined ? undefined : !isBlack && differences.every((value) => value <= frozenDifference),
    isSilent: peakDb === null ? undefined : peakDb <= silentPeakDb,
    peakDb,
  };
}

function values(text: string, name: string): readonly number[] {
  return [...text.matchAll(new RegExp(`lavfi\\.signalstats\\.${name}=([\\d.]+)`, 'g'))].map((match) => Number(match[1]));
}
