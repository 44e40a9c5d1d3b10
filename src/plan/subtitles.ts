// Which subtitles of a source become WebVTT, and the words for that: each is an output of its own. Pure.

import type { OutputConfig } from '../core/config.ts';
import type { FfmpegFacts, SourceFacts, SubtitleFacts } from '../core/facts.ts';
import { languageName, languageTag } from '../core/language.ts';
import { mostSubtitles } from '../core/ladder.ts';
import { subtitleTrack, type SubtitleTrack } from '../core/subtitles.ts';
import { teeArgument } from './outputs/tee.ts';
import { option, step, type Step } from './step.ts';

export interface ChosenSubtitles {
  readonly tracks: readonly SubtitleTrack[];
  /** Numbers of those that are teletext, among the subtitles of the source, from 0. */
  readonly teletext: readonly number[];
  readonly notes: readonly string[];
}

/** What ffmpeg decodes to text, in every build; teletext asks for libzvbi. */
const textCodecs = new Set(['subrip', 'srt', 'ass', 'ssa', 'mov_text', 'webvtt', 'text']);
const teletextCodec = 'dvb_teletext';
/** Pictures of text: to read them takes a program that recognises letters, which ffmpeg is not. */
const pictureCodecs = new Set(['dvb_subtitle', 'dvbsub', 'hdmv_pgs_subtitle', 'dvd_subtitle', 'xsub']);

/**
 * Job time begins here, in every output: frames that are decoded before the first one shown have times below zero, and each
 * muxer would move its own to zero by another amount.
 */
export const jobTimeStartsAtSeconds = 10;

const none: ChosenSubtitles = { tracks: [], teletext: [], notes: [] };

export function chooseSubtitles(
  streamId: string,
  wish: OutputConfig['subtitles'],
  facts: SourceFacts | undefined,
  ffmpeg: Pick<FfmpegFacts, 'options'>,
): ChosenSubtitles {
  if (wish === undefined || facts === undefined) return none;
  const all = (facts.subtitleTracks ?? []).map((track, index) => ({ ...track, index }));
  const notes: string[] = [];
  const asked = wish === 'text' ? all : chosenOf(wish, all, notes);
  if (all.length === 0) notes.push('the source has no subtitles');
  const usable = asked.filter((track) => {
    const why = unusable(track, ffmpeg);
    if (why !== undefined) notes.push(`${nameOf(track)} cannot become WebVTT: ${why}`);
    return why === undefined;
  });
  const taken = usable.slice(0, mostSubtitles);
  if (usable.length > taken.length) notes.push(`only the first ${mostSubtitles} of ${usable.length} subtitle tracks are taken`);
  if (taken.length > 0) notes.push(`viewers may turn on subtitles: ${taken.map(shownAs).join('; ')}`);
  return {
    tracks: taken.map(({ index, language }, position) => subtitleTrack(streamId, position, index, language)),
    teletext: taken.filter(({ codec }) => codec === teletextCodec).map(({ index }) => index),
    notes,
  };
}

type Numbered = SubtitleFacts & { readonly index: number };

function chosenOf(wish: readonly (number | string)[], all: readonly Numbered[], notes: string[]): readonly Numbered[] {
  const chosen = new Set<Numbered>();
  for (const one of wish) {
    const found = all.filter(({ index, language }) => (typeof one === 'number' ? index === one - 1 : language === one));
    for (const track of found) chosen.add(track);
    if (found.length > 0 || all.length === 0) continue;
    const there = all.map((track) => `${track.index + 1}: ${track.language ?? 'no language'}`).join(', ');
    notes.push(`the source has no subtitles ${typeof one === 'number' ? `number ${one}` : `in ${one}`} (${there})`);
  }
  return [...chosen];
}

function unusable({ codec }: Numbered, { options }: Pick<FfmpegFacts, 'options'>): string | undefined {
  if (textCodecs.has(codec)) return undefined;
  if (pictureCodecs.has(codec)) return `${codec} is pictures of text, and nothing here reads letters from pictures`;
  if (codec !== teletextCodec) return `ffmpeg makes no text of ${codec}`;
  // An empty list means that the binary was not asked.
  return options.size === 0 || options.has('teletext') ? undefined : 'this ffmpeg was built without libzvbi, which reads teletext';
}

function nameOf({ index, language }: Numbered): string {
  return `subtitle track ${index + 1}${language === undefined ? '' : ` (${language})`}`;
}

function shownAs({ index, language, codec }: Numbered): string {
  const tag = languageTag(language);
  return `${tag === undefined ? `subtitles ${index + 1}` : languageName(tag)} (track ${index + 1}, ${codec})`;
}

/** Before the input. */
export function teletextWords({ teletext }: ChosenSubtitles): readonly Step[] {
  return teletext.map((index) =>
    step(
      [`-fix_sub_duration:s:${index}`, `-txt_format:s:${index}`, 'text', `-txt_page:s:${index}`, 'subtitle'],
      'teletext: its subtitle pages as text; each ends when the next page comes, for teletext says no durations',
    ),
  );
}

/** Of the output with the pictures. */
export function timeWords(tracks: readonly SubtitleTrack[]): readonly Step[] {
  if (tracks.length === 0) return [];
  return [option('output_ts_offset', jobTimeStartsAtSeconds, 'so that no time is below zero, which muxers would mend each in its own way')];
}

/** Outputs of their own: beside pictures ffmpeg would hold those back until the next cue comes. */
export function subtitleWords(tracks: readonly SubtitleTrack[]): readonly Step[] {
  return tracks.flatMap(({ index, language, descriptor }) => [
    step(
      ['-map', `0:s:${index}`, '-c:s', 'webvtt'],
      `subtitle track ${index + 1}${language === undefined ? '' : ` (${language})`} as text`,
    ),
    option('output_ts_offset', jobTimeStartsAtSeconds, 'the time of the pictures'),
    step(
      [
        '-f',
        'tee',
        teeArgument([
          {
            options: [
              { name: 'f', value: 'webvtt', why: '' },
              { name: 'onfail', value: 'ignore', why: '' },
              { name: 'flush_packets', value: 1, why: '' },
            ],
            target: `pipe:${descriptor}`,
          },
          { options: [{ name: 'f', value: 'null', why: '' }], target: '-' },
        ]),
      ],
      'each cue at once to a file that the supervisor reads. The second half goes nowhere and cannot fail: a full disk costs cues, not the job',
    ),
  ]);
}
