// The subtitles of a job as a master playlist offers them.

import { channelPlaylistName } from '../core/ids.ts';
import { languageTag } from '../core/language.ts';
import type { SubtitleTrack } from '../core/subtitles.ts';
import { groupOf, type MediaRendition } from '../playlist/master/renditions.ts';

/** None is shown to those who have not chosen it: by the viewer's language players may. */
export function subtitleRenditions(tracks: readonly SubtitleTrack[]): readonly MediaRendition[] {
  return groupOf(
    tracks.map(({ name, language }) => ({
      type: 'SUBTITLES',
      groupId: 'subs',
      name: undefined,
      language: languageTag(language),
      isDefault: false,
      uri: `${name}/${channelPlaylistName}`,
    })),
    'Subtitles',
  );
}
