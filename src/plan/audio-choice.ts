// Which of a source's sounds are taken: by their numbers or their languages. Pure.

import { mostSounds, soundName, type WantedSound } from '../core/audio-tracks.ts';
import type { OutputConfig } from '../core/config.ts';
import type { AudioFacts, SourceFacts } from '../core/facts.ts';
import { languageTag } from '../core/language.ts';

export interface ChosenAudio {
  /** Counted among the sounds of the source, from 0. */
  readonly index: number;
  /** With the chosen sound as the one that everything else is decided by. */
  readonly facts: SourceFacts | undefined;
  /** All that viewers can choose from, the one that is in the pictures first; empty where there is nothing to choose. */
  readonly offered: readonly ChosenSound[];
  readonly notes: readonly string[];
}

export interface ChosenSound {
  /** As a rendition's: part of its URL and its files. */
  readonly name: string;
  readonly index: number;
  readonly facts: AudioFacts;
  readonly label: string | undefined;
  /** BCP 47. */
  readonly language: string | undefined;
}

type Wishes = Pick<OutputConfig, 'audioTrack' | 'audioTracks'>;

export function chooseAudio({ audioTrack, audioTracks }: Wishes, facts: SourceFacts | undefined): ChosenAudio {
  if (audioTracks === undefined) return chooseOne(audioTrack, facts);
  // Never seen: a number is taken at its word, a language is looked for as soon as the source has told its own.
  if (facts === undefined) return chooseOne(audioTracks === 'all' ? undefined : audioTracks[0]?.track, facts);
  const sounds = soundsOf(facts);
  const { found, notes } = audioTracks === 'all' ? allOf(sounds) : wanted(audioTracks, sounds);
  const [main] = found;
  if (main === undefined) return { ...chooseOne(undefined, facts), notes };
  return { index: main.index, facts: { ...facts, audio: main.facts }, offered: found.length > 1 ? found : [], notes };
}

function chooseOne(wish: OutputConfig['audioTrack'], facts: SourceFacts | undefined): ChosenAudio {
  const first: ChosenAudio = { index: 0, facts, offered: [], notes: [] };
  if (wish === undefined) return first;
  if (facts === undefined) return { ...first, index: typeof wish === 'number' ? wish - 1 : 0 };
  const sounds = soundsOf(facts);
  const index = typeof wish === 'number' ? wish - 1 : sounds.findIndex((sound) => speaks(sound, wish));
  const chosen = sounds[index];
  if (chosen !== undefined) return { ...first, index, facts: { ...facts, audio: chosen } };
  return { ...first, notes: sounds.length === 0 ? [] : [`${lacks(wish, sounds)}: the first one is taken`] };
}

function soundsOf({ audio, audioTracks }: SourceFacts): readonly AudioFacts[] {
  return audioTracks ?? (audio === undefined ? [] : [audio]);
}

function speaks({ language }: AudioFacts, wish: string): boolean {
  return (
    language === wish || (language !== undefined && languageTag(language) !== undefined && languageTag(language) === languageTag(wish))
  );
}

/** Announced by the source, and no more than that: ffmpeg found no packet of it, and cannot write what it does not know. */
function isSilent({ sampleRate }: AudioFacts): boolean {
  return sampleRate === undefined;
}

interface Found {
  readonly found: readonly ChosenSound[];
  readonly notes: readonly string[];
}

function allOf(sounds: readonly AudioFacts[]): Found {
  const alive = sounds.flatMap((facts, index) => (isSilent(facts) && sounds.length > 1 ? [] : [{ facts, index }]));
  const notes = [
    ...(alive.length < sounds.length ? [`${sounds.length - alive.length} of the ${sounds.length} sounds of the source carry nothing`] : []),
    ...(alive.length > mostSounds ? [`the source has ${alive.length} sounds: the first ${mostSounds} are offered`] : []),
  ];
  return { found: alive.slice(0, mostSounds).map(({ facts, index }) => chosen({ track: index + 1 }, facts, index)), notes };
}

function wanted(wishes: readonly WantedSound[], sounds: readonly AudioFacts[]): Found {
  const found: ChosenSound[] = [];
  const notes: string[] = [];
  for (const wish of wishes) {
    const { track } = wish;
    const isThere = (facts: AudioFacts): boolean => !isSilent(facts) || sounds.length === 1;
    const index = typeof track === 'number' ? track - 1 : sounds.findIndex((facts) => speaks(facts, track) && isThere(facts));
    const facts = sounds[index];
    const before = found.find((one) => one.index === index);
    if (facts === undefined) notes.push(`${lacks(track, sounds)}: it is not offered`);
    else if (!isThere(facts)) notes.push(`sound number ${track} of the source carries nothing: it is not offered`);
    else if (before !== undefined) notes.push(`${before.name} and ${soundName(wish)} are the same sound of the source: it is offered once`);
    else found.push(chosen(wish, facts, index));
  }
  if (found.length === 0 && sounds.length > 0) notes.push('none of the sounds asked for is there: the first one is taken');
  return { found, notes };
}

function chosen(wish: WantedSound, facts: AudioFacts, index: number): ChosenSound {
  const said = wish.language ?? facts.language ?? (typeof wish.track === 'string' ? wish.track : undefined);
  return { name: soundName(wish), index, facts, label: wish.name, language: languageTag(said) };
}

function lacks(wish: number | string, sounds: readonly AudioFacts[]): string {
  const there = sounds.map(({ language }, at) => `${at + 1}: ${language ?? 'no language'}`).join(', ');
  return `the source has ${typeof wish === 'number' ? `no sound number ${wish}` : `no sound in ${wish}`}${there === '' ? '' : ` (${there})`}`;
}
