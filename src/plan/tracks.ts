// Decides what happens to picture and sound: copied, encoded anew, or not there.

import type { OutputConfig } from '../core/config.ts';
import type { SourceFacts } from '../core/facts.ts';
import type { LegName } from '../core/ids.ts';

export type VideoTrack =
  | { readonly mode: 'none' }
  | { readonly mode: 'copy'; readonly codec: string }
  | { readonly mode: 'transcode'; readonly fps: number | undefined; readonly why: string };

export type AudioTrack =
  | { readonly mode: 'none' }
  | { readonly mode: 'copy'; readonly codec: string }
  | { readonly mode: 'transcode'; readonly why: string };

export interface Tracks {
  readonly video: VideoTrack;
  readonly audio: AudioTrack;
  readonly legs: readonly LegName[];
  readonly notes: readonly string[];
}

/** What the primary leg takes: FLV has no other picture, and nginx-rtmp's HLS drops any sound but AAC, MP3 too (measured). */
const primaryVideo = 'h264';
const primaryAudio = 'aac';

/** What ffmpeg can put into MPEG-TS so that a player finds it again (mpegtsenc.c; anything else becomes private data). */
const tsVideo = new Set(['h264', 'hevc', 'mpeg2video', 'mpeg1video', 'mpeg4', 'vc1', 'cavs']);
const tsAudio = new Set(['aac', 'aac_latm', 'mp3', 'mp2', 'ac3', 'eac3', 'dts', 'opus', 'truehd']);

/** Nothing is known before the first run: most IPTV is H.264 with AAC, and the job's own stderr tells soon. */
const assumed: SourceFacts = { video: { codec: 'h264' }, audio: { codec: 'aac' } };

export function decideTracks(output: Pick<OutputConfig, 'video' | 'audio' | 'loudnessLufs'>, known: SourceFacts | undefined): Tracks {
  const facts = known ?? assumed;
  const video = decideVideo(output.video, facts.video, known !== undefined);
  const wished = decideAudio(output.audio, facts.audio);
  const audio: AudioTrack =
    wished.mode === 'copy' && output.loudnessLufs !== undefined ? { mode: 'transcode', why: 'its loudness is made even' } : wished;
  const refused = [
    ...(video.mode === 'copy' && video.codec !== primaryVideo ? [video.codec] : []),
    ...(audio.mode === 'copy' && audio.codec !== primaryAudio ? [audio.codec] : []),
  ];
  const notes: string[] = [];
  if (video.mode === 'transcode') notes.push(`video is encoded anew (${video.why}): this costs far more CPU than copying`);
  if (video.mode === 'copy' && facts.video?.isTurned === true) {
    notes.push('the source is turned, which neither leg can say: copied, as streams.yaml asks, it lies on its side');
  }
  if (audio.mode === 'transcode') notes.push(`audio is encoded anew (${audio.why})`);
  if (refused.length > 0) {
    notes.push(
      `nginx-rtmp cannot carry ${refused.join(' and ')}, which streams.yaml says to copy: the primary leg is left out, only the backup leg is written`,
    );
  }
  return { video, audio, legs: refused.length > 0 ? ['backup'] : ['primary', 'backup'], notes };
}

function decideVideo(wish: OutputConfig['video'], facts: SourceFacts['video'], isKnown: boolean): VideoTrack {
  if (facts === undefined) return { mode: 'none' };
  const transcode = (why: string): VideoTrack => ({ mode: 'transcode', fps: isKnown ? facts.fps : undefined, why });
  if (wish === 'transcode') return transcode('streams.yaml says so');
  if (wish === 'copy') {
    return tsVideo.has(facts.codec)
      ? { mode: 'copy', codec: facts.codec }
      : transcode(`neither leg can carry ${facts.codec}, so it cannot be copied`);
  }
  if (facts.isTurned === true) return transcode('the source is turned, which neither leg can say');
  return facts.codec === primaryVideo
    ? { mode: 'copy', codec: facts.codec }
    : transcode(`nginx-rtmp carries H.264 only, the source is ${facts.codec}`);
}

function decideAudio(wish: OutputConfig['audio'], facts: SourceFacts['audio']): AudioTrack {
  if (wish === 'none' || facts === undefined) return { mode: 'none' };
  if (wish === 'transcode') return { mode: 'transcode', why: 'streams.yaml says so' };
  if (wish === 'copy') {
    return tsAudio.has(facts.codec)
      ? { mode: 'copy', codec: facts.codec }
      : { mode: 'transcode', why: `neither leg can carry ${facts.codec}, so it cannot be copied` };
  }
  return facts.codec === primaryAudio
    ? { mode: 'copy', codec: facts.codec }
    : { mode: 'transcode', why: `nginx-rtmp carries AAC only, the source is ${facts.codec}` };
}
