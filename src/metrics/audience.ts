// Who watches what, counted from nginx's access log: nobody is stored, only that somebody was here.

import { edgeAgent, ownAgent } from '../core/endpoints.ts';
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
  /** What the edge answered its viewers, by how its cache took it: `hit`, `miss`, `stale` ... */
  readonly edge: ReadonlyMap<string, EdgeAnswers>;
}

export interface EdgeAnswers {
  readonly requests: number;
  readonly sentBytes: number;
}

export interface AudienceCounter {
  /** One line of the access log, as `log_format` of either nginx template makes it, with or without a syslog header. */
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

/** An edge that reported within this time counts its own viewers; one that does not (on another host) is itself a viewer. */
const edgeReportsMs = 60_000;

interface Channel {
  /** When each was last here, in that order. */
  readonly clients: Map<string, number>;
  /** The same of edges. */
  readonly edges: Map<string, number>;
  sentBytes: number;
  requests: number;
}

/** `<address>|<status>|<bytes>|<request uri>|<user agent>`, of an edge with `@<cache status>|` before it; the agent may hold anything. */
const shape = /(?:^|: )(?:@([A-Z]{0,16})\|)?([0-9a-fA-F.:]+)\|(\d{3})\|(\d+)\|([^|]*)\|(.*)$/s;
/** Of nginx's $upstream_cache_status, and PASS for what went by the cache. */
const cacheWords = new Set(['HIT', 'MISS', 'EXPIRED', 'STALE', 'UPDATING', 'REVALIDATED', 'BYPASS', 'PASS']);
const channelFile =
  /^\/(?:live\/([a-z0-9][a-z0-9_-]*)\/(?:[a-z0-9]+\/)?[A-Za-z0-9_][\w.-]*|hls\/(?:stream_)?([a-z0-9][a-z0-9_-]*?)(?:[-_]\d+\.(?:ts|m4s)|\.m3u8))(?:\?|$)/;

export function createAudienceCounter(options: {
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Makes the hashes of clients useless to anybody else. */
  readonly salt: string;
  readonly isKnown: (id: string) => boolean;
  /** The access log arrives. */
  readonly onHeard?: () => void;
  /** A viewer fetched a playlist of this channel; so many clients did lately. */
  readonly onWatched?: (id: string, viewers: number) => void;
}): AudienceCounter {
  const channels = new Map<string, Channel>();
  const responses = new Map<string, number>();
  const edge = new Map<string, EdgeAnswers>();
  let edgeSeenAt = -Infinity;
  let sentBytes = 0;

  const edgeReports = (): boolean => options.now() - edgeSeenAt < edgeReportsMs;

  function forgetIdle(clients: Map<string, number>): void {
    const oldest = options.now() - watchingMs;
    for (const [client, seenAt] of clients) {
      // In the order of last use: the first that is young enough ends it.
      if (seenAt >= oldest) return;
      clients.delete(client);
    }
  }

  function watching({ clients, edges }: Channel): number {
    forgetIdle(clients);
    forgetIdle(edges);
    return clients.size + (edgeReports() ? 0 : edges.size);
  }

  return {
    take(line) {
      const [, cache, address, status = '', bytes = '', uri = '', agent = ''] = shape.exec(line) ?? [];
      if (address === undefined) return;
      options.onHeard?.();
      if (cache === undefined) {
        const answer = `${status[0]}xx`;
        responses.set(answer, (responses.get(answer) ?? 0) + 1);
        sentBytes += Number(bytes);
      } else {
        edgeSeenAt = options.now();
        const word = cacheWords.has(cache) ? cache.toLowerCase() : 'none';
        const before = edge.get(word) ?? { requests: 0, sentBytes: 0 };
        edge.set(word, { requests: before.requests + 1, sentBytes: before.sentBytes + Number(bytes) });
      }
      const [, live, flat] = channelFile.exec(uri) ?? [];
      const id = live ?? flat;
      if (id === undefined || !options.isKnown(id)) return;
      const channel = channels.get(id) ?? {
        clients: new Map<string, number>(),
        edges: new Map<string, number>(),
        sentBytes: 0,
        requests: 0,
      };
      channels.set(id, channel);
      // What it is sent, it sends on, and says so.
      if (cache !== undefined || agent !== edgeAgent || !edgeReports()) {
        channel.requests += 1;
        channel.sentBytes += Number(bytes);
      }
      const isPlaylist = uri.split('?')[0]?.endsWith('.m3u8') === true;
      if (!isPlaylist || agent === ownAgent || !/^(?:2|304)/.test(status)) return;
      const client = hashText(`${options.salt} ${address} ${agent}`);
      const seen = agent === edgeAgent ? channel.edges : channel.clients;
      seen.delete(client);
      seen.set(client, options.now());
      if (seen.size > mostClients) seen.delete(seen.keys().next().value ?? '');
      options.onWatched?.(id, Math.max(1, watching(channel)));
    },
    audience: () => ({
      of(id) {
        const channel = channels.get(id);
        if (channel === undefined) return { viewers: 0, sentBytes: 0, requests: 0 };
        return {
          viewers: watching(channel),
          sentBytes: channel.sentBytes,
          requests: channel.requests,
        };
      },
      responses,
      sentBytes,
      edge,
    }),
    keep(known) {
      for (const id of channels.keys()) if (!known.has(id)) channels.delete(id);
    },
  };
}
