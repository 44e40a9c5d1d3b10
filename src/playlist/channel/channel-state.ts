// What a channel playlist is made of: its entries, its numbers, and which leg it follows. All times `...At` are monotonic milliseconds.

import type { LegName } from '../../core/ids.ts';
import type { SlateClip } from '../../core/slate.ts';
import { printMediaSegment } from '../print-playlist.ts';

export type Feed = LegName | 'slate';

export interface ChannelEntry {
  readonly uri: string;
  readonly durationSeconds: number;
  readonly discontinuity: boolean;
  readonly programDateTimeMs: number;
  readonly from: Feed;
  /** Its lines in the playlist; printed once, for the list is written with every segment. */
  readonly text: string;
}

export function channelEntry(entry: Omit<ChannelEntry, 'text'>): ChannelEntry {
  return { ...entry, text: printMediaSegment({ ...entry, title: '', tags: [] }) };
}

/** A segment that left the playlist and must stay (6.2.2) until this time. */
export interface DepartedSegment {
  readonly name: string;
  readonly untilAt: number;
}

export interface ChannelState {
  readonly entries: readonly ChannelEntry[];
  /** Media sequence of the next entry; only grows. */
  readonly nextSequence: number;
  /** Of the first entry (4.3.3.3); only grows. */
  readonly discontinuitySequence: number;
  /** Only grows: players may rely on it (6.2.1). */
  readonly targetDurationSeconds: number;
  /** An entry was listed before: what comes now is a discontinuity unless it continues the last one. */
  readonly begun: boolean;
  /** The leg that it follows, also while a slate plays. */
  readonly following: LegName | undefined;
  /** Name of the last segment that was taken from each leg. */
  readonly taken: Readonly<Record<LegName, string | undefined>>;
  /** When the content of the newest live entry ended. */
  readonly liveEndAt: number | undefined;
  /** When the newest entry of any kind was added. */
  readonly addedAt: number | undefined;
  /** Since when nothing live is there: the end of the newest live entry, or the order to run. */
  readonly silentSinceAt: number;
  readonly slate: { readonly nextIndex: number; readonly nextAt: number; readonly sinceAt: number } | undefined;
  /** Since when the primary leg moves without a break, while another one is followed. */
  readonly primarySteadySinceAt: number | undefined;
  /** How often the primary leg was left lately; each time it must prove itself for longer. */
  readonly flaps: number;
  /** When the primary leg was taken up last. */
  readonly returnedAt: number | undefined;
  readonly departed: readonly DepartedSegment[];
}

/** A segment that a leg lists and whose file can be played. */
export interface LegSegment {
  readonly uri: string;
  readonly durationSeconds: number;
  readonly discontinuity: boolean;
  /** When its file was finished. */
  readonly endedAt: number;
}

export interface ChannelSettings {
  /** The longer one of both writers' segment lengths. */
  readonly segmentSeconds: number;
  readonly windowSegments: number;
  /** Distance that players are asked to keep from the end; undefined: their own choice. */
  readonly cushionSeconds: number | undefined;
  /** Silence that the user calls normal. */
  readonly stallAfterMs: number | undefined;
  /** A channel that shows nothing yet shows its slate after this; unset: it may take its time. */
  readonly firstWaitMs?: number | undefined;
}

export interface ChannelInput {
  readonly now: number;
  /** Wall clock, for EXT-X-PROGRAM-DATE-TIME only. */
  readonly wallMs: number;
  readonly settings: ChannelSettings;
  readonly legs: Readonly<Record<LegName, readonly LegSegment[]>>;
  readonly slate: SlateClip | undefined;
  /**
   * The job is restarted, and a bridge stands in for the backup leg. `away`: to be followed as soon as it has something new.
   * `back`: the primary leg is taken up again when it moves steadily.
   */
  readonly bridge?: 'away' | 'back';
  /** Listed names whose files are gone. */
  readonly missing: ReadonlySet<string>;
}

export type ChannelEvent =
  | {
      readonly kind: 'leg-switched';
      readonly from: LegName;
      readonly to: LegName;
      readonly cause: 'silent' | 'steady' | 'planned';
      readonly ageMs: number;
    }
  | { readonly kind: 'slate-on'; readonly silentMs: number }
  | { readonly kind: 'slate-off'; readonly leg: LegName; readonly shownMs: number };

export interface ChannelStep {
  readonly state: ChannelState;
  readonly events: readonly ChannelEvent[];
}

export interface ChannelNumbers {
  readonly nextSequence: number;
  readonly discontinuitySequence: number;
  readonly targetDurationSeconds: number;
  readonly begun: boolean;
}

/** A list without entries. What may have been shown before, under other numbers, is not shown again. */
export function emptyChannel(numbers: ChannelNumbers, now: number): ChannelState {
  return {
    ...numbers,
    entries: [],
    following: undefined,
    taken: { primary: undefined, backup: undefined },
    liveEndAt: numbers.begun ? now : undefined,
    addedAt: undefined,
    silentSinceAt: now,
    slate: undefined,
    primarySteadySinceAt: undefined,
    flaps: 0,
    returnedAt: undefined,
    departed: [],
  };
}

export function mediaSequence(state: ChannelState): number {
  return state.nextSequence - state.entries.length;
}

/** Discontinuity sequence that the next entry continues. */
export function lastDiscontinuity(state: ChannelState): number {
  return state.discontinuitySequence + state.entries.filter((entry) => entry.discontinuity).length;
}

/** The file behind an entry: a slate is listed many times, each time under another query. */
export function fileName(uri: string): string {
  return uri.split('?', 1)[0] ?? uri;
}

export function totalSeconds(entries: readonly { readonly durationSeconds: number }[]): number {
  return entries.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
}

/**
 * Names of segments that must stay: what left the playlist lately, and while it is ordered what is listed. On a full disk the
 * playlist in the folder is an old one, and what the next one lists must be there when it can be written again.
 */
export function heldNames(state: ChannelState | undefined, isOrdered: boolean, now: number): readonly string[] {
  if (state === undefined) return [];
  const departed = state.departed.filter(({ untilAt }) => untilAt > now).map(({ name }) => name);
  return isOrdered ? [...departed, ...state.entries.map(({ uri }) => fileName(uri))] : departed;
}
