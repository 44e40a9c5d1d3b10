// The renditions, sounds and subtitles of a stream as the status document shows them. Reads, never changes.

import { channelPlaylistName } from '../core/ids.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { ClockPort } from '../core/ports.ts';
import type { RenditionStatus, SoundStatus, SubtitleStatus } from '../core/status.ts';
import type { LegWatch } from './leg-watch.ts';
import { offeredNames, offeredRenditions } from './offered-sounds.ts';
import { subtitleRenditions } from './offered-subtitles.ts';
import type { StreamUnit } from './unit.ts';

/** Nothing for a stream without renditions. */
export function renditionStatus(
  unit: Pick<StreamUnit, 'id' | 'plan' | 'legs'>,
  { publicLiveUrl }: Pick<Endpoints, 'publicLiveUrl'>,
  clock: Pick<ClockPort, 'monotonic'>,
): {
  readonly renditions?: readonly RenditionStatus[];
  readonly sounds?: readonly SoundStatus[];
  readonly subtitles?: readonly SubtitleStatus[];
} {
  const { rungs, sounds = [], subtitles = [] } = unit.plan() ?? {};
  if (rungs === undefined) return {};
  const soundOf = (name: string): Pick<RenditionStatus, 'sound'> => {
    const sound = sounds.find((one) => one.name === name);
    return sound === undefined || sound.isMain
      ? {}
      : { sound: { track: sound.track, language: sound.language ?? null, name: offeredNames(sounds).get(name) ?? name } };
  };
  const age = (watch: LegWatch, id: string): number | null => {
    const changedAt = watch.parts().find((part) => part.id === id)?.view.changedAt;
    return changedAt === undefined ? null : Math.round((clock.monotonic() - changedAt) / 100) / 10;
  };
  const bitrate = (id: string): number | null =>
    [unit.legs.backup, unit.legs.primary]
      .map((watch) => watch.parts().find((part) => part.id === id)?.view.bitrateBps)
      .find((bps) => bps !== undefined) ?? null;
  const urlOf = (uri: string): string => `${publicLiveUrl}/${unit.id}/${uri}`;
  const soundNames = offeredRenditions(sounds);
  const subtitleNames = subtitleRenditions(subtitles);
  return {
    renditions: rungs.map(({ name, id, picture, isAlternative }) => ({
      name,
      id,
      url: urlOf(`${name}/${channelPlaylistName}`),
      width: picture?.width ?? null,
      height: picture?.height ?? null,
      fps: picture?.fps === undefined ? null : Math.round(picture.fps * 1000) / 1000,
      bitrateBps: bitrate(id),
      ...(isAlternative === true ? soundOf(name) : {}),
      legAgeSeconds: { primary: age(unit.legs.primary, id), backup: age(unit.legs.backup, id) },
    })),
    ...(sounds.length === 0
      ? {}
      : {
          sounds: sounds.map(({ track, language }, index) => {
            const { name = '', uri } = soundNames[index] ?? {};
            return { name, language: language ?? null, track, url: uri === undefined ? null : urlOf(uri) };
          }),
        }),
    ...(subtitles.length === 0
      ? {}
      : {
          subtitles: subtitles.map(({ index: at }, index) => {
            const { name = '', language, uri = '' } = subtitleNames[index] ?? {};
            return { name, language: language ?? null, track: at + 1, url: urlOf(uri) };
          }),
        }),
  };
}
