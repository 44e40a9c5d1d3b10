// From a stream and the facts to the complete command of its job: pure, so that it can be explained and tested.

import type { SourceConfig, StreamConfig } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import type { Endpoints, JobPlan } from '../core/job-plan.ts';
import { createRedactor } from '../core/redact.ts';
import { createGate } from './gate.ts';
import { inputWords } from './input-words.ts';
import { parseTestUrl } from './inputs/test-source.ts';
import { chooseAudio } from './audio-choice.ts';
import { deinterlaceFilter } from './outputs/picture-filters.ts';
import { planLadder } from './ladder/ladder-plan.ts';
import { audioWords } from './outputs/audio-words.ts';
import { bridgeWords, type BridgeWords } from './outputs/bridge.ts';
import { legWords } from './outputs/legs.ts';
import { videoWords } from './outputs/video-words.ts';
import { programWords } from './program-words.ts';
import { requireAbilities } from './requirements.ts';
import { commandOf, step, type Step } from './step.ts';
import { decideTracks, type Tracks } from './tracks.ts';

export interface JobPlanInput {
  readonly stream: StreamConfig;
  /** Counts on past the end of the list. */
  readonly sourceIndex: number;
  readonly endpoints: Endpoints;
  readonly ffmpeg: FfmpegFacts;
  /** undefined before the source was ever seen. */
  readonly source: SourceFacts | undefined;
  /** First number of the backup leg; only where it has no playlist to continue (append_list would renumber it). */
  readonly startNumber: number | undefined;
  /** The same for each rung of a ladder, by its id. */
  readonly startNumbers?: ReadonlyMap<string, number>;
  readonly secrets: readonly string[];
  /** The command of a bridge instead: the backup leg under other names, for a while. */
  readonly bridge?: BridgeWords;
}

export function planJob(input: JobPlanInput): JobPlan {
  const { stream, endpoints, ffmpeg } = input;
  const sourceIndex = stream.sources.length === 0 ? 0 : input.sourceIndex % stream.sources.length;
  const source = sourceAt(stream, sourceIndex);
  if (stream.renditions !== undefined && input.bridge !== undefined) throw new Error('a ladder has no bridge');
  if (stream.renditions !== undefined) return planLadder(input, source, sourceIndex);
  const redact = createRedactor(input.secrets);
  const gate = createGate(ffmpeg);
  const chosen = chooseAudio(stream.output, input.source);
  const found = tracksOf(stream, source, chosen.facts);
  const tracks: Tracks = input.bridge === undefined ? found : { ...found, legs: ['backup'] };
  requireAbilities(stream.id, source, tracks, ffmpeg);

  const opening = inputWords({ streamId: stream.id, source, gate, filters: ffmpeg.filters, withAudio: tracks.audio.mode !== 'none' });
  const hasFlvLeg = tracks.legs.includes('primary');
  const steps: readonly Step[] = [
    ...programWords(gate),
    ...opening.steps,
    ...mapWords(tracks, chosen.index),
    ...videoWords(tracks.video, stream.output.segmentSeconds, hasFlvLeg, {
      ...(source.kind === 'test' ? ({ preset: 'ultrafast', threads: 1 } as const) : ({ preset: 'veryfast' } as const)),
      deinterlace: deinterlaceFilter(stream.output.deinterlace, ffmpeg.filters),
    }),
    ...audioWords(tracks.audio, hasFlvLeg, ffmpeg.filters, stream.output.loudnessLufs),
    ...(input.bridge === undefined
      ? [legWords(stream, tracks, endpoints, input.startNumber, redact)]
      : bridgeWords(stream, endpoints, input.bridge)),
  ];
  return {
    streamId: stream.id,
    sourceIndex,
    ...commandOf(steps, redact),
    video: tracks.video.mode,
    audio: tracks.audio.mode,
    legs: tracks.legs,
    notes: [...chosen.notes, ...tracks.notes, ...opening.notes, ...addressNotes(source), ...gate.notes].map(redact),
  };
}

function addressNotes({ resolve }: SourceConfig): readonly string[] {
  return resolve === undefined ? [] : [`the address is asked of ${resolve.display} at the start; a plan made before that has a stand-in`];
}

function sourceAt(stream: StreamConfig, index: number): SourceConfig {
  const source = stream.sources[index];
  if (source === undefined) {
    throw new AppError({ exitCode: ExitCode.configInvalid, code: 'no-source', message: `stream ${stream.id} has no source` });
  }
  return source;
}

/** What the test source makes is raw, so it is always encoded; what is known of it needs no probing. */
function tracksOf(stream: StreamConfig, source: SourceConfig, facts: SourceFacts | undefined): Tracks {
  if (source.kind !== 'test') return decideTracks(stream.output, facts);
  const { fps } = parseTestUrl(source.url);
  return {
    video: { mode: 'transcode', fps, why: 'test picture' },
    audio: stream.output.audio === 'none' ? { mode: 'none' } : { mode: 'transcode', why: 'test tone' },
    legs: ['primary', 'backup'],
    notes: [],
  };
}

function mapWords(tracks: Tracks, audioIndex: number): readonly Step[] {
  return [
    // V: a cover picture in a radio stream is not a video.
    ...(tracks.video.mode === 'none'
      ? []
      : [step(['-map', '0:V:0?'], 'the first video track, if there is one; cover pictures do not count')]),
    ...(tracks.audio.mode === 'none'
      ? []
      : [
          step(
            ['-map', `0:a:${audioIndex}?`],
            `the ${audioIndex === 0 ? 'first audio track' : `audio track number ${audioIndex + 1}`}, if there is one`,
          ),
        ]),
    step(['-dn', '-sn'], 'no data and subtitle tracks: neither leg carries them'),
  ];
}
