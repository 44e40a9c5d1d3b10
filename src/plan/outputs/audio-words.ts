// Arguments for the sound: copied or encoded.

import { option, type Step } from '../step.ts';
import type { AudioTrack } from '../tracks.ts';

export function audioWords(track: AudioTrack, hasFlvLeg: boolean, filters: ReadonlySet<string>): readonly Step[] {
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
    ...(filters.has('aresample')
      ? [option('af', 'aresample=async=1', 'gaps in the source are filled, so that sound and picture stay together')]
      : []),
    option('flags:a', '+global_header', 'codec set-up up front, as FLV needs it'),
  ];
}
