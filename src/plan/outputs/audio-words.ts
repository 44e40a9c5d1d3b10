// Arguments for the sound: copied or encoded.

import { loudnessFilter } from './picture-filters.ts';
import { option, type Step } from '../step.ts';
import type { AudioTrack } from '../tracks.ts';

export function audioWords(track: AudioTrack, hasFlvLeg: boolean, filters: ReadonlySet<string>, loudnessLufs?: number): readonly Step[] {
  if (track.mode === 'none') return [];
  if (track.mode === 'copy') {
    return [
      option('c:a', 'copy', 'the sound is taken as it is'),
      ...(hasFlvLeg ? [option('tag:a', 10, 'the FLV number of AAC, needed for the same reason as with video')] : []),
    ];
  }
  return [
    option('c:a', 'aac', 'AAC, which RTMP and every HLS player take'),
    option('b:a', '128k', 'enough for stereo'),
    option('ar', 44_100, 'a rate that FLV carries'),
    option('ac', 2, 'stereo: more channels do not play everywhere'),
    ...soundFilters(filters, loudnessLufs).map(([chain, why]) => option('af', chain, why)),
    option('flags:a', '+global_header', 'codec set-up up front, as FLV needs it'),
  ];
}

/** At most one chain, with its reason. */
export function soundFilters(
  filters: ReadonlySet<string>,
  loudnessLufs: number | undefined,
): readonly (readonly [chain: string, why: string])[] {
  const loudness = loudnessFilter(loudnessLufs);
  const chain = [...(filters.has('aresample') ? ['aresample=async=1'] : []), ...(loudness === undefined ? [] : [loudness])].join(',');
  if (chain === '') return [];
  const why = 'gaps in the source are filled, so that sound and picture stay together';
  return [[chain, loudness === undefined ? why : `${why}; the loudness of EBU R128 is brought to ${loudnessLufs} LUFS`]];
}
