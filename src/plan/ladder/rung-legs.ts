// The outputs of a ladder: one tee whose slaves are both legs of every rung, each taking its own picture and sound. Pure.

import type { StreamConfig } from '../../core/config.ts';
import type { Endpoints } from '../../core/job-plan.ts';
import { flvLeg } from '../outputs/flv-leg.ts';
import { hlsLeg } from '../outputs/hls-leg.ts';
import { teeArgument, type Slave, type SlaveOption } from '../outputs/tee.ts';
import { step, type Step } from '../step.ts';
import type { Tracks } from '../tracks.ts';
import type { Sound } from './rung-audio.ts';
import type { Ladder, PlannedRung } from './rungs.ts';

export function ladderLegWords(input: {
  readonly stream: StreamConfig;
  readonly ladder: Ladder;
  readonly tracks: Tracks;
  readonly sounds: readonly Sound[];
  readonly endpoints: Endpoints;
  readonly startNumbers: ReadonlyMap<string, number>;
  readonly redact: (text: string) => string;
}): Step {
  const { stream, ladder, sounds, endpoints, redact } = input;
  const output = { ...stream.output, segmentSeconds: segmentSeconds(ladder, stream.output.segmentSeconds) };
  const pictures = ladder.rungs.filter(({ picture }) => picture !== undefined);
  const slaves = ladder.rungs.flatMap((rung): readonly Slave[] => {
    const audio = sounds.findIndex(({ rungs }) => rungs.includes(rung.name));
    // The last picture is the smallest one; its key frames are those of all.
    const pace = rung.alternative === undefined ? undefined : pictures.at(-1);
    const shown = pace ?? rung;
    const tracks = tracksOf(shown, sounds[audio]);
    const video = pictures.indexOf(shown);
    const chosen = [...(video < 0 ? [] : [`v:${video}`]), ...(audio < 0 ? [] : [`a:${audio}`])];
    const select = { name: 'select', value: chosen.join(','), why: `the picture and sound of ${rung.name}` };
    return input.tracks.legs.map((leg) => {
      const made =
        leg === 'primary' ? flvLeg(rung.id, tracks, endpoints) : hlsLeg(rung.id, output, endpoints, input.startNumbers.get(rung.id));
      const slave = pace === undefined ? made : { ...made, options: paced(made.options) };
      // Last: tee.c takes its own words out of the list while it walks it, and with this one in front it overlooks the second
      // bit stream filter of a copied rung, which then is an unknown option of the muxer (seen with 5.1).
      return { ...slave, options: [...slave.options, select] };
    });
  });
  const shown = slaves.map((slave) => ({ ...slave, target: redact(slave.target) }));
  return step(['-f', 'tee', teeArgument(slaves)], why(shown), ['-f', 'tee', teeArgument(shown)]);
}

/**
 * Both writers cut sound alone by the second, and the sound that viewers choose must be cut where the pictures are, to the frame. So it
 * has the key frames of a picture beside it, emptied: their parameter sets only, some 80 bytes a segment, which no player shows
 * (measured: the same lengths and time stamps in both, with key frames 3.2 s apart). `dump_extra`: encoders keep them elsewhere.
 * What it adds is what the source says, so a source with lengths instead of start codes (Matroska, MP4) is made Annex B first: else the
 * filter behind it reads the wrong lengths and this leg ends with "Invalid NAL unit size" (seen with 5.1 and 7.1).
 */
function paced(options: readonly SlaveOption[]): readonly SlaveOption[] {
  const before = options.find(({ name }) => name === 'bsfs/v')?.value;
  const filters = [typeof before === 'string' ? before : 'h264_mp4toannexb', 'dump_extra=freq=keyframe', 'filter_units=pass_types=7-8'];
  return [
    ...options.filter(({ name }) => name !== 'bsfs/v'),
    {
      name: 'bsfs/v',
      value: filters.join(','),
      why: 'of the picture only its key frames, emptied: this sound is cut where the pictures are',
    },
  ];
}

/**
 * Exactly from key frame to key frame, so that sound without a picture, which can be cut anywhere, is cut there, too, and does not
 * drift away with the hours. Rounded down: a shade more than the distance would skip every key frame.
 */
function segmentSeconds({ rate, keyFrameEvery }: Ladder, asked: number): number {
  return rate === undefined || keyFrameEvery === undefined ? asked : Math.floor((keyFrameEvery / rate.fps) * 1_000_000 + 0.001) / 1_000_000;
}

function tracksOf({ picture }: PlannedRung, sound: Sound | undefined): Tracks {
  return {
    video:
      picture === undefined
        ? { mode: 'none' }
        : picture.mode === 'copy'
          ? { mode: 'copy', codec: 'h264' }
          : { mode: 'transcode', fps: picture.rate?.fps, why: 'rendition' },
    audio: sound?.track ?? { mode: 'none' },
    legs: [],
    notes: [],
  };
}

/** Every rung has the same words but for the names: the reasons are told for the first one. */
function why(slaves: readonly Slave[]): string {
  const legs = slaves.length > 1 ? 'one set of packets for all rungs, legs that fail and heal apart' : 'one leg, which heals by itself';
  const lines = slaves.map((slave) => slave.target);
  const seen = new Set<string>();
  const words = slaves.flatMap(({ options }) =>
    options.flatMap(({ name, why: reason }) => {
      const line = `  ${name}: ${reason}`;
      if (name === 'select' || seen.has(line)) return [];
      seen.add(line);
      return [line];
    }),
  );
  return [legs, ...lines, '  select: which picture and sound each of them takes', ...words].join('\n');
}
