// The checked keys about starting on demand to the configuration of one stream.

import type { OnDemandConfig } from '../core/config.ts';
import type { DefaultsEntry, StreamEntry } from './schema.ts';

/**
 * The first viewers wait this long: ExoPlayer's HTTP source gives up after 8 s without a byte
 * (DefaultHttpDataSource.DEFAULT_READ_TIMEOUT_MILLIS), and most sources play within 5.
 */
const firstWaitMs = 7000;
const idleAfterMs = 60_000;

/** Nothing where the stream runs all the time. */
export function buildOnDemand(defaults: DefaultsEntry, entry: StreamEntry): { readonly onDemand?: OnDemandConfig } {
  if ((entry.start ?? defaults.start) !== 'ondemand') return {};
  const keepWarm = entry.keepWarm ?? defaults.keepWarm ?? 'off';
  return {
    onDemand: {
      idleAfterMs: entry.idleAfter ?? defaults.idleAfter ?? idleAfterMs,
      firstWaitMs: entry.firstWait ?? defaults.firstWait ?? firstWaitMs,
      prewarm: (entry.prewarm ?? defaults.prewarm ?? []).map(({ cron, for: forMs, timezone }) => ({
        cron,
        forMs,
        ...(timezone === undefined ? {} : { timezone }),
      })),
      ...(keepWarm === 'off' ? {} : { keepWarm: { viewers: keepWarm.viewers ?? 3, forMs: keepWarm.for ?? 30 * 60_000 } }),
    },
  };
}
