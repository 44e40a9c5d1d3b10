// The outputs of a ladder: one tee whose slaves are both legs of every rung, each taking its own picture and sound. Pure.

import type { StreamConfig } from '../../core/config.ts';
import type { Endpoints } from '../../core/job-plan.ts';
import { flvLeg } from '../outputs/flv-leg.ts';
import { hlsLeg } from '../outputs/hls-leg.ts';
import { teeArgument, type Slave } from '../outputs/tee.ts';
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
  let video = 0;
  const slaves = ladder.rungs.flatMap((rung): readonly Slave[] => {
    const audio = sounds.findIndex(({ rungs }) => rungs.includes(rung.name));
    const tracks = tracksOf(rung, sounds[audio]);
    const chosen = [...(rung.picture === undefined ? [] : [`v:${video}`]), ...(audio < 0 ? [] : [`a:${audio}`])];
    if (rung.picture !== undefined) video += 1;
    const select = { name: 'select', value: chosen.join(','), why: `the picture and sound of ${rung.name}` };
    return input.tracks.legs.map((leg) => {
      const slave =
        leg === 'primary' ? flvLeg(rung.id, tracks, endpoints) : hlsLeg(rung.id, output, endpoints, input.startNumbers.get(rung.id));
      // Last: tee.c takes its own words out of the list while it walks it, and with this one in front it overlooks the second
      // bit stream filter of a copied rung, which then is an unknown option of the muxer (seen with 5.1).
      return { ...slave, options: [...slave.options, select] };
    });
  });
  const shown = slaves.map((slave) => ({ ...slave, target: redact(slave.target) }));
  return step(['-f', 'tee', teeArgument(slaves)], why(shown), ['-f', 'tee', teeArgument(shown)]);
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
      if (name === 'select' || seen.has(name)) return [];
      seen.add(name);
      return [`  ${name}: ${reason}`];
    }),
  );
  return [legs, ...lines, '  select: which picture and sound each of them takes', ...words].join('\n');
}
