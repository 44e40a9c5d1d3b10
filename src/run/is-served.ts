// Asks what a viewer's player would ask first.

import { channelPlaylistName } from '../core/ids.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { Ports } from '../core/ports.ts';
import { legOf } from '../playlist/channel/channel-text.ts';
import { parseMediaPlaylist } from '../playlist/media-playlist.ts';

const servedTimeoutMs = 2000;

/** The channel playlist is answered with 200 and a segment of the stream's own. */
export async function isServed({ net }: Pick<Ports, 'net'>, endpoints: Pick<Endpoints, 'liveUrl'>, id: string): Promise<boolean> {
  const answer = await net.get(`${endpoints.liveUrl}/${id}/${channelPlaylistName}`, { timeoutMs: servedTimeoutMs });
  if (answer?.status !== 200) return false;
  return parseMediaPlaylist(answer.body)?.segments.some(({ uri }) => legOf(uri, id) !== undefined) ?? false;
}
