// The words that every job begins with, whatever it makes.

import type { Gate } from './gate.ts';
import { option, step, type Step } from './step.ts';

export function programWords(gate: Gate): readonly Step[] {
  return [
    step(['-hide_banner', '-nostdin', '-nostats'], 'no banner, no keyboard, no screen: a service'),
    // The leading + keeps ffmpeg's own folding of repeated lines, which bounds most floods; `level+info` would switch it off.
    option('loglevel', '+level+info', 'each line with its level; reconnects of the RTMP leg are told at info only'),
    option('progress', 'pipe:3', 'frames, time and speed as key=value lines, on a descriptor of its own'),
    // Not 2: ffmpeg 7 looks for signals once per period, and the second TERM, 2 s later, would cut an orderly end short.
    ...gate.usual(
      'ffmpeg',
      'stats_period',
      1,
      'a progress block a second; ffmpeg 7 also needs up to this long to notice that it should stop',
    ),
  ];
}
