// The files of a stream with renditions: one playlist a rung, all out of one decision, and the master playlist above them.

import { channelPlaylistName, type LegName } from '../core/ids.ts';
import { soundNames } from '../core/audio-tracks.ts';
import { rungId, type Rung } from '../core/ladder.ts';
import type { SlateClip } from '../core/slate.ts';
import { fileName, type ChannelEntry, type ChannelState, type LegSegment } from '../playlist/channel/channel-state.ts';
import { createLegReader, type LegReader } from '../playlist/channel/leg-reader.ts';
import { classifyLegFile } from '../playlist/leg-files.ts';
import { parseMediaPlaylist } from '../playlist/media-playlist.ts';
import { joinRungs, type Piece, type RungLegs, type RungSegment } from '../playlist/channel/join-rungs.ts';
import { printRung, restoreRungs } from '../playlist/channel/rung-text.ts';
import { segmentPath, writePlaylist, type ChannelFiles } from './channel-files.ts';
import { createLadderMaster } from './ladder-master.ts';
import { createLadderSubtitles } from './ladder-subtitles.ts';
import { createSoundCheck } from './sound-check.ts';
import type { ChannelSubject, ChannelSurroundings } from './channel-unit.ts';

/** Pieces of entries that left every list; more than any window and what departed from it. */
const mostPieces = 4000;
/** A sound that misses one segment is not worth a word. */
const lostAfter = 3;

export interface LadderFiles extends ChannelFiles {
  /** The rungs as they are now; the first one names the entries. */
  readonly rungs: () => readonly string[];
}

