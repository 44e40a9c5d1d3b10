// Who watches what, counted from nginx's access log: nobody is stored, only that somebody was here.

import { ownAgent } from '../core/endpoints.ts';
import { hashText } from '../core/state-paths.ts';

export interface ChannelAudience {
  /** Distinct clients that fetched one of the channel's playlists within the last half minute. */
  readonly viewers: number;
  readonly sentBytes: number;
  readonly requests: number;
}

export interface Audience {
  of(id: string): ChannelAudience;
  /** All HTTP that was counted, by the class of its answer: `2xx`, `4xx` ... */
  readonly responses: ReadonlyMap<string, number>;
  readonly sentBytes: number;
}

export interface AudienceCounter {
  /** One line of the access log, as `logFormat` of the nginx template makes it, with or without a syslog header. */
  take(line: string): void;
  /** The present numbers; only streams that are known count. */
  audience(): Audience;
  /** Forgets streams that left the list. */
  keep(known: ReadonlySet<string>): void;
}

/** A player fetches its playlist once per segment or more often; one that paused for longer than this is not watching. */
const watchingMs = 30_000;
/** Per channel, however many fetch it. */
const mostClients = 50_000;

/** `<address>|<status>|<bytes>|<request uri>|<user agent>`; the agent is last because it may hold anything. */
const shape = /(?:^|: )([0-9a-fA-F.:]+)\|(\d{3})\|(\d+)\|([^|]*)\|(.*)$/s;
const channelFile =
  /^\/(?:live\/([a-z0-9][a-z0-9_-]*)\/[A-Za-z0-9_][\w.-]*|hls\/(?:stream_)?([a-z0-9][a-z0-9_-]*?)(?:[-_]\d+\.(?:ts|m4s)|\.m3u8))(?:\?|$)/;

export function createAudienceCounter(options: {
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Makes the hashes of clients useless to anybody else. */
  readonly salt: string;
  readonly isKnown: (id: string) => boolean;
  /** A viewer fetched a playlist of this channel; so many clients did lately. */
  readonly onWatched?: (id: string, viewers: number) => void;
}): AudienceCounter {
  const channels = new Map<string, { clients: Map<string, number>; sentBytes: number; requests: number }>();
  const responses = new Map<string, number>();
  let sentBytes = 0;

  function forgetIdle(clients: Map<string, number>): void {
    const oldest = options.now() - watchingMs;
    for (const [client, seenAt] of clients) {
      // In the order of last use: the first that is young enough ends it.
      if (seenAt >= oldest) return;
      clients.delete(client);
    }
  }

  return {
    take(line) {
      const [, address, status = '', bytes = '', uri = '', agent = ''] = shape.exec(line) ?? [];
      if (address === undefined) return;
      const answer = `${status[0]}xx`;
      responses.set(answer, (responses.get(answer) ?? 0) + 1);
      sentBytes += Number(bytes);
      const [, live, flat] = channelFile.exec(uri) ?? [];
      const id = live ?? flat;
      if (id === undefined || !options.isKnown(id)) return;
      const channel = channels.get(id) ?? { clients: new Map<string, number>(), sentBytes: 0, requests: 0 };
      channels.set(id, channel);
      channel.requests += 1;
      channel.sentBytes += Number(bytes);
      const isPlaylist = uri.split('?')[0]?.endsWith('.m3u8') === true;
      if (!isPlaylist || agent === ownAgent || !/^(?:2|304)/.test(status)) return;
      const client = hashText(`${options.salt} ${address} ${agent}`);
      channel.clients.delete(client);
      channel.clients.set(client, options.now());
      if (channel.clients.size > mostClients) channel.clients.delete(channel.clients.keys().next().value ?? '');
      forgetIdle(channel.clients);
      options.onWatched?.(id, channel.clients.size);
    },
    audience: () => ({
      of(id) {
        const channel = channels.get(id);
        if (channel === undefined) return { viewers: 0, sentBytes: 0, requests: 0 };
        forgetIdle(channel.clients);
        return { viewers: channel.clients.size, sentBytes: channel.sentBytes, requests: channel.requests };
      },
      responses,
      sentBytes,
    }),
    keep(known) {
      for (const id of channels.keys()) if (!known.has(id)) channels.delete(id);
    },
  };
}
