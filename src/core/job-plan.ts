// A finished decision: the exact command of one job, with the reason of each argument.

import type { OfferedSound } from './audio-tracks.ts';
import type { LegName } from './ids.ts';
import type { Rung } from './ladder.ts';
import type { SubtitleTrack } from './subtitles.ts';

/** One argument or an option with its value, and why it is there. */
export interface PlanStep {
  readonly args: readonly string[];
  readonly why: string;
}

export interface JobPlan {
  readonly streamId: string;
  readonly sourceIndex: number;
  /** ffmpeg's whole argument list, secrets included: never print it, print `redactedArgv`. */
  readonly argv: readonly string[];
  readonly redactedArgv: readonly string[];
  readonly steps: readonly PlanStep[];
  readonly video: 'copy' | 'transcode' | 'none';
  readonly audio: 'copy' | 'transcode' | 'none';
  /** The legs this job writes: a codec that FLV cannot carry leaves only the backup leg. */
  readonly legs: readonly LegName[];
  /** What a ladder is made of, best first; each rung has these legs. Unset: one picture, as everywhere. */
  readonly rungs?: readonly Rung[];
  /** Where viewers can choose between several: all of them, the one that is in the pictures first. */
  readonly sounds?: readonly OfferedSound[];
  /** What it writes of the source's subtitles; only with `rungs`. */
  readonly subtitles?: readonly SubtitleTrack[];
  /** Things the user should know, such as an option that this ffmpeg does not have. */
  readonly notes: readonly string[];
}

/** Where a job publishes and writes; differs by runtime. */
export interface Endpoints {
  /** Without the stream's name, such as `rtmp://127.0.0.1:1935/live`. */
  readonly rtmpUrl: string;
  /** HLS base as the supervisor reaches it, such as `http://127.0.0.1:8088/hls`. */
  readonly hlsUrl: string;
  /** HLS base as viewers reach it. */
  readonly publicHlsUrl: string;
  /** Base of the channel playlists as the supervisor reaches it, such as `http://127.0.0.1:8088/live`. */
  readonly liveUrl: string;
  /** The same as viewers reach it. */
  readonly publicLiveUrl: string;
  readonly statUrl: string;
  readonly healthUrl: string;
  readonly hlsDirectory: string;
}
