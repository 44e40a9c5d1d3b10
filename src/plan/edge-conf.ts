// Fills in the template of the edge for the local runtime; in a container docker/edge/start.sh does the same.

import type { Config, EdgeConfig } from '../core/config.ts';
import { edgeAgent } from '../core/endpoints.ts';
import { checkedPath } from './nginx-conf.ts';

/** One value for each `${IPTV_...}` of docker/edge/edge.conf.template. */
export interface EdgeConfValues {
  /** Directives of an `upstream` block. */
  readonly IPTV_EDGE_SERVERS: string;
  /** Unix socket between the two halves of the edge. */
  readonly IPTV_EDGE_SOCKET: string;
  readonly IPTV_EDGE_MEMORY_DIR: string;
  readonly IPTV_EDGE_MEMORY_SIZE: string;
  readonly IPTV_EDGE_MEMORY_FREE: string;
  readonly IPTV_EDGE_DISK_DIR: string;
  readonly IPTV_EDGE_DISK_SIZE: string;
  readonly IPTV_EDGE_DISK_FREE: string;
  readonly IPTV_EDGE_OTHERS_STAY: string;
  readonly IPTV_EDGE_POPULAR_RATE: string;
  readonly IPTV_EDGE_POPULAR_BURST: string;
  readonly IPTV_EDGE_HOLDS: string;
  readonly IPTV_EDGE_REVALIDATE: string;
  readonly IPTV_EDGE_IF_ERROR: string;
  readonly IPTV_EDGE_LISTEN: string;
  /** The whole directive. */
  readonly IPTV_EDGE_ACCESS_LOG: string;
  readonly IPTV_EDGE_HOST: string;
  readonly IPTV_EDGE_AGENT: string;
}

export interface EdgePlace {
  readonly memoryDirectory: string;
  /** Of the whole file system there, bytes. */
  readonly memoryTotalBytes: number;
  readonly diskDirectory: string;
  readonly diskTotalBytes: number;
  readonly socket: string;
  /** The origins in the order of preference, as `address:port`; one that has no address now is left out. */
  readonly servers: readonly string[];
  /** What the first origin calls itself. */
  readonly host: string;
  /** Where a line per request goes, such as `syslog:...`; undefined: nowhere. */
  readonly accessLog: string | undefined;
}

const mib = 1024 ** 2;
/** While no origin answers, an old playlist holds for so long: players wait quietly instead of giving up. */
const ifErrorSeconds = 300;
/** A channel stays popular for so long after its last viewer. */
const popularForSeconds = 30;

export interface CacheLimits {
  /** What the cache may grow to. */
  readonly sizeBytes: number;
  /** Below this nginx removes old files. */
  readonly minFreeBytes: number;
  /** Below this nothing is written any more, from twice of it on again. */
  readonly reserveBytes: number;
}

/** nginx looks at sizes each second or two, so a cache needs room above its limit; small file systems give an eighth of themselves. */
export function cacheLimits(askedBytes: number, totalBytes: number): CacheLimits {
  const reserveBytes = Math.min(128 * mib, Math.floor(totalBytes / 8));
  return { sizeBytes: Math.min(askedBytes, Math.floor((totalBytes * 5) / 8)), minFreeBytes: 2 * reserveBytes, reserveBytes };
}

export function edgeValues(config: Config, edge: EdgeConfig, place: EdgePlace): EdgeConfValues {
  const memory = cacheLimits(edge.memoryBytes, place.memoryTotalBytes);
  const disk = cacheLimits(edge.diskBytes, place.diskTotalBytes);
  const outputs = [config.server, ...config.streams.map((stream) => stream.output)];
  const shortest = Math.min(...outputs.map(({ segmentSeconds }) => segmentSeconds));
  const longestWindow = Math.max(...outputs.map(({ segmentSeconds, windowSegments }) => segmentSeconds * windowSegments));
  const { rate, burst } = popularity(edge.popularFrom, shortest);
  return {
    IPTV_EDGE_SERVERS: upstreamServers(place.servers),
    IPTV_EDGE_SOCKET: checkedPath(place.socket),
    IPTV_EDGE_MEMORY_DIR: checkedPath(place.memoryDirectory),
    IPTV_EDGE_MEMORY_SIZE: String(memory.sizeBytes),
    IPTV_EDGE_MEMORY_FREE: String(memory.minFreeBytes),
    IPTV_EDGE_DISK_DIR: checkedPath(place.diskDirectory),
    IPTV_EDGE_DISK_SIZE: String(disk.sizeBytes),
    IPTV_EDGE_DISK_FREE: String(disk.minFreeBytes),
    // What an old playlist lists must be there as long as that may be shown.
    IPTV_EDGE_OTHERS_STAY: `${Math.max(30, Math.ceil(longestWindow) + 10)}s`,
    IPTV_EDGE_POPULAR_RATE: rate,
    IPTV_EDGE_POPULAR_BURST: burst,
    IPTV_EDGE_HOLDS: holds(shortest),
    IPTV_EDGE_REVALIDATE: String(Math.max(1, Math.floor(shortest / 3))),
    IPTV_EDGE_IF_ERROR: String(ifErrorSeconds),
    IPTV_EDGE_LISTEN: `listen ${edge.port};`,
    IPTV_EDGE_ACCESS_LOG: accessLog(place.accessLog),
    IPTV_EDGE_HOST: place.host,
    IPTV_EDGE_AGENT: edgeAgent,
  };
}

/** Without an address nginx would not start at all, so a server that is down stands in: each request is answered with 502 at once. */
export function upstreamServers(servers: readonly string[]): string {
  if (servers.length === 0) return 'server 127.0.0.1:9 down;';
  return servers.map((server, index) => `server ${server} max_fails=2 fail_timeout=5s${index === 0 ? '' : ' backup'};`).join(' ');
}

/**
 * A third of a segment, in whole seconds: nginx counts from the beginning of the second in which an answer came, so n seconds
 * are between n and n + 1, and the rest of the present second is the least there is.
 */
function holds(segmentSeconds: number): string {
  const more = Math.floor(segmentSeconds / 3) - 1;
  return more <= 0 ? '"~^(?<iptv_edge_now>[0-9]+)" "@$iptv_edge_now";' : `default ${more};`;
}

/**
 * A viewer asks for one playlist and one segment per segment time: the rate lies between what one viewer too few and just
 * enough of them ask. The first of them, and what a player asks at its start, are not worth more.
 */
function popularity(viewers: number, segmentSeconds: number): { readonly rate: string; readonly burst: string } {
  const perMinute = Math.max(1, Math.round((60 * (2 * (viewers - 1) + 1)) / segmentSeconds));
  const delay = 2 * viewers;
  return { rate: `${perMinute}r/m`, burst: `burst=${delay + Math.ceil((perMinute / 60) * popularForSeconds)} delay=${delay}` };
}

function accessLog(target: string | undefined): string {
  return target === undefined ? 'access_log off;' : `access_log ${target} iptv_edge if=$iptv_edge_counted;`;
}
