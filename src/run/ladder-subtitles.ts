// Subtitles of a channel as files: a playlist a track that mirrors the channel's, and a WebVTT segment for each of its entries.

import { channelPlaylistName } from '../core/ids.ts';
import type { SubtitleTrack } from '../core/subtitles.ts';
import { jobTimeStartsAtSeconds } from '../plan/subtitles.ts';
import { mediaSequence, type ChannelEntry, type ChannelSettings, type ChannelState } from '../playlist/channel/channel-state.ts';
import { printRung } from '../playlist/channel/rung-text.ts';
import { cuesFor, spanOf } from '../playlist/subtitles/segment-span.ts';
import { emptyVtt, printVtt } from '../playlist/subtitles/web-vtt.ts';
import { firstTicks } from '../playlist/validate/transport-stream.ts';
import { writePlaylist } from './channel-files.ts';
import type { ChannelSubject, ChannelSurroundings } from './channel-unit.ts';

export interface LadderSubtitles {
  /** What is offered. A track that the present source lacks goes on without a word, for players have its playlist open. */
  readonly tracks: () => readonly SubtitleTrack[];
  /** Before the pictures' playlists; `fileOf`: path of the segment behind an entry. Never throws. */
  publish(state: ChannelState, settings: ChannelSettings, fileOf: (entry: ChannelEntry) => string): Promise<void>;
  isThere(): Promise<boolean>;
  rest(): Promise<void>;
}

/** PAT, PMT and the first picture's header stand at the beginning. */
const headBytes = 64 * 1024;
/** Somebody may have deleted a file that is still listed. */
const checkEveryMs = 10_000;

export function createLadderSubtitles(
  unit: ChannelSubject,
  surroundings: ChannelSurroundings,
  note: (message: string) => void,
): LadderSubtitles {
  const { files, clock } = surroundings.ports;
  const { hlsDirectory } = surroundings.endpoints;
  const known = new Map<string, SubtitleTrack>();
  /** What stands in each listed file, by its name. */
  let texts = new Map<string, string>();
  let checkedAt = -Infinity;

  function tracks(): readonly SubtitleTrack[] {
    if (unit.stream().output.subtitles === undefined) known.clear();
    for (const track of unit.plan?.()?.subtitles ?? []) known.set(track.id, track);
    return [...known.values()];
  }

  const pathOf = (name: string): string => `${hlsDirectory}/${name}`;

  /** All tracks of one entry: its span in the job's time is found once. */
  async function write(entry: ChannelEntry, sequence: number, path: string, wanted: readonly SubtitleTrack[]): Promise<void> {
    const span = entry.from === 'slate' ? undefined : await spanOfFile(entry, path);
    for (const { id, descriptor } of wanted) {
      const name = nameOf(id, sequence);
      const cues = span === undefined ? [] : cuesFor(span.span, span.run.cues(descriptor - 4), (cue) => span.run.told.has(cue));
      const text = texts.get(name) ?? (span === undefined ? emptyVtt : printVtt(span.span.map, cues, span.run.key));
      await files.replace(pathOf(name), text);
      texts.set(name, text);
      for (const cue of cues) span?.run.told.add(cue);
    }
  }

  async function spanOfFile(entry: ChannelEntry, path: string) {
    if (entry.from === 'slate') return undefined;
    const finishedAtMs = (await files.stat(path))?.mtimeMs;
    const run = finishedAtMs === undefined ? undefined : unit.output?.cues?.runOf(finishedAtMs);
    const ticks = run === undefined ? undefined : firstTicks(await files.readFrom(path, 0, headBytes));
    if (finishedAtMs === undefined || run === undefined || ticks === undefined) return undefined;
    const nearMs = 1000 * jobTimeStartsAtSeconds + finishedAtMs - run.startedAtMs;
    return { run, span: spanOf(entry.from, ticks, entry.durationSeconds, nearMs) };
  }

  async function publish(state: ChannelState, settings: ChannelSettings, fileOf: (entry: ChannelEntry) => string): Promise<void> {
    const offered = tracks();
    if (offered.length === 0) return;
    await unit.output?.cues?.read(offered.length);
    const isCheck = clock.monotonic() - checkedAt >= checkEveryMs;
    if (isCheck) checkedAt = clock.monotonic();
    const first = mediaSequence(state);
    for (const [index, entry] of state.entries.entries()) {
      const missing: SubtitleTrack[] = [];
      for (const track of offered) if (!(await isWritten(nameOf(track.id, first + index), isCheck))) missing.push(track);
      if (missing.length > 0) await write(entry, first + index, fileOf(entry), missing);
    }
    const place = new Map(state.entries.map((entry, index) => [entry, first + index]));
    for (const { id } of offered) {
      const piece = (entry: ChannelEntry) => ({ uri: nameOf(id, place.get(entry) ?? 0), durationSeconds: entry.durationSeconds });
      await writePlaylist(surroundings, id, printRung(state, settings, piece));
    }
    const listed = new Set(offered.flatMap(({ id }) => state.entries.map((_, index) => nameOf(id, first + index))));
    texts = new Map([...texts].filter(([name]) => listed.has(name)));
  }

  /** An earlier supervisor wrote those that are there. */
  async function isWritten(name: string, isCheck: boolean): Promise<boolean> {
    if (texts.has(name) && !isCheck) return true;
    if ((await files.stat(pathOf(name))) === undefined) return false;
    if (!texts.has(name)) texts.set(name, (await files.readText(pathOf(name))) ?? emptyVtt);
    return true;
  }

  return {
    tracks,
    async publish(state, settings, fileOf) {
      if (unit.isStandIn === true) return;
      try {
        await publish(state, settings, fileOf);
      } catch (error) {
        // The pictures go on; what is missing is tried again with the next segment.
        checkedAt = -Infinity;
        note(`cannot write subtitles: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    async isThere() {
      for (const { id } of tracks()) if ((await files.stat(`${hlsDirectory}/${id}/${channelPlaylistName}`)) === undefined) return false;
      return true;
    },
    async rest() {
      for (const { id } of tracks()) await files.remove(`${hlsDirectory}/${id}/${channelPlaylistName}`);
    },
  };
}

/** By the media sequence, which never comes twice. */
function nameOf(id: string, sequence: number): string {
  return `${id}_${sequence}.vtt`;
}
