// The master playlist of a stream with renditions (RFC 8216 4.3.4). Pure.

import type { Bandwidth } from './bandwidth.ts';

export interface Variant {
  /** Relative to the master playlist. */
  readonly uri: string;
  readonly bandwidth: Bandwidth;
  readonly codecs: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly fps: number | undefined;
}

/** Best first, as given: players that do not choose begin with the first. */
export function printMaster(variants: readonly Variant[]): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-INDEPENDENT-SEGMENTS'];
  for (const { uri, bandwidth, codecs, width, height, fps } of variants) {
    const attributes = [
      `BANDWIDTH=${bandwidth.peakBps}`,
      `AVERAGE-BANDWIDTH=${bandwidth.averageBps}`,
      ...(codecs === undefined ? [] : [`CODECS="${codecs}"`]),
      ...(width === undefined || height === undefined ? [] : [`RESOLUTION=${width}x${height}`]),
      ...(fps === undefined ? [] : [`FRAME-RATE=${fps.toFixed(3)}`]),
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, uri);
  }
  return `${lines.join('\n')}\n`;
}
