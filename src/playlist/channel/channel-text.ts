// The channel playlist as text, and back: the file itself is what a new supervisor continues from.

import { isStreamId, type LegName } from '../../core/ids.ts';
import { classifyLegFile } from '../leg-files.ts';
import { parseMediaPlaylist } from '../media-playlist.ts';
import { printMediaPlaylist } from '../print-playlist.ts';
import {
  channelEntry,
  emptyChannel,
  fileName,
  mediaSequence,
  type ChannelEntry,
  type ChannelSettings,
  type ChannelState,
  type Feed,
} from './channel-state.ts';
import { holdBackSeconds } from './window.ts';

export function printChannel(state: ChannelState, settings: ChannelSettings): string {
  const holdBack = holdBackSeconds(state, settings);
  const head = printMediaPlaylist({
    // Decimal EXTINF needs 3 (section 7); nothing else here needs more.
    version: 3,
    targetDurationSeconds: state.targetDurationSeconds,
    mediaSequence: mediaSequence(state),
    // Said in any case: a player that sees the tag come up later may take the numbers before it for other ones.
    discontinuitySequence: 0,
    tags: [
      `#EXT-X-DISCONTINUITY-SEQUENCE:${state.discontinuitySequence}`,
      '#EXT-X-INDEPENDENT-SEGMENTS',
      ...(holdBack === undefined ? [] : [`#EXT-X-SERVER-CONTROL:HOLD-BACK=${holdBack.toFixed(3)}`]),
    ],
    segments: [],
    ended: false,
  });
  return head + state.entries.map(({ text }) => `${text}\n`).join('');
}

/** Numbers that may have been used already; kept in the state folder with room ahead, so that it is rarely written. */
export interface ChannelReserve {
  /** Every media sequence ever used is below it. */
  readonly mediaSequence: number;
  /** Every discontinuity sequence ever used is at most it. */
  readonly discontinuitySequence: number;
  readonly targetDurationSeconds: number;
  /** The configured length for which the target duration holds. */
  readonly segmentSeconds: number;
  readonly early?: EarlyView;
}

/** What a new supervisor must know to go on with a channel before it has read the list. */
export interface EarlyView extends ChannelSettings {
  readonly hlsDirectory: string;
  /** Of a stream with renditions, best first. */
  readonly rungs?: readonly { readonly id: string; readonly isSound: boolean; readonly isAlternative?: boolean }[];
  /** The boot in which the playlist was written. */
  readonly bootId?: string;
}

export interface RestoreInput {
  readonly id: string;
  /** Text of the playlist that is there; undefined when there is none, or when its newest segment is gone. */
  readonly text: string | undefined;
  /** When that text was written, wall clock. */
  readonly writtenMs: number;
  readonly reserve: ChannelReserve | undefined;
  readonly settings: ChannelSettings;
  readonly now: number;
  readonly wallMs: number;
  /** The boot it is now; unset or empty: not known. */
  readonly bootId?: string;
}

/** Room ahead of the numbers in use: about half an hour of two-second segments. */
export const sequenceRoom = 1000;
export const discontinuityRoom = 100;

export function restoreChannel(input: RestoreInput): ChannelState {
  const { reserve, settings, now } = input;
  const found = input.text === undefined || isOfAnotherBoot(input) ? undefined : readChannel(input.text, input.id);
  const least = Math.max(1, Math.ceil(settings.segmentSeconds));
  if (found === undefined || (reserve !== undefined && found.nextSequence < reserve.mediaSequence - sequenceRoom)) {
    // The clock alone gives a number above every earlier one when all else is lost.
    const byClock = Math.floor(input.wallMs / 1000 / Math.max(1, settings.segmentSeconds));
    return emptyChannel(
      {
        nextSequence: reserve === undefined ? byClock : Math.max(reserve.mediaSequence, byClock),
        discontinuitySequence: reserve?.discontinuitySequence ?? 0,
        targetDurationSeconds: reserve?.segmentSeconds === settings.segmentSeconds ? Math.max(least, reserve.targetDurationSeconds) : least,
        begun: reserve !== undefined,
      },
      now,
    );
  }
  const { entries } = found;
  const lastOf = (feed: Feed): ChannelEntry | undefined => entries.findLast(({ from }) => from === feed);
  const live = entries.findLast(({ from }) => from !== 'slate');
  const liveEndMs = live === undefined ? input.writtenMs : live.programDateTimeMs + 1000 * live.durationSeconds;
  const liveEndAt = now - Math.max(0, input.wallMs - liveEndMs);
  return {
    ...emptyChannel({ ...found, targetDurationSeconds: Math.max(least, found.targetDurationSeconds), begun: true }, now),
    entries,
    following: live?.from === 'backup' ? 'backup' : 'primary',
    taken: { primary: lastOf('primary')?.uri, backup: lastOf('backup')?.uri },
    liveEndAt,
    addedAt: now - Math.max(0, input.wallMs - input.writtenMs),
    silentSinceAt: liveEndAt,
    slate: entries.at(-1)?.from === 'slate' ? { nextIndex: 0, nextAt: now, sinceAt: now } : undefined,
  };
}

