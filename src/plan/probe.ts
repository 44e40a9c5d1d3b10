// The ffprobe command that asks a source for its codecs; `parseProbe` reads the answer.

import type { SourceConfig } from '../core/config.ts';
import type { FfmpegFacts } from '../core/facts.ts';
import { createGate } from './gate.ts';
import { inputWords } from './input-words.ts';

/** The same input options as the job's, apart from those that set a pace: ffprobe knows none of these. */
export function probeArgv(source: SourceConfig, ffmpeg: FfmpegFacts): readonly string[] {
  const words = inputWords({ streamId: 'probe', source, gate: createGate(ffmpeg), filters: ffmpeg.filters, withAudio: true });
  const pacing = new Set(['-re', '-stream_loop']);
  const input = words.steps.filter((word) => !pacing.has(word.args[0] ?? '')).flatMap((word) => word.args);
  // A warning is all that ffmpeg 5.1 says of 429 and of other codes that it has no name for (http.c, check_http_code).
  return ['-hide_banner', '-loglevel', 'level+warning', '-show_streams', '-of', 'json', ...input];
}
