// The sounds that a stream offers to choose from: as they are asked for in streams.yaml, and as the present job makes them.

/** One sound as streams.yaml asks for it. */
export interface WantedSound {
  /** Its number in the source, from 1, or its language: ISO 639, two or three letters. */
  readonly track: number | string;
  /** For people. Unset: the language's own name. */
  readonly name?: string;
  /** Where the source says none, or a wrong one; ISO 639. */
  readonly language?: string;
}

/** `all`: every sound of the source, in its order. */
export type WantedSounds = 'all' | readonly WantedSound[];

/** Each costs a connection to nginx and two playlists. */
export const mostSounds = 8;

/** One sound as the present job offers it; the first one of a job is in every picture, too. */
export interface OfferedSound {
  /** Part of its URL and its files, as a rendition's. */
  readonly name: string;
  readonly label: string | undefined;
  /** BCP 47. */
  readonly language: string | undefined;
  readonly channels: number | undefined;
  /** Counted among the sounds of the source, from 1. */
  readonly track: number;
  /** It is in the pictures, and has no playlist of its own. */
  readonly isMain: boolean;
}

/** What it is called where it becomes a part of URLs and file names: `deu`, or `audio2` where it was asked for by its number. */
export function soundName({ track }: Pick<WantedSound, 'track'>): string {
  return typeof track === 'number' ? `audio${track}` : track;
}

/** Every name that a sound of the stream may have. */
export function soundNames(wanted: WantedSounds | undefined): readonly string[] {
  if (wanted === undefined) return [];
  if (wanted === 'all') return Array.from({ length: mostSounds }, (_, index) => soundName({ track: index + 1 }));
  return wanted.map(soundName);
}
