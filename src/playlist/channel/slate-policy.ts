// When a slate covers the silence of both legs, and how it is played: in a loop, in real time. Pure.

import type { SlateClip } from '../../core/slate.ts';
import { segmentMs } from './candidates.ts';
import type { ChannelInput, ChannelState, ChannelStep } from './channel-state.ts';
import { append } from './window.ts';

/** Sources that deliver in bursts pause for so long without being dead. */
const floorMs = 6000;
/** Entries at the beginning: a player that has run dry starts with the second one known. */
const firstEntries = 2;

/** Silence of both legs after which a slate is shown; a channel that shows nothing yet may take its time to start. */
export function slateAfterMs(state: ChannelState, input: Pick<ChannelInput, 'settings' | 'legs'>): number {
  if (state.entries.length === 0 && input.settings.firstWaitMs !== undefined) return input.settings.firstWaitMs;
  const leg = state.following ?? 'primary';
  const bound = Math.max(floorMs, 3 * segmentMs(input.legs[leg], input), input.settings.stallAfterMs ?? 0);
  return state.entries.length === 0 ? 2 * bound : bound;
}

export function stepSlate(state: ChannelState, input: ChannelInput): ChannelStep {
  const { slate: clip, now } = input;
  if (clip === undefined || clip.segments.length === 0) {
    return { state: state.slate === undefined ? state : { ...state, slate: undefined }, events: [] };
  }
  if (state.slate === undefined) {
    const silentMs = now - state.silentSinceAt;
    if (silentMs < slateAfterMs(state, input)) return { state, events: [] };
    return { state: begin(state, clip, input), events: [{ kind: 'slate-on', silentMs }] };
  }
  const { slate } = state;
  if (now < slate.nextAt) return { state, events: [] };
  const added = addOne(state, clip, slate.nextIndex, now, input);
  const length = 1000 * (clip.segments[slate.nextIndex % clip.segments.length]?.durationSeconds ?? 1);
  // After a pause of our own the rhythm starts anew: a heap of slates helps nobody.
  const nextAt = now - slate.nextAt > length ? now + length : slate.nextAt + length;
  return { state: { ...added, slate: { ...slate, nextIndex: slate.nextIndex + 1, nextAt } }, events: [] };
}

function begin(state: ChannelState, clip: SlateClip, input: ChannelInput): ChannelState {
  let begun = state;
  const chosen = Array.from({ length: firstEntries }, (_, index) => clip.segments[index % clip.segments.length]?.durationSeconds ?? 0);
  let endedAt = input.now - 1000 * chosen.reduce((sum, seconds) => sum + seconds, 0);
  for (const [index, seconds] of chosen.entries()) {
    endedAt += 1000 * seconds;
    begun = addOne(begun, clip, index, endedAt, input);
  }
  return { ...begun, slate: { nextIndex: firstEntries, nextAt: input.now + 1000 * (chosen.at(-1) ?? 1), sinceAt: input.now } };
}

/** The query makes each entry a URL of its own; the file stays one, and caches keep it by the URL. */
function addOne(state: ChannelState, clip: SlateClip, index: number, endedAt: number, input: ChannelInput): ChannelState {
  const at = index % clip.segments.length;
  const segment = clip.segments[at];
  if (segment === undefined) return state;
  const uri = `${segment.uri}?n=${state.nextSequence}`;
  return append(state, { uri, durationSeconds: segment.durationSeconds, discontinuity: at === 0, from: 'slate', endedAt }, input);
}
