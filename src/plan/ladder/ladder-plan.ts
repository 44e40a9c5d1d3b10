// The job of a stream with renditions: one ffmpeg, the source decoded once, and one tee that holds both legs of every rung. Pure.

import type { SourceConfig } from '../../core/config.ts';
import type { SourceFacts } from '../../core/facts.ts';
import type { JobPlan } from '../../core/job-plan.ts';
import type { Rung } from '../../core/ladder.ts';
import { createRedactor } from '../../core/redact.ts';
import { createGate } from '../gate.ts';
import { inputWords } from '../input-words.ts';
import { parseTestUrl } from '../inputs/test-source.ts';
import type { JobPlanInput } from '../job-plan.ts';
import { programWords } from '../program-words.ts';
import { requireAbilities } from '../requirements.ts';
import { commandOf, option, step, type Step } from '../step.ts';
import { decideTracks, type AudioTrack, type Tracks } from '../tracks.ts';
import { chooseAudio } from '../audio-choice.ts';
import { chooseSubtitles, subtitleWords, teletextWords, timeWords } from '../subtitles.ts';
import { alternativesOf, offeredSounds, soundNotes } from './alternatives.ts';
import { chooseEncoder, hardwareRecipe } from './encoders.ts';
import { deinterlaceFilter } from '../outputs/picture-filters.ts';
import { decideLadder, type Ladder, type PlannedRung } from './rungs.ts';
import { ladderAudioWords, soundsOf, type Sound } from './rung-audio.ts';
import { ladderLegWords } from './rung-legs.ts';
import { graphWords, ladderVideoWords } from './rung-video.ts';

export function planLadder(input: JobPlanInput, source: SourceConfig, sourceIndex: number): JobPlan {
  const { stream, endpoints, ffmpeg } = input;
  const redact = createRedactor(input.secrets);
  const gate = createGate(ffmpeg);
  const isTest = source.kind === 'test';
  const chosen = chooseAudio(stream.output, ladderFacts(source, input.source));
  const { facts } = chosen;
  const encoder = chooseEncoder(stream.output.encoder, ffmpeg);
  const device = encoder.name === 'x264' ? [] : hardwareRecipe(encoder.name).device;
  const tracks = ladderTracks(input, facts, isTest);
  const pictures = decideLadder(stream, facts, tracks.audio);
  const alternatives = alternativesOf(stream, chosen, tracks.legs);
  const ladder: Ladder = { ...pictures, rungs: [...pictures.rungs, ...alternatives] };
  const sounds = soundsOf(ladder.rungs, tracks.audio, chosen.index);
  const offered = offeredSounds(chosen, tracks.audio, alternatives);
  const subtitles = chooseSubtitles(stream.id, stream.output.subtitles, facts, ffmpeg);
  const needed: Tracks = { ...tracks, video: ladder.rungs.some(isEncoded) ? anyEncoded : { mode: 'none' } };
  requireAbilities(stream.id, source, needed, ffmpeg);

  const opening = inputWords({ streamId: stream.id, source, gate, filters: ffmpeg.filters, withAudio: tracks.audio.mode !== 'none' });
  const hasFlvLeg = tracks.legs.includes('primary');
  const steps: readonly Step[] = [
    ...programWords(gate),
    ...(device.length === 0 ? [] : [step(device, 'where the encoder is')]),
    ...teletextWords(subtitles),
    ...opening.steps,
    ...graphWords(ladder, deinterlaceFilter(stream.output.deinterlace ?? 'auto', ffmpeg.filters), encoder.name),
    ...mapWords(ladder, sounds),
    ...ladderVideoWords(ladder, hasFlvLeg, { isTest, encoder: encoder.name }),
    ...ladderAudioWords(sounds, hasFlvLeg, ffmpeg.filters, stream.output.loudnessLufs),
    ...timeWords(subtitles.tracks),
    ...(alternatives.length === 0
      ? []
      : [option('max_interleave_delta', loneSoundUs, 'a sound that stops keeps the others waiting for two seconds, not for ten')]),
    ladderLegWords({ stream, ladder, tracks, sounds, endpoints, startNumbers: input.startNumbers ?? new Map(), redact }),
    ...subtitleWords(subtitles.tracks),
  ];
  return {
    streamId: stream.id,
    sourceIndex,
    ...commandOf(steps, redact),
    video: ladder.rungs.some(isEncoded) ? 'transcode' : ladder.hasCopy ? 'copy' : 'none',
    audio: sounds.some(({ track }) => track.mode === 'transcode') ? 'transcode' : tracks.audio.mode,
    legs: tracks.legs,
    rungs: ladder.rungs.map((rung) => made(rung, tracks.audio)),
    ...(offered === undefined ? {} : { sounds: offered }),
    ...(subtitles.tracks.length === 0 ? {} : { subtitles: subtitles.tracks }),
    notes: [
      ...chosen.notes,
      ...soundNotes(offered, alternatives),
      ...encoder.notes,
      ...ladder.notes,
      ...tracks.notes,
      ...subtitles.notes,
      ...opening.notes,
      ...gate.notes,
    ].map(redact),
  };
}

