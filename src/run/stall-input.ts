// What the stall rules need to know of a stream and its legs.

import type { StreamConfig } from '../core/config.ts';
import type { LegWatch } from './leg-watch.ts';
import { startGraceMs, type StallInput } from './stall.ts';

/** `originSegmentSeconds`: length of nginx's segments, which follow the server's setting. */
export function stallInputOf(
  stream: StreamConfig,
  legs: Readonly<Record<'primary' | 'backup', Pick<LegWatch, 'view'>>>,
  originSegmentSeconds: number,
): StallInput {
  const durations = [legs.primary, legs.backup].map((leg) => leg.view().head?.targetDurationSeconds ?? 0);
  return {
    segmentSeconds: Math.max(stream.output.segmentSeconds, originSegmentSeconds),
    targetDurationSeconds: Math.max(...durations),
    configuredMs: stream.restart.stallAfterMs,
    startGraceMs: startGraceMs(stream),
  };
}
