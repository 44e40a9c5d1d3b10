// Remembers what each source carries, and has the job started anew when its command does not fit that.

import type { SourceFacts } from '../core/facts.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { JsonStore } from './stores.ts';

/** A source that keeps changing its mind about codecs must not restart its job for ever. */
const mostReplans = 3;

export interface CodecMemory {
  /** What the present command was made for. */
  readonly planned: () => SourceFacts | undefined;
  /** Looks up the source of the next job. */
  recall(key: string): SourceFacts | undefined;
  /** Takes in what ffmpeg says of the source. */
  learn(key: string, facts: SourceFacts | undefined): void;
  /** The track carries something else than planned; what, the next start tells. False: that was so too often. */
  turn(key: string, track: 'audio' | 'video'): boolean;
  /** A stable run, or an order: changes are counted anew. */
  forgive(): void;
}

export function createCodecMemory(options: {
  readonly facts: JsonStore<SourceFacts>;
  readonly log: LogSink;
  /** The command for these codecs is the one that runs. */
  readonly fits: (facts: SourceFacts) => boolean;
  readonly replan: () => void;
  /** The command follows the size of the picture as well. */
  readonly sizeCounts?: () => boolean;
}): CodecMemory {
  const { log } = options;
  let planned: SourceFacts | undefined;
  let replans = 0;
  return {
    planned: () => planned,
    recall: (key) => (planned = options.facts.get(key)),
    learn(key, facts) {
      if (facts === undefined || isSame(facts, planned, options.sizeCounts?.() ?? false)) {
        // Not worth another command; the slate that is made next should fit.
        const known = options.facts.get(key)?.video;
        const { width, height } = facts?.video ?? {};
        if (facts !== undefined && width !== undefined && (width !== known?.width || height !== known.height))
          options.facts.set(key, facts);
        return;
      }
      planned = facts;
      options.facts.set(key, facts);
      if (options.fits(facts)) return;
      const texts = facts.subtitleTracks === undefined ? '' : `, subtitles ${facts.subtitleTracks.map(({ codec }) => codec).join(' ')}`;
      const named = `video ${facts.video?.codec ?? 'none'}, audio ${facts.audio?.codec ?? 'none'}${texts}`;
      if (replans >= mostReplans) {
        const often = `its command was changed ${replans} times already, so this waits for the next start`;
        log.note('warning', `the source now carries ${named}; ${often}`);
        return;
      }
      replans += 1;
      log.note('info', `the source carries ${named}: starting again with a command for that`);
      options.replan();
    },
    turn(key, track) {
      if (replans >= mostReplans) return false;
      replans += 1;
      const before = planned?.[track];
      // What is copied is encoded from now on, and the other way round: right at once in most cases, and ffmpeg says when it is not.
      // The picture's size stays, which the slate is made in, until ffmpeg says another one.
      if (planned !== undefined && before !== undefined)
        options.facts.set(key, { ...planned, [track]: { ...(track === 'video' ? before : {}), codec: other(track, before.codec) } });
      return true;
    },
    forgive: () => void (replans = 0),
  };
}

function isSame(facts: SourceFacts, planned: SourceFacts | undefined, sizeCounts: boolean): boolean {
  if (facts.video?.codec !== planned?.video?.codec || facts.audio?.codec !== planned?.audio?.codec) return false;
  const counted = (of: SourceFacts | undefined): string => JSON.stringify([of?.video, of?.audioTracks, of?.subtitleTracks]);
  return !sizeCounts || counted(facts) === counted(planned);
}

function other(track: 'audio' | 'video', codec: string): string {
  if (track === 'audio') return codec === 'aac' ? 'mp2' : 'aac';
  return codec === 'h264' ? 'hevc' : 'h264';
}
