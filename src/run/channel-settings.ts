// What a channel's policy must know of its stream.

import type { ClockPort } from '../core/ports.ts';
import type { ChannelSettings } from '../playlist/channel/channel-state.ts';
import type { ChannelSubject } from './channel-unit.ts';

/** `segmentSeconds`: nginx's. */
export function channelSettings({ stream, demand }: Pick<ChannelSubject, 'stream' | 'demand'>, segmentSeconds: number): ChannelSettings {
  const { output, restart } = stream();
  return {
    segmentSeconds: Math.max(output.segmentSeconds, segmentSeconds),
    windowSegments: output.windowSegments,
    cushionSeconds: output.cushionSeconds,
    stallAfterMs: restart.stallAfterMs,
    firstWaitMs: demand?.firstWaitMs(),
  };
}

/** One moment on both clocks. */
export function times(clock: Pick<ClockPort, 'monotonic' | 'now'>): { readonly now: number; readonly wallMs: number } {
  return { now: clock.monotonic(), wallMs: clock.now() };
}
