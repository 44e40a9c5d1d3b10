// A rung's playlist out of the one decision for all rungs: the same numbers, dates and joints, its own segments. And back. Pure.

import type { ChannelEntry, ChannelSettings, ChannelState } from './channel-state.ts';
import { channelEntry } from './channel-state.ts';
import { printChannel } from './channel-text.ts';
import { listedSeconds } from './target-duration.ts';
import { parseMediaPlaylist, type MediaPlaylist } from '../media-playlist.ts';
import { printMediaPlaylist } from '../print-playlist.ts';
import type { Piece } from './join-rungs.ts';

/** `pieceOf`: what the rung lists for an entry of the first rung; a rung that is new has none for those that were there before it. */
export function printRung(state: ChannelState, settings: ChannelSettings, pieceOf: (entry: ChannelEntry) => Piece | undefined): string {
  const from = state.entries.findLastIndex((entry) => pieceOf(entry) === undefined) + 1;
  const entries = state.entries.slice(from).flatMap((entry) => {
    const piece = pieceOf(entry);
    if (piece === undefined) return [];
    return [channelEntry({ ...entry, uri: piece.uri, durationSeconds: listedSeconds(piece.durationSeconds, state.targetDurationSeconds) })];
  });
  const joints = state.entries.slice(0, from).filter(({ discontinuity }) => discontinuity).length;
  return printChannel({ ...state, entries, discontinuitySequence: state.discontinuitySequence + joints }, settings);
}

export interface RestoredRungs {
  /** The first rung's playlist, with the entries only that every rung has. */
  readonly text: string;
  /** By its URI: the pieces of the others, by their ids. */
  readonly pieces: ReadonlyMap<string, ReadonlyMap<string, Piece>>;
}

/**
 * What an earlier supervisor left; undefined when the rungs do not fit together. The first rung is always written last. `isOptional`:
 * such a rung may lack anything.
 */
export function restoreRungs(
  first: string,
  others: ReadonlyMap<string, string>,
  isOptional: (id: string) => boolean = () => false,
): RestoredRungs | undefined {
  const parsed = parseMediaPlaylist(first);
  if (parsed === undefined || parsed.segments.length === 0) return undefined;
  const rungs: (readonly [string, MediaPlaylist])[] = [];
  for (const [id, text] of others) {
    const rung = parseMediaPlaylist(text);
    if (rung !== undefined) rungs.push([id, rung]);
    else if (!isOptional(id)) return undefined;
  }
  const needed = rungs.filter(([id]) => !isOptional(id)).length;
  const pieces = new Map<string, ReadonlyMap<string, Piece>>();
  let dropped = 0;
  for (const [index, { uri }] of parsed.segments.entries()) {
    const found = rungs.flatMap(([id, rung]) => {
      const piece = rung.segments[parsed.mediaSequence + index - rung.mediaSequence];
      return piece === undefined ? [] : [[id, { uri: piece.uri, durationSeconds: piece.durationSeconds }] as const];
    });
    if (found.filter(([id]) => !isOptional(id)).length === needed) pieces.set(uri, new Map(found));
    // The others were trimmed already when we died; a hole later on has no such reason.
    else if (pieces.size === 0) dropped += 1;
    else return undefined;
  }
  if (pieces.size === 0) return undefined;
  return { text: dropped === 0 ? first : printMediaPlaylist(without(parsed, dropped)), pieces };
}

function without(playlist: MediaPlaylist, count: number): MediaPlaylist {
  return {
    ...playlist,
    segments: playlist.segments.slice(count),
    mediaSequence: playlist.mediaSequence + count,
    discontinuitySequence:
      playlist.discontinuitySequence + playlist.segments.slice(0, count).filter((segment) => segment.discontinuity).length,
  };
}
