// Subtitles of a stream: which are asked for, and what a job writes of them.

import { rungId, subtitleName } from './ladder.ts';

/** `text`: every track that is text. A list: some of them, by their number from 1 or their language. */
export type SubtitleWish = 'text' | readonly (number | string)[];

/** One track as the present job writes it. */
export interface SubtitleTrack {
  /** A part of the URL, as a rendition's is: `sub1`, `sub2` ... */
  readonly name: string;
  /** Names its files as a stream's id does: `<stream>_sub1`. */
  readonly id: string;
  /** Counted among the subtitles of the source, from 0. */
  readonly index: number;
  /** ISO 639, as the source says it. */
  readonly language: string | undefined;
  /** File descriptor to which the job appends its cues. */
  readonly descriptor: number;
}

export function isSubtitleName(name: string): boolean {
  return /^sub[1-8]$/.test(name);
}

/** 3 is where a job tells its progress. */
const firstDescriptor = 4;

export function subtitleTrack(streamId: string, position: number, index: number, language: string | undefined): SubtitleTrack {
  const name = subtitleName(position);
  return { name, id: rungId(streamId, name), index, language, descriptor: firstDescriptor + position };
}
