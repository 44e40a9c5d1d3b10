// The playlists of every stream that is ordered to run and not idle, as nginx serves them.

import type { HttpAnswer } from '../../core/ports.ts';
import { legPlaylistName, type LegName } from '../../core/ids.ts';
import type { StatusDocument, StreamStatus } from '../../core/status.ts';
import { isLookedAt, type DoctorContext } from '../context.ts';

export interface ServedPlaylist {
  readonly url: string;
  /** undefined when nothing answered. */
  readonly answer: HttpAnswer | undefined;
  /** Wall clock when it was asked, milliseconds since the epoch. */
  readonly askedAtMs: number;
}

export interface ServedStream {
  readonly id: string;
  readonly status: StreamStatus;
  readonly legs: Readonly<Record<LegName, ServedPlaylist>>;
  /** The joined playlist; undefined where the supervisor makes none. */
  readonly channel: ServedPlaylist | undefined;
}

const askTimeoutMs = 5000;
/** Streams asked at the same time; more only queue up in nginx's one worker. */
const lanes = 8;

export async function readServed(context: DoctorContext, document: StatusDocument): Promise<readonly ServedStream[]> {
  const wanted = document.streams.filter(
    ({ id, order, state, definition }) => order === 'run' && state !== 'idle' && definition !== 'removed' && isLookedAt(context, id),
  );
  const found = new Map<string, ServedStream>();
  const queue = wanted.values();
  const lane = async (): Promise<void> => {
    for (const status of queue) found.set(status.id, await readServedStream(context, status));
  };
  await Promise.all(Array.from({ length: Math.min(lanes, wanted.length) }, lane));
  return wanted.flatMap(({ id }) => found.get(id) ?? []);
}

export async function readServedStream(context: DoctorContext, status: StreamStatus): Promise<ServedStream> {
  const ask = async (path: string): Promise<ServedPlaylist> => {
    const url = `${context.originUrl}${path}`;
    const askedAtMs = context.ports.clock.now();
    return { url, askedAtMs, answer: await context.ports.net.get(url, { timeoutMs: askTimeoutMs }) };
  };
  // Of a ladder the best rung: every rung is made out of the same decision.
  const best = status.renditions?.[0];
  const [primary, backup, channel] = await Promise.all([
    ask(`/hls/${legPlaylistName(best?.id ?? status.id, 'primary')}`),
    ask(`/hls/${legPlaylistName(best?.id ?? status.id, 'backup')}`),
    status.channel === undefined || status.channel.state === 'none'
      ? undefined
      : ask(`/live/${status.id}${best === undefined ? '' : `/${best.name}`}/index.m3u8`),
  ]);
  return { id: status.id, status, legs: { primary, backup }, channel };
}