/**
 * What a power cut leaves on a disk may be the playlist of some seconds ago, whose numbers were used since for something else, and
 * segments whose data never arrived: nobody syncs them. What a playlist of a boot ago lists is of no use to anybody anyway.
 */
function isOfAnotherBoot({ reserve, bootId = '' }: RestoreInput): boolean {
  const before = reserve?.early?.bootId;
  return before !== undefined && bootId !== '' && before !== bootId;
}

/** undefined for anything that we did not write ourselves. */
function readChannel(
  text: string,
  id: string,
): Pick<ChannelState, 'entries' | 'nextSequence' | 'discontinuitySequence' | 'targetDurationSeconds'> | undefined {
  const parsed = parseMediaPlaylist(text);
  if (parsed === undefined || parsed.ended || !text.endsWith('\n')) return undefined;
  const entries: ChannelEntry[] = [];
  for (const { uri, durationSeconds, discontinuity, programDateTimeMs } of parsed.segments) {
    const from = feedOf(uri, id);
    if (from === undefined || durationSeconds <= 0 || programDateTimeMs === undefined) return undefined;
    entries.push(channelEntry({ uri, durationSeconds, discontinuity, programDateTimeMs, from }));
  }
  if (entries.length === 0) return undefined;
  const { mediaSequence: first, discontinuitySequence, targetDurationSeconds } = parsed;
  return { entries, nextSequence: first + entries.length, discontinuitySequence, targetDurationSeconds };
}

const slateName = /^slate-[A-Za-z0-9_.-]+\.ts$/;

/** Whose segment an entry is, by its name; undefined: nobody's. */
export function feedOf(uri: string, id: string): Feed | undefined {
  const name = fileName(uri);
  if (slateName.test(name)) return 'slate';
  return legOf(name, id);
}

export function legOf(name: string, id: string): LegName | undefined {
  const file = classifyLegFile(name, new Set([id]));
  return file?.kind === 'segment' && file.id === id && isStreamId(id) ? file.leg : undefined;
}

/** What to keep in the state folder for these numbers; the same object as before while there is room enough. */
export function reserveFor(
  state: ChannelState,
  lastDiscontinuity: number,
  segmentSeconds: number,
  before: ChannelReserve | undefined,
): ChannelReserve {
  const enough =
    before !== undefined &&
    before.mediaSequence - state.nextSequence > sequenceRoom / 2 &&
    before.discontinuitySequence - lastDiscontinuity > discontinuityRoom / 2 &&
    before.targetDurationSeconds === state.targetDurationSeconds &&
    before.segmentSeconds === segmentSeconds;
  if (enough) return before;
  return {
    mediaSequence: state.nextSequence + sequenceRoom,
    discontinuitySequence: lastDiscontinuity + discontinuityRoom,
    targetDurationSeconds: state.targetDurationSeconds,
    segmentSeconds,
  };
}

/** The same object when it says this already. */
export function withEarlyView(reserve: ChannelReserve, before: ChannelReserve | undefined, view: EarlyView): ChannelReserve {
  const { early } = before ?? {};
  const keys = ['hlsDirectory', 'segmentSeconds', 'windowSegments', 'cushionSeconds', 'stallAfterMs', 'bootId'] as const;
  const isSame =
    early !== undefined && keys.every((key) => early[key] === view[key]) && JSON.stringify(early.rungs) === JSON.stringify(view.rungs);
  if (isSame && reserve === before) return reserve;
  return { ...reserve, early: view };
}
