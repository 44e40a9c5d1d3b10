// One step of a channel that lists nothing whose file has gone: on a full disk segments are deleted while a channel makes up its mind.

import type { LegName } from '../core/ids.ts';
import type { ChannelInput, ChannelState, ChannelStep, LegSegment } from '../playlist/channel/channel-state.ts';
import { stepChannel } from '../playlist/channel/step-channel.ts';

/**
 * `hold` is called with each state that may be the outcome, before its new segments are looked at: who deletes asks first what is held,
 * so that a segment is either seen to be gone here, or seen to be held there. A full disk lets a dying job list at once what it made
 * minutes ago; one in some sixty full disks showed such a segment that was shed in the same moment (404).
 */
export async function sureStep(
  before: ChannelState,
  input: ChannelInput,
  isThere: (uri: string) => Promise<boolean>,
  hold: (state: ChannelState) => void,
): Promise<ChannelStep> {
  const known = new Set(before.entries.map(({ uri }) => uri));
  let legs = input.legs;
  for (;;) {
    const step = stepChannel(before, { ...input, legs });
    hold(step.state);
    const gone = new Set<string>();
    for (const { uri, from } of step.state.entries) if (from !== 'slate' && !known.has(uri) && !(await isThere(uri))) gone.add(uri);
    if (gone.size === 0) return step;
    const rest = (leg: LegName): readonly LegSegment[] => without(legs[leg], gone);
    legs = { primary: rest('primary'), backup: rest('backup') };
  }
}

function without(segments: readonly LegSegment[], gone: ReadonlySet<string>): readonly LegSegment[] {
  let hole = false;
  return segments.flatMap((segment) => {
    if (gone.has(segment.uri)) {
      hole = true;
      return [];
    }
    const next = hole ? { ...segment, discontinuity: true } : segment;
    hole = false;
    return [next];
  });
}
