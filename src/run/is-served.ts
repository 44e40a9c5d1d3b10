// Whether a viewer's player would get a picture: asks for a channel's playlist as it does.

import { channelPlaylistName } from '../core/ids.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { NetPort } from '../core/ports.ts';
import { legOf } from '../playlist/channel/channel-text.ts';
import { parseMediaPlaylist } from '../playlist/media-playlist.ts';
import { rungFolder } from './ladder-witness.ts';
import type { StreamUnit } from './unit.ts';

const timeoutMs = 2000;

export async function isServed(
  { net }: { readonly net: Pick<NetPort, 'get'> },
  { liveUrl }: Pick<Endpoints, 'liveUrl'>,
  unit: Pick<StreamUnit, 'id' | 'plan'>,
): Promise<boolean> {
  const base = `${liveUrl}/${unit.id}`;
  const id = unit.plan()?.rungs?.[0]?.id ?? unit.id;
  const answer = await net.get(`${base}${rungFolder(unit)}/${channelPlaylistName}`, { timeoutMs });
  const plays =
    answer?.status === 200 && (parseMediaPlaylist(answer.body)?.segments.some(({ uri }) => legOf(uri, id) !== undefined) ?? false);
  if (!plays || id === unit.id) return plays;
  // A ladder is opened by its master playlist, which is written last.
  const master = await net.get(`${base}/${channelPlaylistName}`, { timeoutMs });
  return master?.status === 200 && master.body.includes('#EXT-X-STREAM-INF');
}
