// Alternative renditions of a master playlist, sound and subtitles (RFC 8216 4.3.4.1): what is offered, and the groups they form. Pure.

import { languageName } from '../../core/language.ts';

export interface MediaRendition {
  readonly type: 'AUDIO' | 'SUBTITLES';
  /** Variants name it in AUDIO or SUBTITLES. */
  readonly groupId: string;
  /** For people; no other rendition of the group has it. */
  readonly name: string;
  /** BCP 47, such as `de`; undefined: not known. */
  readonly language: string | undefined;
  /** Played by who has chosen nothing: one of a group at most. */
  readonly isDefault: boolean;
  /** Players may choose it by the viewer's language. */
  readonly isAutomatic: boolean;
  /** Subtitles only: shown also to those who want none. */
  readonly isForced?: true;
  /** Sound only. */
  readonly channels?: number | undefined;
  /** Relative to the master playlist. Sound without it is in the variants themselves; subtitles always have one. */
  readonly uri?: string;
}

type Named = Omit<MediaRendition, 'name' | 'isAutomatic'> & { readonly name: string | undefined };

/**
 * With names that differ (4.3.4.1.1: MUST), and automatic choice for the first of each language only (SHOULD be distinct). Without a
 * name it is called in its own language, or `fallback` and its number.
 */
export function groupOf(renditions: readonly Named[], fallback: string): readonly MediaRendition[] {
  const names = new Set<string>();
  const languages = new Set<string>();
  return renditions.map((rendition, index) => {
    const { language } = rendition;
    const wish = clean(rendition.name ?? '') || (language === undefined ? undefined : languageName(language)) || `${fallback} ${index + 1}`;
    let name = wish;
    for (let count = 2; names.has(name); count += 1) name = `${wish} ${count}`;
    names.add(name);
    const isAutomatic = rendition.isDefault || (language !== undefined && !languages.has(language));
    if (language !== undefined) languages.add(language);
    return { ...rendition, name, isAutomatic };
  });
}

export function printRendition(rendition: MediaRendition): string {
  const { type, groupId, name, language, isDefault, isAutomatic, isForced, channels, uri } = rendition;
  const attributes = [
    `TYPE=${type}`,
    `GROUP-ID="${clean(groupId)}"`,
    `NAME="${clean(name)}"`,
    ...(language === undefined ? [] : [`LANGUAGE="${clean(language)}"`]),
    `DEFAULT=${isDefault ? 'YES' : 'NO'}`,
    `AUTOSELECT=${isAutomatic || isDefault ? 'YES' : 'NO'}`,
    ...(type === 'SUBTITLES' ? [`FORCED=${isForced === true ? 'YES' : 'NO'}`] : []),
    ...(type === 'AUDIO' && channels !== undefined ? [`CHANNELS="${channels}"`] : []),
    ...(uri === undefined ? [] : [`URI="${clean(uri)}"`]),
  ];
  return `#EXT-X-MEDIA:${attributes.join(',')}`;
}

/** 4.2: a quoted string holds no line feed, carriage return or double quote. Other control characters are nobody's name either. */
function clean(text: string): string {
  return text
    .replaceAll('"', "'")
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
}
