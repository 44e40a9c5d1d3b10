// What happens to a channel playlist, as events in plain words.

import type { EventDraft } from '../core/events.ts';
import type { ChannelEvent } from '../playlist/channel/channel-state.ts';

export function channelEventDraft(id: string, event: ChannelEvent): EventDraft {
  switch (event.kind) {
    case 'leg-switched': {
      const { from, to, cause, ageMs } = event;
      if (cause === 'planned') return overTheBridge(id, event);
      const why = cause === 'steady' ? `the ${to} leg moves steadily again` : `the ${from} leg had no new segment for ${seconds(ageMs)}`;
      return {
        stream: id,
        kind: 'leg-switched',
        cause: cause === 'steady' ? `${to}-steady` : `${from}-silent`,
        message: `the channel follows the ${to} leg now: ${why}`,
        evidence: [`newest segment shown: ${seconds(ageMs)} old`],
        action: `went on with the ${to} leg, marked as a discontinuity`,
        data: { from, to, ageMs: Math.round(ageMs) },
      };
    }
    case 'slate-on':
      return {
        stream: id,
        kind: 'slate-on',
        cause: 'no-live-leg',
        message: `no leg had a new segment for ${seconds(event.silentMs)}: the channel shows its slate`,
        evidence: [`silence of both legs: ${seconds(event.silentMs)}`],
        action: 'plays the slate until a leg moves',
        data: { silentMs: Math.round(event.silentMs) },
      };
    case 'slate-off':
      return {
        stream: id,
        kind: 'slate-off',
        cause: `${event.leg}-moves`,
        message: `the live picture is back on the ${event.leg} leg after ${seconds(event.shownMs)} of slate`,
        evidence: [`slate shown for ${seconds(event.shownMs)}`],
        action: `follows the ${event.leg} leg`,
        data: { leg: event.leg, shownMs: Math.round(event.shownMs) },
      };
  }
}

function overTheBridge(id: string, { from, to, ageMs }: ChannelEvent & { kind: 'leg-switched' }): EventDraft {
  return {
    stream: id,
    kind: 'leg-switched',
    cause: 'planned',
    message: 'the channel follows a second connection while the job is restarted',
    evidence: [`newest segment shown: ${seconds(ageMs)} old`],
    action: 'goes back to the legs when they move steadily',
    data: { from, to, ageMs: Math.round(ageMs) },
  };
}

/** Names listed as evidence. */
const mostNamed = 5;

export function vanishedDraft(id: string, names: readonly string[]): EventDraft {
  return {
    stream: id,
    kind: 'disk',
    cause: 'segments-vanished',
    message: `${names.length} listed ${names.length === 1 ? 'segment was' : 'segments were'} deleted by somebody else; the channel goes on with new ones`,
    evidence: names.slice(0, mostNamed),
    action: 'takes them off the playlist as soon as three target durations of others are in it (RFC 8216 6.2.2)',
    data: { segments: names.length },
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
