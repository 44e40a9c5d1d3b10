// The output of a bridge: HLS beside the legs, in names of its own, that carries the channel while its job is restarted.

import type { StreamConfig } from '../../core/config.ts';
import { bridgePlaylistName, bridgeSegmentPrefix } from '../../core/ids.ts';
import type { Endpoints } from '../../core/job-plan.ts';
import { option, step, type Step } from '../step.ts';

export interface BridgeWords {
  /** Wall clock; names its segments. */
  readonly startedAtMs: number;
  /** It ends by itself after this, whoever else is gone. */
  readonly limitSeconds: number;
}

const flags = ['temp_file', 'omit_endlist', 'program_date_time', 'independent_segments'].join('+');

export function bridgeWords(
  stream: Pick<StreamConfig, 'id' | 'output'>,
  endpoints: Pick<Endpoints, 'hlsDirectory'>,
  { startedAtMs, limitSeconds }: BridgeWords,
): readonly Step[] {
  const directory = endpoints.hlsDirectory.replace(/\/$/, '');
  const name = `${directory}/${bridgeSegmentPrefix(stream.id, startedAtMs)}%04d.ts`;
  return [
    option('t', limitSeconds, 'ends by itself: a supervisor that died half-way must leave nothing behind'),
    option('f', 'hls', 'HLS only: nginx takes one publisher a stream, and that is the job'),
    option('hls_time', stream.output.segmentSeconds, 'segments as long as those of the legs'),
    option('hls_list_size', stream.output.windowSegments, 'segments in the playlist'),
    option('hls_flags', flags, 'files appear whole, no end; what becomes of old segments is up to the janitor'),
    option('hls_segment_filename', name, 'names that nobody used before'),
    step([`${directory}/${stream.id}/${bridgePlaylistName}`], 'read by the supervisor alone'),
  ];
}
