// Which of a source's sounds is taken: by its number or its language. Pure.

import type { OutputConfig } from '../core/config.ts';
import type { SourceFacts } from '../core/facts.ts';

export interface ChosenAudio {
  /** Counted among the sounds of the source, from 0. */
  readonly index: number;
  /** With the chosen sound as the one that everything else is decided by. */
  readonly facts: SourceFacts | undefined;
  readonly notes: readonly string[];
}

export function chooseAudio(wish: OutputConfig['audioTrack'], facts: SourceFacts | undefined): ChosenAudio {
  if (wish === undefined) return { index: 0, facts, notes: [] };
  const tracks = facts?.audioTracks ?? (facts?.audio === undefined ? [] : [facts.audio]);
  // Never seen: a number is taken at its word, a language is looked for as soon as the source has told its own.
  if (facts === undefined) return { index: typeof wish === 'number' ? wish - 1 : 0, facts, notes: [] };
  const index = typeof wish === 'number' ? wish - 1 : tracks.findIndex(({ language }) => language === wish);
  const chosen = tracks[index];
  if (chosen !== undefined) return { index, facts: { ...facts, audio: chosen }, notes: [] };
  const there = tracks.map(({ language }, at) => `${at + 1}: ${language ?? 'no language'}`).join(', ');
  const what = typeof wish === 'number' ? `no sound number ${wish}` : `no sound in ${wish}`;
  return { index: 0, facts, notes: tracks.length === 0 ? [] : [`the source has ${what} (${there}): the first one is taken`] };
}