export function createLadderFiles(
  unit: ChannelSubject,
  surroundings: ChannelSurroundings,
  note: (message: string) => void = () => undefined,
): LadderFiles {
  const { endpoints } = surroundings;
  const { files } = surroundings.ports;
  const { hlsDirectory } = endpoints;
  const readers = new Map<string, LegReader>();
  const subtitles = createLadderSubtitles(unit, surroundings, note);
  const master = createLadderMaster(unit, surroundings, subtitles.tracks);
  const isHeard = createSoundCheck(files, (name) => `${hlsDirectory}/${name}`);
  /** Alternative sounds that were offered: who listens to one goes on with the usual sound when the source has lost it. */
  const offered = new Set<string>();
  /** What viewers of those sounds get now is the usual one. */
  let silent: readonly string[] = [];
  /** By the URI of the entry. */
  let pieces = new Map<string, ReadonlyMap<string, Piece>>();

  function rungs(): readonly string[] {
    const planned = unit.plan?.()?.rungs;
    return planned?.map(({ id }) => id) ?? unit.stream().renditions?.map(({ name }) => rungId(unit.id, name)) ?? [];
  }
  const firstId = (): string => rungs()[0] ?? unit.id;
  const others = (): readonly string[] => rungs().slice(1);
  const rungOf = (id: string): Rung | undefined => unit.plan?.()?.rungs?.find((rung) => rung.id === id);
  const isSound = (id: string): boolean => rungOf(id)?.picture === undefined;
  const isAlternative = (id: string): boolean => rungOf(id)?.isAlternative === true;
  /** Offered once, asked for still, and not in the present job. */
  function lost(): readonly string[] {
    if (unit.plan?.()?.rungs === undefined) return [];
    const asked = new Set(soundNames(unit.stream().output.audioTracks).map((name) => rungId(unit.id, name)));
    const made = new Set(rungs());
    return [...offered].filter((id) => asked.has(id) && !made.has(id));
  }
  const pathOf = (id: string): string => `${hlsDirectory}/${id}/${channelPlaylistName}`;

  function readerOf(id: string, leg: LegName): LegReader {
    const key = `${leg} ${id}`;
    const known = readers.get(key) ?? createLegReader({ id, leg, stat: (name) => files.stat(segmentPath(hlsDirectory, id, name)) });
    readers.set(key, known);
    return known;
  }

  async function read(leg: LegName, now: number, wallMs: number): Promise<readonly LegSegment[]> {
    const legs: RungLegs[] = [];
    for (const id of rungs()) {
      const of = async (which: LegName): Promise<readonly RungSegment[]> => {
        const text = unit.legs[which].parts().find((part) => part.id === id)?.view.text;
        const segments = dated(which, text, await readerOf(id, which).read(text, now, wallMs));
        return isAlternative(id) ? Promise.all(segments.map(async (one) => ({ ...one, isEmpty: !(await isHeard(one.uri)) }))) : segments;
      };
      const isWanted = (which: LegName): boolean => which === leg || isSound(id);
      legs.push({
        id,
        isSound: isSound(id),
        isAlternative: isAlternative(id),
        segments: { primary: isWanted('primary') ? await of('primary') : [], backup: isWanted('backup') ? await of('backup') : [] },
      });
    }
    const joined = joinRungs(leg, legs, pieces);
    // What is listed stays as it was: the newest look may see a better piece, viewers have the older one.
    for (const [uri, found] of joined.pieces) if (!pieces.has(uri)) pieces.set(uri, found);
    return joined.segments;
  }

  /** The same place of every rung's slate; the pieces of an entry never change. */
  function pieceOf(entry: ChannelEntry, id: string): Piece | undefined {
    const known = pieces.get(entry.uri)?.get(id);
    if (known !== undefined || entry.from !== 'slate') return known;
    const [name = '', query = ''] = entry.uri.split('?');
    const clip = surroundings.slate(id)?.segments ?? [];
    const at = Number(/-(\d+)\.ts$/.exec(name)?.[1] ?? 0);
    const segment = clip[at % Math.max(1, clip.length)];
    if (segment === undefined) return undefined;
    return keep(entry, id, { uri: `${segment.uri}?${query}`, durationSeconds: segment.durationSeconds });
  }

  function keep(entry: ChannelEntry, id: string, piece: Piece): Piece {
    pieces.set(entry.uri, new Map([...(pieces.get(entry.uri) ?? []), [id, piece]]));
    return piece;
  }

  /** The first rung's segments lie where every rung's do, its slate in its own folder. */
  function standIn(entry: ChannelEntry, id: string): Piece {
    const { uri, durationSeconds } = entry;
    const beside = entry.from === 'slate' ? `../${firstId().slice(unit.id.length + 1)}/${uri}` : uri;
    return pieceOf(entry, id) ?? keep(entry, id, { uri: beside, durationSeconds });
  }

  /** Sounds that had no piece of their own for the newest segments, and those that the present job does not make. */
  function silentSounds({ entries }: ChannelState, unmade: readonly string[]): readonly string[] {
    const newest = entries.filter(({ from }) => from !== 'slate').slice(-lostAfter);
    const isSilent = (id: string): boolean =>
      newest.length === lostAfter && newest.every((entry) => pieces.get(entry.uri)?.get(id)?.uri === entry.uri);
    // Who asked for all that there are misses none that the source no longer has.
    const missed = unit.stream().output.audioTracks === 'all' ? [] : unmade;
    return [...rungs().filter((id) => isAlternative(id) && isSilent(id)), ...missed].map((id) => id.slice(unit.id.length + 1));
  }

  function forget(state: ChannelState): void {
    if (pieces.size <= mostPieces) return;
    const kept = new Set([...state.entries.map(({ uri }) => uri), ...state.departed.map(({ name }) => name)]);
    const recent = [...pieces.keys()].slice(-mostPieces / 4);
    for (const uri of recent) kept.add(uri);
    pieces = new Map([...pieces].filter(([uri]) => kept.has(uri)));
  }

  return {
    rungs,
    entryId: firstId,
    read: (leg, _text, now, wallMs) => read(leg, now, wallMs),
    async restore() {
      const found = await files.stat(pathOf(firstId()));
      const texts = new Map<string, string>();
      for (const id of others()) texts.set(id, (await files.readText(pathOf(id))) ?? '');
      const first = found === undefined ? undefined : await files.readText(pathOf(firstId()));
      const restored = first === undefined ? undefined : restoreRungs(first, texts, isAlternative);
      if (restored !== undefined) pieces = new Map(restored.pieces);
      for (const sound of soundNames(unit.stream().output.audioTracks)) {
        const id = rungId(unit.id, sound);
        if ((await files.stat(pathOf(id))) !== undefined) offered.add(id);
      }
      return { text: restored?.text, writtenMs: found?.mtimeMs ?? 0 };
    },
    async has(uri) {
      const found = pieces.get(uri);
      const names = [[firstId(), uri] as const, ...others().map((id) => [id, found?.get(id)?.uri] as const)];
      for (const [id, name] of names) {
        // A rung that is new has no piece of what was there before it.
        if (name !== undefined && (await files.stat(segmentPath(hlsDirectory, id, fileName(name)))) === undefined) return false;
      }
      return true;
    },
    async isThere() {
      for (const id of [unit.id, ...rungs()]) if ((await files.stat(pathOf(id))) === undefined) return false;
      return subtitles.isThere();
    },
    slate(): SlateClip | undefined {
      const clips = rungs().map((id) => surroundings.slate(id));
      return clips.every((clip) => clip !== undefined) ? clips[0] : undefined;
    },
    async publish(text, state, settings, isAside) {
      await subtitles.publish(state, settings, ({ uri }) => segmentPath(hlsDirectory, firstId(), fileName(uri)));
      for (const id of others())
        await writePlaylist(
          surroundings,
          id,
          printRung(state, settings, (entry) => pieceOf(entry, id)),
        );
      for (const id of rungs()) if (isAlternative(id)) offered.add(id);
      const unmade = lost();
      for (const id of unmade)
        await writePlaylist(
          surroundings,
          id,
          printRung(state, settings, (entry) => standIn(entry, id)),
        );
      // Last: a supervisor that comes after us goes on from this one, and finds its entries in all the others.
      await writePlaylist(surroundings, firstId(), text);
      if (unit.isStandIn !== true) await master.update(state, (entry, id) => (id === firstId() ? entry : pieceOf(entry, id)), isAside);
      silent = silentSounds(state, unmade);
      forget(state);
    },
    viewText: () => master.text(),
    async rest() {
      for (const id of [...rungs(), ...offered]) await files.remove(pathOf(id));
      offered.clear();
      silent = [];
      await subtitles.rest();
    },
    early: () => ({ rungs: rungs().map((id) => ({ id, isSound: isSound(id), ...(isAlternative(id) ? { isAlternative: true } : {}) })) }),
    lostSounds: () => silent,
    namesOf: (name) => [name, ...[...(pieces.get(name)?.values() ?? [])].map(({ uri }) => fileName(uri))],
  };
}

/** nginx names a segment after the moment it was begun; ffmpeg writes the date of its first frame into the list. */
function dated(leg: LegName, text: string | undefined, segments: readonly LegSegment[]): readonly RungSegment[] {
  if (leg === 'primary') {
    return segments.map((segment) => {
      const file = classifyLegFile(segment.uri, new Set());
      return { ...segment, startedAtMs: file?.kind === 'segment' ? file.startedAtMs : undefined };
    });
  }
  const dates = new Map(
    (text === undefined ? [] : (parseMediaPlaylist(text)?.segments ?? [])).map((one) => [one.uri, one.programDateTimeMs]),
  );
  return segments.map((segment) => ({ ...segment, startedAtMs: dates.get(segment.uri) }));
}
