// The sounds of a job as a master playlist offers them.

import type { OfferedSound } from '../core/audio-tracks.ts';
import { channelPlaylistName } from '../core/ids.ts';
import { groupOf, type MediaRendition } from '../playlist/master/renditions.ts';

/** GROUP-ID: one group for all variants. */
export const audioGroup = 'audio';

/**
 * The first one is in the variants and has no URI (RFC 8216 4.3.4.2.1), so that who knows nothing of EXT-X-MEDIA hears something, and
 * nobody who wants the usual sound loads two playlists.
 */
export function offeredRenditions(sounds: readonly OfferedSound[]): readonly MediaRendition[] {
  return groupOf(
    sounds.map(({ name, label, language, channels, isMain }) => ({
      type: 'AUDIO' as const,
      groupId: audioGroup,
      name: label,
      language,
      isDefault: isMain,
      channels,
      ...(isMain ? {} : { uri: `${name}/${channelPlaylistName}` }),
    })),
    'Sound',
  );
}

/** What players show, by the sound's name in URLs. */
export function offeredNames(sounds: readonly OfferedSound[]): ReadonlyMap<string, string> {
  const offered = offeredRenditions(sounds);
  return new Map(sounds.map(({ name }, index) => [name, offered[index]?.name ?? name]));
}
