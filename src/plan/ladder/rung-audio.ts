// The sounds of a ladder: as few encoders as there are different sounds, shared by the rungs. Pure.

import { soundFilters } from '../outputs/audio-words.ts';
import { option, type Step } from '../step.ts';
import type { AudioTrack } from '../tracks.ts';
import type { PlannedRung } from './rungs.ts';

export interface Sound {
  readonly track: AudioTrack;
  readonly bitrateBps: number;
  /** Which sound of the source, from 0. */
  readonly index: number;
  /** Names of the rungs that carry it. */
  readonly rungs: readonly string[];
}

const usualBps = 128_000;

/** In the order of the output streams. */
export function soundsOf(rungs: readonly PlannedRung[], common: AudioTrack, mainIndex: number): readonly Sound[] {
  if (common.mode === 'none') return [];
  const sounds = new Map<string, { track: AudioTrack; bitrateBps: number; index: number; rungs: string[] }>();
  for (const { name, audioBitrateBps, alternative } of rungs) {
    const isOwn = audioBitrateBps !== undefined;
    const track: AudioTrack = alternative?.track ?? (isOwn ? { mode: 'transcode', why: 'its rendition says so' } : common);
    const index = alternative?.sound.index ?? mainIndex;
    const bitrateBps = audioBitrateBps ?? usualBps;
    const key = `${index} ${track.mode === 'copy' ? 'copy' : bitrateBps}`;
    const known = sounds.get(key);
    if (known === undefined) sounds.set(key, { track, bitrateBps, index, rungs: [name] });
    else known.rungs.push(name);
  }
  return [...sounds.values()];
}

export function ladderAudioWords(
  sounds: readonly Sound[],
  hasFlvLeg: boolean,
  filters: ReadonlySet<string>,
  loudnessLufs: number | undefined,
): readonly Step[] {
  return sounds.flatMap(({ track, bitrateBps, rungs }, index) => {
    const own = (word: string): string => `${word}:a:${index}`;
    const who = rungs.join(', ');
    if (track.mode === 'copy') {
      return [
        option(own('c'), 'copy', `${who}: the sound is taken as it is`),
        ...(hasFlvLeg ? [option(own('tag'), 10, 'the FLV number of AAC, needed for the same reason as with video')] : []),
      ];
    }
    return [
      option(own('c'), 'aac', `${who}: AAC, which RTMP and every HLS player take`),
      option(own('b'), bitrateBps, 'bits a second'),
      option(own('ar'), 44_100, 'a rate that FLV carries'),
      option(own('ac'), 2, 'stereo: more channels do not play everywhere'),
      ...soundFilters(filters, loudnessLufs).map(([chain, why]) => option(own('filter'), chain, why)),
      option(own('flags'), '+global_header', 'codec set-up up front, as FLV needs it'),
    ];
  });
}
