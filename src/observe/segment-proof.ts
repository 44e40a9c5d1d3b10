// Asks ffmpeg whether a finished segment can be decoded by a player that forgives nothing, and reads its answer. Pure.

import type { DaemonSpec } from '../core/ports.ts';

/**
 * Chromium decodes with `err_detect explode` (media/ffmpeg/ffmpeg_common.cc, kStrictFFmpegCodecs, crbug.com/379418979): the first
 * error in a picture ends its player (`PIPELINE_ERROR_DECODE`, hls.js: `mediaSourceRequiresReset`).
 */
export function proofCommand(ffmpegPath: string, path: string): Pick<DaemonSpec, 'file' | 'argv'> {
  return {
    file: 'nice',
    argv: [
      ...['-n', '5', ffmpegPath, '-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error'],
      ...['-threads', '1', '-err_detect', 'explode', '-protocol_whitelist', 'file', '-i', `file:${path}`],
      ...['-map', '0:V:0?', '-map', '0:a:0?', '-dn', '-sn', '-threads', '1', '-f', 'null', '-'],
    ],
  };
}

/**
 * 5.1; then 6 and later. A picture whose reference is gone is no error to 5.1, but it may be one to Chromium's decoder (measured:
 * two of 40 losses of whole packets, with pictures of two directions). Parameter sets that are broken leave no size.
 */
const refused =
  /Error while decoding stream|Error submitting (?:a )?packet to (?:the )?decoder|reference picture missing|Missing reference picture|Could not find codec parameters/;

/** The line that says why a strict player would end; undefined: it would not, or nothing is known. */
export function readProof(stderr: string): string | undefined {
  const lines = stderr.split('\n');
  const at = lines.findIndex((line) => refused.test(line));
  if (at < 0) return undefined;
  // The decoder says what is wrong before ffmpeg says that it was refused.
  const said = lines.slice(0, at + 1).findLast((line) => /^\[(?:h264|aac|hevc|mpeg2video)/.test(line)) ?? lines[at] ?? '';
  return said.replace(/ @ 0x[0-9a-f]+/, '').trim();
}
