// Arguments for the picture: copied or encoded.

import { option, step, type Step } from '../step.ts';
import type { VideoTrack } from '../tracks.ts';

export interface EncodingStyle {
  readonly preset: 'veryfast' | 'ultrafast';
  readonly threads?: number;
  readonly deinterlace?: string | undefined;
}

export function videoWords(track: VideoTrack, segmentSeconds: number, hasFlvLeg: boolean, style: EncodingStyle): readonly Step[] {
  if (track.mode === 'none') return [];
  if (track.mode === 'copy') {
    return [
      option('c:v', 'copy', 'the picture is taken as it is: no quality lost, almost no CPU'),
      ...(hasFlvLeg
        ? [
            option(
              'tag:v',
              7,
              'the FLV number of H.264; without it the queue leaks its RTMP session and nginx says "already publishing" for ever',
            ),
          ]
        : []),
    ];
  }
  return [
    ...(style.deinterlace === undefined ? [] : [option('filter:v', style.deinterlace, 'one frame out of two fields')]),
    option('c:v', 'libx264', 'H.264, which RTMP and every HLS player take'),
    option('preset', style.preset, 'speed before size'),
    option('tune', 'zerolatency', 'no look-ahead: frames leave as they come'),
    ...(style.threads === undefined ? [] : [option('threads:v', style.threads, 'a test picture needs no more')]),
    option('pix_fmt', 'yuv420p', 'the only form every player decodes'),
    ...keyFrames(track.fps, segmentSeconds),
    option('sc_threshold', 0, 'no extra key frames at scene cuts: segments stay even'),
    option('flags:v', '+global_header', 'codec set-up up front, as FLV needs it; without it nginx makes no HLS and says nothing'),
  ];
}

function keyFrames(fps: number | undefined, segmentSeconds: number): readonly Step[] {
  if (fps === undefined) {
    // Relative to the last one: always at least a segment apart (nginx cuts late otherwise), and immune to jumps in time.
    const expression = `expr:isnan(prev_forced_t)+gte(t,prev_forced_t+${segmentSeconds})`;
    return [option('force_key_frames', expression, 'a key frame per segment, by time, for the frame rate is not known')];
  }
  // Never a shade shorter than a segment: both writers would skip that key frame and double the segment.
  const frames = Math.max(1, Math.ceil(fps * segmentSeconds - 0.001));
  return [step(['-g', String(frames), '-keyint_min', String(frames)], `a key frame every ${frames} frames: one per segment at ${fps} fps`)];
}
