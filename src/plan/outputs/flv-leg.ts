// The primary leg: FLV over RTMP to nginx, behind a queue that reconnects by itself.

import type { Endpoints } from '../../core/job-plan.ts';
import type { Tracks } from '../tracks.ts';
import type { Slave, SlaveOption } from './tee.ts';

export function flvLeg(streamId: string, tracks: Tracks, endpoints: Pick<Endpoints, 'rtmpUrl'>): Slave {
  const copiesAudio = tracks.audio.mode === 'copy';
  const options: SlaveOption[] = [{ name: 'f', value: 'flv', why: 'RTMP carries FLV' }];
  if (tracks.video.mode === 'copy') {
    // FLV and nginx keep the parameter sets of the start, and every picture of another size is then decoded with the wrong ones
    // (measured: corrupt in this leg until the next start of the job). Sources that are not Annex B are made so first.
    options.push({
      name: 'bsfs/v',
      value: 'h264_mp4toannexb,extract_extradata',
      why: 'a source that changes its resolution changes it in this leg, too: FLV announces the new parameter sets',
    });
  }
  if (copiesAudio) {
    // 5.1 and 7.1: the filter that flv inserts by itself stays at its end after the first disconnect, for ever (measured).
    options.push({
      name: 'bsfs/a',
      value: 'aac_adtstoasc',
      why: 'AAC from TS to FLV, in this leg only; without it the leg never returns after nginx was away',
    });
  }
  options.push(
    { name: 'onfail', value: 'ignore', why: 'the other leg goes on when this one fails' },
    { name: 'use_fifo', value: 1, why: 'a thread of its own: a hanging nginx does not hold up the other leg' },
    {
      name: 'fifo_options',
      value: [
        ['attempt_recovery', 1],
        ['recover_any_error', 1],
        ['recovery_wait_time', 1],
        ['drop_pkts_on_overflow', 1],
        ['restart_with_keyframe', 1],
        ['queue_size', queueSize(tracks)],
      ],
      why: 'publish again every second until nginx takes it, drop packets meanwhile, begin with a key frame; about 10 s of packets',
    },
    {
      name: 'flvflags',
      value: `no_duration_filesize${copiesAudio ? '+aac_seq_header_detect' : ''}`,
      why: `live: no length to write at the end${copiesAudio ? '; AAC set-up sent again after each reconnect' : ''}`,
    },
    { name: 'rw_timeout', value: 5_000_000, why: 'a write that nginx does not take for 5 s fails, so that the queue can reconnect' },
  );
  return { options, target: publishUrl(endpoints.rtmpUrl, streamId) };
}

/** 25 frames and 43 AAC packets make about 70 packets a second. */
function queueSize({ video }: Tracks): number {
  return video.mode === 'transcode' && (video.fps ?? 0) > 30 ? 1000 : 600;
}

/** nginx takes publish arguments after the name: `rtmp://host/live/news?key=...`. */
export function publishUrl(rtmpUrl: string, streamId: string): string {
  const [base, query] = splitOnce(rtmpUrl, '?');
  return `${base.replace(/\/$/, '')}/${streamId}${query === undefined ? '' : `?${query}`}`;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
