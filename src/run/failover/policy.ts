// What a stream's definition says about failover, in the reducer's words. Pure.

import type { StreamConfig } from '../../core/config.ts';
import type { FailoverPolicy } from './state.ts';

export function policyOf(stream: Pick<StreamConfig, 'failover' | 'restart'>): FailoverPolicy {
  const { retries, windowMs, cooldownMs, pauseMs, failBackAfterMs } = stream.failover;
  const { stableAfterMs, maxDelayMs } = stream.restart;
  return { retries, windowMs, cooldownMs, pauseMs, failBackAfterMs, stableAfterMs, longestPauseMs: maxDelayMs };
}

/** Two sources may be shown alike. */
export function sourceKeys(stream: Pick<StreamConfig, 'sources'>): readonly string[] {
  const seen = new Map<string, number>();
  return stream.sources.map(({ display }) => {
    const count = (seen.get(display) ?? 0) + 1;
    seen.set(display, count);
    return count === 1 ? display : `${display} #${count}`;
  });
}