/** Microseconds. Broadcasters send pictures up to a second before their sound. */
const loneSoundUs = 2_000_000;

const anyEncoded = { mode: 'transcode', fps: undefined, why: 'renditions' } as const;

function isEncoded({ picture }: PlannedRung): boolean {
  return picture?.mode === 'encode';
}

/** What the test source makes needs no look at it. */
export function ladderFacts(source: SourceConfig, known: SourceFacts | undefined): SourceFacts | undefined {
  if (source.kind !== 'test') return known;
  const { width, height, fps } = parseTestUrl(source.url);
  return { video: { codec: 'rawvideo', width, height, fps }, audio: { codec: 'pcm_s16le', sampleRate: 44_100, channels: 1 } };
}

/** Only the sound is decided here as for any stream; each rung decides its own picture. */
function ladderTracks({ stream }: JobPlanInput, facts: SourceFacts | undefined, isTest: boolean): Tracks {
  const { audio: wish } = stream.output;
  const known = facts === undefined ? undefined : { ...facts, video: { codec: 'h264' } };
  const { audio, legs, notes } = decideTracks(
    { ...stream.output, video: 'copy', audio: isTest && wish !== 'none' ? 'transcode' : wish },
    known,
  );
  return { video: { mode: 'none' }, audio, legs, notes: isTest ? [] : notes };
}

function mapWords({ rungs }: Ladder, sounds: readonly Sound[]): readonly Step[] {
  let graph = 0;
  const videos = rungs.flatMap(({ name, picture }) => {
    if (picture === undefined) return [];
    if (picture.mode === 'copy') return [step(['-map', '0:V:0'], `${name}: the first video track as it comes`)];
    graph += 1;
    return [step(['-map', `[v${graph - 1}]`], `${name}: its picture out of the graph`)];
  });
  const audios = sounds.map(({ index }) => step(['-map', `0:a:${index}?`], `audio track ${index + 1}, if there is one`));
  return [...videos, ...audios, step(['-dn', '-sn'], 'no data and subtitle tracks: neither leg carries them')];
}

function made(rung: PlannedRung, audio: AudioTrack): Rung {
  const { name, id, picture } = rung;
  const audioBps = audio.mode === 'none' ? 0 : (rung.audioBitrateBps ?? 160_000);
  const base = { name, id, hasSound: audio.mode !== 'none', ...(rung.alternative === undefined ? {} : ({ isAlternative: true } as const)) };
  if (picture === undefined) return { ...base, picture: undefined, peakBps: audioBps };
  if (picture.mode === 'copy') return { ...base, picture, peakBps: undefined };
  const { width, height, fps, wish } = picture;
  return {
    ...base,
    picture: { mode: 'encode', width, height, fps },
    peakBps: peakOf(wish) + audioBps,
  };
}

function peakOf({ bitrateBps, maxrateBps }: { readonly bitrateBps: number; readonly maxrateBps?: number }): number {
  return maxrateBps ?? Math.round(1.2 * bitrateBps);
}
