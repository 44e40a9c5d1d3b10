// Refuses a plan that the installed ffmpeg cannot run, before anything is started.

import type { SourceConfig } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { FfmpegFacts } from '../core/facts.ts';
import type { Tracks } from './tracks.ts';
import { inputKinds } from './inputs/kinds.ts';

export function requireAbilities(streamId: string, source: SourceConfig, tracks: Tracks, ffmpeg: FfmpegFacts): void {
  const needs = inputKinds[source.kind].needs(source);
  const lacking = [
    ...without(needs.protocols, ffmpeg.protocols).map((name) => `the protocol ${name}`),
    ...without(needs.demuxers, ffmpeg.demuxers).map((name) => `the demuxer ${name}`),
    ...without(tracks.legs.includes('primary') ? ['tee', 'fifo', 'flv', 'hls'] : ['tee', 'hls'], ffmpeg.muxers).map(
      (name) => `the muxer ${name}`,
    ),
    ...without(
      [...(tracks.video.mode === 'transcode' ? ['libx264'] : []), ...(tracks.audio.mode === 'transcode' ? ['aac'] : [])],
      ffmpeg.encoders,
    ).map((name) => `the encoder ${name}`),
  ];
  if (lacking.length === 0) return;
  throw new AppError({
    exitCode: ExitCode.unavailable,
    code: 'ffmpeg-lacks',
    message: `${streamId}: this ffmpeg (${ffmpeg.version}) lacks ${lacking.join(', ')}`,
    evidence: [`${ffmpeg.path} -version`],
    next: 'install the ffmpeg of your distribution: iptv setup',
  });
}

/** An empty set means that the binary was not asked, not that it can do nothing. */
function without(wanted: readonly string[], had: ReadonlySet<string>): readonly string[] {
  return had.size === 0 ? [] : wanted.filter((name) => !had.has(name));
}
