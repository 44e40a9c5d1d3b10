// The backup leg: HLS written by ffmpeg itself, beside nginx's.

import type { OutputConfig } from '../../core/config.ts';
import { backupSegmentTemplate, legPlaylistName } from '../../core/ids.ts';
import type { Endpoints } from '../../core/job-plan.ts';
import type { Slave, SlaveOption } from './tee.ts';

const flags = ['delete_segments', 'append_list', 'temp_file', 'omit_endlist', 'program_date_time', 'independent_segments'].join('+');

/**
 * RFC 8216 6.2.2: available for its own duration plus that of the longest playlist that held it. The channel playlist stands
 * still for a while when the supervisor is killed: that long ffmpeg must not delete what it lists.
 */
const laggingSegments = 6;

/** Segments in the channel playlist: a cushion may need more than the window. */
function channelSegments({
  segmentSeconds,
  windowSegments,
  cushionSeconds = 0,
}: Pick<OutputConfig, 'segmentSeconds' | 'windowSegments' | 'cushionSeconds'>): number {
  return Math.max(windowSegments, Math.ceil(cushionSeconds / segmentSeconds) + 1);
}

export function hlsLeg(
  streamId: string,
  output: Pick<OutputConfig, 'segmentSeconds' | 'windowSegments' | 'cushionSeconds'>,
  endpoints: Pick<Endpoints, 'hlsDirectory'>,
  startNumber: number | undefined,
): Slave {
  const options: SlaveOption[] = [
    { name: 'f', value: 'hls', why: 'playlist and MPEG-TS segments' },
    { name: 'onfail', value: 'ignore', why: 'the other leg goes on when this one fails' },
    { name: 'ignore_io_errors', value: 1, why: 'heals by itself, numbering intact, when the directory was away or read-only' },
    { name: 'hls_time', value: output.segmentSeconds, why: 'segment length; copied video is cut at its own key frames' },
    { name: 'hls_list_size', value: output.windowSegments, why: 'segments in the playlist' },
    {
      name: 'hls_delete_threshold',
      value: channelSegments(output) + laggingSegments,
      why: 'a segment stays as long as RFC 8216 6.2.2 asks after it left the channel playlist, which may lag behind this one',
    },
    {
      name: 'hls_flags',
      value: flags,
      why: 'old segments go, a restart continues the list, files appear whole, players never see an end, wall-clock times, each segment decodes alone',
    },
  ];
  if (startNumber !== undefined) {
    options.push({
      name: 'start_number',
      value: startNumber,
      why: 'no playlist to continue: above every number used before, so that no name comes twice',
    });
  }
  const directory = endpoints.hlsDirectory.replace(/\/$/, '');
  options.push({
    name: 'hls_segment_filename',
    value: `${directory}/${backupSegmentTemplate(streamId)}`,
    why: 'names that both legs tell apart',
  });
  return { options, target: `${directory}/${legPlaylistName(streamId, 'backup')}` };
}
