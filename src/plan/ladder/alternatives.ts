// The other sounds of a ladder: each is a rung of its own without a picture, which viewers choose beside the pictures. Pure.

import type { OfferedSound } from '../../core/audio-tracks.ts';
import type { StreamConfig } from '../../core/config.ts';
import { languageName } from '../../core/language.ts';
import { rungId } from '../../core/ladder.ts';
import type { LegName } from '../../core/ids.ts';
import type { ChosenAudio, ChosenSound } from '../audio-choice.ts';
import { decideTracks, type AudioTrack } from '../tracks.ts';
import type { PlannedRung } from './rungs.ts';

export interface Alternative extends PlannedRung {
  readonly alternative: { readonly sound: ChosenSound; readonly track: AudioTrack };
}

/** All that is offered but the first, which is in the pictures. `legs`: those of the ladder. */
export function alternativesOf(stream: StreamConfig, { offered }: ChosenAudio, legs: readonly LegName[]): readonly Alternative[] {
  return offered.slice(1).map((sound) => {
    const { audio, loudnessLufs } = stream.output;
    // What nginx cannot carry is encoded here also where copying was asked for: every rung has the same legs.
    const wish = audio === 'copy' && legs.includes('primary') ? 'auto' : audio;
    const { audio: track } = decideTracks(
      { video: 'auto', audio: wish, ...(loudnessLufs === undefined ? {} : { loudnessLufs }) },
      { audio: sound.facts },
    );
    return {
      name: sound.name,
      id: rungId(stream.id, sound.name),
      picture: undefined,
      audioBitrateBps: undefined,
      alternative: { sound, track },
    };
  });
}

/** What viewers choose from; undefined where there is nothing to choose. */
export function offeredSounds(
  { offered }: ChosenAudio,
  main: AudioTrack,
  alternatives: readonly Alternative[],
): readonly OfferedSound[] | undefined {
  if (offered.length === 0) return undefined;
  return offered.map((sound, position) => {
    const track = position === 0 ? main : alternatives[position - 1]?.alternative.track;
    return {
      name: sound.name,
      label: sound.label,
      language: sound.language,
      channels: track?.mode === 'copy' ? sound.facts.channels : 2,
      track: sound.index + 1,
      isMain: position === 0,
    };
  });
}

/** One line for people. */
export function soundNotes(sounds: readonly OfferedSound[] | undefined, alternatives: readonly Alternative[]): readonly string[] {
  if (sounds === undefined) return [];
  const lines = sounds.map(({ name, label, language, track, isMain }) => {
    const own = alternatives.find((one) => one.name === name)?.alternative.track;
    const how = isMain ? 'in the pictures' : own?.mode === 'transcode' ? `encoded: ${own.why}` : 'copied';
    return `${label ?? (language === undefined ? `sound ${track}` : languageName(language))} (track ${track}, ${how})`;
  });
  return [`viewers choose between ${sounds.length} sounds: ${lines.join('; ')}`];
}
