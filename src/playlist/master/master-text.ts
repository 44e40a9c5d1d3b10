// The master playlist of a stream with renditions (RFC 8216 4.3.4). Pure.

import type { Bandwidth } from './bandwidth.ts';
import { printRendition, type MediaRendition } from './renditions.ts';

export interface Variant {
  /** Relative to the master playlist. */
  readonly uri: string;
  readonly bandwidth: Bandwidth;
  readonly codecs: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly fps: number | undefined;
  /** GROUP-ID of the sounds, and of the subtitles, that go with it; unset: none. */
  readonly audioGroup?: string | undefined;
  readonly subtitlesGroup?: string | undefined;
}

/** Best first, as given: players that do not choose begin with the first. */
export function printMaster(variants: readonly Variant[], renditions: readonly MediaRendition[] = []): string {
  // EXT-X-MEDIA is understood by any version, and a server may say 4 to keep old players away from it (section 7).
  const lines = ['#EXTM3U', `#EXT-X-VERSION:${renditions.length > 0 ? 4 : 3}`, '#EXT-X-INDEPENDENT-SEGMENTS'];
  lines.push(...renditions.map(printRendition));
  for (const { uri, bandwidth, codecs, width, height, fps, audioGroup, subtitlesGroup } of variants) {
    const attributes = [
      `BANDWIDTH=${bandwidth.peakBps}`,
      `AVERAGE-BANDWIDTH=${bandwidth.averageBps}`,
      ...(codecs === undefined ? [] : [`CODECS="${codecs}"`]),
      ...(width === undefined || height === undefined ? [] : [`RESOLUTION=${width}x${height}`]),
      ...(fps === undefined ? [] : [`FRAME-RATE=${fps.toFixed(3)}`]),
      ...(audioGroup === undefined ? [] : [`AUDIO="${audioGroup}"`]),
      ...(subtitlesGroup === undefined ? [] : [`SUBTITLES="${subtitlesGroup}"`]),
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, uri);
  }
  return `${lines.join('\n')}\n`;
}
