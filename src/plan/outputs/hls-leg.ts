// The backup leg: HLS written by ffmpeg itself, beside nginx's.

import type { OutputConfig } from '../../core/config.ts';
import { backupSegmentTemplate, legPlaylistName } from '../../core/ids.ts';
import type { Endpoints } from '../../core/job-plan.ts';
import type { Slave, SlaveOption } from './tee.ts';

const flags = ['delete_segments', 'append_list', 'temp_file', 'omit_endlist', 'program_date_time', 'independent_segments'].join('+');

export function hlsLeg(
  streamId: string,
  output: Pick<OutputConfig, 'segmentSeconds' | 'windowSegments'>,
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
      // RFC 8216 6.2.2: available for its own duration plus that of the longest playlist that held it.
      value: output.windowSegments + 1,
      why: 'a segment that left the playlist stays as long as RFC 8216 6.2.2 asks',
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
