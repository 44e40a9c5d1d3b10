// Writes the master playlist of one stream: measured figures, codecs read from the segments, and a new text only when it must be.

import { channelPlaylistName } from '../core/ids.ts';
import type { Rung } from '../core/ladder.ts';
import type { SubtitleTrack } from '../core/subtitles.ts';
import { fileName, type ChannelEntry, type ChannelState } from '../playlist/channel/channel-state.ts';
import { announce, measure, nothingMeasured, type Bandwidth, type Measured } from '../playlist/master/bandwidth.ts';
import { codecsOf } from '../playlist/validate/segment-codecs.ts';
import type { Piece } from '../playlist/channel/join-rungs.ts';
import { printMaster, type Variant } from '../playlist/master/master-text.ts';
import { segmentPath, writePlaylist } from './channel-files.ts';
import { audioGroup, offeredRenditions } from './offered-sounds.ts';
import { subtitleRenditions } from './offered-subtitles.ts';
import type { ChannelSubject, ChannelSurroundings } from './channel-unit.ts';

export interface LadderMaster {
  /** After the rungs' playlists were written. `isAside`: the text is made and not written. */
  update(state: ChannelState, pieceOf: (entry: ChannelEntry, id: string) => Piece | undefined, isAside: boolean): Promise<void>;
  /** undefined before it was made. */
  readonly text: () => string | undefined;
}

interface Known {
  measured: Measured;
  bandwidth: Bandwidth | undefined;
  codecs: string | undefined;
}

/** A parameter set and the first sound stand at the beginning of a segment; a key frame of a rich channel is in between. */
const headBytes = 512 * 1024;
/** nginx's cleaner removes playlists that were not written for ten minutes or longer. */
const rewriteAfterMs = 60_000;

export function createLadderMaster(
  unit: ChannelSubject,
  surroundings: ChannelSurroundings,
  subtitles: () => readonly SubtitleTrack[],
): LadderMaster {
  const { files, clock } = surroundings.ports;
  const { hlsDirectory } = surroundings.endpoints;
  const known = new Map<string, Known>();
  let plan: unknown;
  let counted = 0;
  let made: string | undefined;
  let written = { text: '', at: -Infinity };

  async function look(rung: Rung, uri: string, durationSeconds: number): Promise<void> {
    const of = known.get(rung.id) ?? { measured: nothingMeasured, bandwidth: undefined, codecs: undefined };
    known.set(rung.id, of);
    const path = segmentPath(hlsDirectory, rung.id, fileName(uri));
    const bytes = (await files.stat(path))?.size ?? 0;
    if (bytes === 0) return;
    of.measured = measure(of.measured, { bytes, durationSeconds });
    of.bandwidth = announce(of.measured, of.bandwidth);
    of.codecs ??= codecsOf(await files.readFrom(path, 0, headBytes));
  }

  return {
    text: () => made,
    async update(state, pieceOf, isAside) {
      const current = unit.plan?.();
      const rungs = current?.rungs ?? [];
      if (current !== plan) {
        plan = current;
        // Another job may encode otherwise; what a copied rung needs stays known until it is told otherwise.
        for (const of of known.values()) of.codecs = undefined;
      }
      const fresh = state.entries.slice(Math.max(0, state.entries.length - Math.max(0, state.nextSequence - counted)));
      counted = state.nextSequence;
      for (const entry of fresh) {
        if (entry.from === 'slate') continue;
        for (const rung of rungs) {
          const piece = pieceOf(entry, rung.id);
          if (piece !== undefined) await look(rung, piece.uri, piece.durationSeconds);
        }
      }
      const texts = subtitleRenditions(subtitles());
      const sounds = current?.sounds ?? [];
      const alternatives = rungs.filter(({ isAlternative }) => isAlternative === true);
      const bandwidthOf = (rung: Rung): Bandwidth => known.get(rung.id)?.bandwidth ?? guessed(rung);
      const others = { bandwidth: widest(alternatives.map(bandwidthOf)), codecs: alternatives.map(({ id }) => known.get(id)?.codecs) };
      const variants = rungs.flatMap((rung): readonly Variant[] => {
        if (rung.isAlternative === true) return [];
        const { width, height, fps, shown } = rung.picture ?? { width: undefined, height: undefined, fps: undefined };
        return [
          {
            uri: `${rung.name}/${channelPlaylistName}`,
            bandwidth: together(bandwidthOf(rung), others.bandwidth),
            codecs: allCodecs(known.get(rung.id)?.codecs, others.codecs),
            ...{ width, height, fps, ...shown },
            audioGroup: sounds.length === 0 ? undefined : audioGroup,
            subtitlesGroup: texts[0]?.groupId,
          },
        ];
      });
      if (variants.length === 0) return;
      const text = printMaster(variants, [...offeredRenditions(sounds), ...texts]);
      made = text;
      if (isAside) return;
      const isThere = (await files.stat(`${hlsDirectory}/${unit.id}/${channelPlaylistName}`)) !== undefined;
      if (isThere && text === written.text && clock.monotonic() - written.at < rewriteAfterMs) return;
      await writePlaylist(surroundings, unit.id, text);
      written = { text, at: clock.monotonic() };
    },
  };
}

/** RFC 8216 4.3.4.2: of a variant with renditions the largest sum; the pictures are loaded with every sound. */
function together({ peakBps, averageBps }: Bandwidth, sound: Bandwidth): Bandwidth {
  return { peakBps: peakBps + sound.peakBps, averageBps: averageBps + sound.averageBps };
}

function widest(sounds: readonly Bandwidth[]): Bandwidth {
  return {
    peakBps: Math.max(0, ...sounds.map(({ peakBps }) => peakBps)),
    averageBps: Math.max(0, ...sounds.map(({ averageBps }) => averageBps)),
  };
}

/** Every format of the variant and of the sounds beside it, once; an emptied picture beside a sound says nothing. */
function allCodecs(own: string | undefined, others: readonly (string | undefined)[]): string | undefined {
  if (own === undefined) return undefined;
  const sounds = others.flatMap((codecs) => codecs?.split(',') ?? []).filter((codec) => !codec.startsWith('avc1'));
  return [...new Set([...own.split(','), ...sounds])].join(',');
}

/** Before the first segment: a slate plays, or nothing yet. */
function guessed({ peakBps }: Rung): Bandwidth {
  const peak = peakBps ?? 5_000_000;
  return { peakBps: peak, averageBps: Math.round(peak / 1.2) };
}
