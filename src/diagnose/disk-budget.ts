// How much room the HLS folder needs: bitrate x window x streams x legs. Pure.

export interface BudgetStream {
  readonly segmentSeconds: number;
  readonly windowSegments: number;
  /** 1 where RTMP cannot carry the stream, else 2. */
  readonly legs: number;
  /** Of the whole stream; undefined when nothing has measured it yet. */
  readonly bitrateBps: number | undefined;
}

export interface DiskBudget {
  readonly bytes: number;
  readonly files: number;
  /** Streams whose bitrate is assumed. */
  readonly assumed: number;
}

/** An HD channel; what a stream is taken for that never ran. */
export const assumedBitrateBps = 4_000_000;
/** Each playlist is kept under two names for the time of a rename. */
const playlistsPerLeg = 2;

/**
 * A leg keeps its window, as much again after it left the playlist (RFC 8216 6.2.2: its duration plus that of the longest
 * playlist), the segment that follows, and the one that is being written.
 */
export function diskBudget(streams: readonly BudgetStream[]): DiskBudget {
  let bytes = 0;
  let files = 0;
  for (const { segmentSeconds, windowSegments, legs, bitrateBps = assumedBitrateBps } of streams) {
    const segments = 2 * windowSegments + 2;
    bytes += Math.ceil((bitrateBps / 8) * segmentSeconds * segments * legs);
    files += (segments + playlistsPerLeg) * legs;
  }
  return { bytes, files, assumed: streams.filter(({ bitrateBps }) => bitrateBps === undefined).length };
}

/** `12.3 MB`: powers of 1000, as disks are sold. */
export function megabytes(bytes: number): string {
  const mega = bytes / 1_000_000;
  return mega >= 1000 ? `${(mega / 1000).toFixed(1)} GB` : `${mega.toFixed(1)} MB`;
}
