// Stream ids and the file names that follow from them.

/** Lower case, so that ids stay distinct on every file system; no dots or slashes, so they are safe in paths. */
export const streamIdPattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function isStreamId(text: string): boolean {
  return streamIdPattern.test(text);
}

export type LegName = 'primary' | 'backup';

/** Playlist file of a leg: nginx-rtmp writes `<id>.m3u8`, ffmpeg `stream_<id>.m3u8`. */
export function legPlaylistName(id: string, leg: LegName): string {
  return leg === 'primary' ? `${id}.m3u8` : `stream_${id}.m3u8`;
}

/** The joined playlist in a folder of its own, `<hls directory>/<id>/`. */
export const channelPlaylistName = 'index.m3u8';

export const channelPlaylistType = 'application/vnd.apple.mpegurl';

/** Lies beside it where the first request starts the stream: nginx then asks the supervisor instead of answering 404. */
export const onDemandMarkName = 'on-demand';

/** ffmpeg's `hls_segment_filename` for the backup leg; `%d` is the sequence number. */
export function backupSegmentTemplate(id: string): string {
  return `stream_${id}_%d.ts`;
}

/** What a bridge writes into the channel's own folder while the job is restarted. */
export const bridgePlaylistName = 'bridge.m3u8';

/**
 * Segments of a bridge bear names of the backup leg, so that nginx serves and the janitor removes them like those; ten digits of the
 * clock before the number keep them apart from the leg's own, which count from the clock divided by the segment length.
 */
export function bridgeSegmentPrefix(id: string, startedAtMs: number): string {
  return `stream_${id}_${String(Math.floor(startedAtMs / 1000)).padStart(10, '0')}`;
}

/** Streams that `iptv doctor e2e` publishes for a few seconds; no list may use such an id. */
export const doctorIdPrefix = 'iptv-doctor-';
