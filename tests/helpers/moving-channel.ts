// A channel that goes on by itself in an HLS folder, as the supervisor and nginx write one: segments first, then the playlist.

import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MovingChannel {
  readonly id: string;
  /** What a segment must be, byte for byte. */
  readonly segment: (name: string) => Buffer | undefined;
  /** For how long a playlist that ends with this segment has been outdated; 0 for the present one, undefined for none of ours. */
  readonly outdatedMs: (lastSegment: string) => number | undefined;
  /** Segments written so far. */
  written(): number;
  /** One more segment, now. */
  advance(): void;
  start(): void;
  stop(): void;
}

export function createMovingChannel(options: {
  readonly id: string;
  readonly hlsDirectory: string;
  readonly segmentSeconds: number;
  readonly segmentBytes: number;
  /** Segments listed. */
  readonly window: number;
}): MovingChannel {
  const { id, hlsDirectory, segmentSeconds, segmentBytes, window } = options;
  const folder = join(hlsDirectory, id);
  mkdirSync(folder, { recursive: true });
  const segments = new Map<string, { readonly bytes: Buffer; readonly at: number }>();
  let timer: NodeJS.Timeout | undefined;
  const name = (number: number): string => `${id}-${1000 + number}.ts`;

  function advance(): void {
    const bytes = randomBytes(segmentBytes);
    writeFileSync(join(hlsDirectory, name(segments.size)), bytes);
    segments.set(name(segments.size), { bytes, at: performance.now() });
    const first = Math.max(0, segments.size - window);
    const listed = [...segments.keys()].slice(first);
    const text = [
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      `#EXT-X-TARGETDURATION:${Math.ceil(segmentSeconds)}`,
      `#EXT-X-MEDIA-SEQUENCE:${first}`,
      ...listed.flatMap((uri) => [`#EXTINF:${segmentSeconds.toFixed(3)},`, uri]),
      '',
    ].join('\n');
    writeFileSync(join(folder, '.index.m3u8.tmp'), text);
    renameSync(join(folder, '.index.m3u8.tmp'), join(folder, 'index.m3u8'));
  }

  for (let count = 0; count < 4; count += 1) advance();
  return {
    id,
    segment: (wanted) => segments.get(wanted)?.bytes,
    outdatedMs(lastSegment) {
      const names = [...segments.keys()];
      const index = names.indexOf(lastSegment);
      if (index === -1) return undefined;
      const next = segments.get(names[index + 1] ?? '');
      return next === undefined ? 0 : performance.now() - next.at;
    },
    written: () => segments.size,
    advance,
    start() {
      timer ??= setInterval(advance, segmentSeconds * 1000);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
