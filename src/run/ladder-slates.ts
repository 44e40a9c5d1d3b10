// Each rung of a ladder has a slate of its own size: for the slate maker every rung is a stream.

import type { StreamConfig } from '../core/config.ts';
import type { SourceFacts } from '../core/facts.ts';
import { fileIdsOf } from '../core/ladder.ts';
import { chooseAudio } from '../plan/audio-choice.ts';
import { alternativesOf } from '../plan/ladder/alternatives.ts';
import { ladderFacts } from '../plan/ladder/ladder-plan.ts';
import { decideLadder, type PlannedRung } from '../plan/ladder/rungs.ts';
import { decideTracks } from '../plan/tracks.ts';

export interface LadderSlates {
  /** Streams without renditions as they are, and the rungs of the others. */
  readonly streams: () => readonly StreamConfig[];
  readonly facts: (stream: StreamConfig) => SourceFacts | undefined;
  /** The stream that a file is named after, or whose rung it is. */
  readonly ownerOf: (fileId: string) => string;
}

interface RungStream {
  readonly stream: StreamConfig;
  readonly facts: SourceFacts | undefined;
}

export function createLadderSlates(options: {
  readonly streams: () => readonly StreamConfig[];
  readonly facts: (stream: StreamConfig) => SourceFacts | undefined;
}): LadderSlates {
  /** Made again for another definition or other facts only: the maker knows a stream by its identity. */
  const made = new Map<
    string,
    { readonly from: StreamConfig; readonly facts: SourceFacts | undefined; readonly rungs: readonly RungStream[] }
  >();
  let owners: { readonly of: readonly StreamConfig[]; readonly byFile: ReadonlyMap<string, string> } | undefined;

  function rungsOf(stream: StreamConfig): readonly RungStream[] {
    const facts = options.facts(stream);
    const known = made.get(stream.id);
    if (known !== undefined && known.from === stream && known.facts === facts) return known.rungs;
    const rungs = rungStreams(stream, facts);
    made.set(stream.id, { from: stream, facts, rungs });
    return rungs;
  }

  return {
    streams: () =>
      options.streams().flatMap((stream) => (stream.renditions === undefined ? stream : rungsOf(stream).map((rung) => rung.stream))),
    facts(stream) {
      for (const { rungs } of made.values()) {
        const rung = rungs.find((one) => one.stream === stream);
        if (rung !== undefined) return rung.facts;
      }
      return options.facts(stream);
    },
    ownerOf(fileId) {
      const streams = options.streams();
      if (owners?.of !== streams) {
        owners = { of: streams, byFile: new Map(streams.flatMap((stream) => fileIdsOf(stream).map((id) => [id, stream.id] as const))) };
      }
      return owners.byFile.get(fileId) ?? fileId;
    },
  };
}

function rungStreams(stream: StreamConfig, seen: SourceFacts | undefined): readonly RungStream[] {
  const [source] = stream.sources;
  const facts = source === undefined ? seen : ladderFacts(source, seen);
  const chosen = chooseAudio(stream.output, facts);
  const { audio, legs } = decideTracks({ video: 'copy', audio: stream.output.audio }, chosen.facts);
  const { renditions: _, ...plain } = stream;
  const rungs = decideLadder(stream, chosen.facts, audio).rungs.map((rung) => ({
    stream: { ...plain, id: rung.id },
    facts: chosen.facts === undefined ? undefined : factsOf(rung, chosen.facts, audio.mode === 'copy'),
  }));
  const alternatives = alternativesOf(stream, chosen, legs).map((rung) => ({
    stream: { ...plain, id: rung.id },
    facts: factsOf(rung, { audio: rung.alternative.sound.facts }, rung.alternative.track.mode === 'copy'),
  }));
  return [...rungs, ...alternatives];
}

function factsOf({ picture, audioBitrateBps }: PlannedRung, facts: SourceFacts, copiesSound: boolean): SourceFacts {
  const fps = picture?.mode === 'encode' ? (picture.rate?.fps ?? facts.video?.fps) : picture?.fps;
  const video =
    picture === undefined
      ? undefined
      : {
          codec: 'h264',
          ...(picture.width === undefined ? {} : { width: picture.width }),
          ...(picture.height === undefined ? {} : { height: picture.height }),
          ...(fps === undefined ? {} : { fps: Math.round(fps * 1000) / 1000 }),
        };
  const isCopied = copiesSound && audioBitrateBps === undefined;
  const audio = facts.audio === undefined ? undefined : isCopied ? facts.audio : { codec: 'aac', sampleRate: 44_100, channels: 2 };
  return { ...(video === undefined ? {} : { video }), ...(audio === undefined ? {} : { audio }) };
}
