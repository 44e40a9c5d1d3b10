// Fills in the nginx template for the local runtime; in the container docker/nginx/start.sh does the same.

import type { Config } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { privateNetworks } from '../core/endpoints.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { EdgeConfValues } from './edge-conf.ts';

/** One value for each `${IPTV_...}` of docker/nginx/nginx.conf.template. */
export interface NginxConfValues {
  /** The whole directive, or nothing where the module is built in. */
  readonly IPTV_LOAD_MODULE: string;
  /** The whole directive, or nothing: only root may name another user. */
  readonly IPTV_USER: string;
  readonly IPTV_PID: string;
  readonly IPTV_ERROR_LOG: string;
  readonly IPTV_RTMP_LISTEN: string;
  readonly IPTV_HTTP_LISTEN: string;
  readonly IPTV_HLS_DIR: string;
  readonly IPTV_WEB_ROOT: string;
  readonly IPTV_HLS_FRAGMENT: string;
  readonly IPTV_HLS_PLAYLIST_LENGTH: string;
  readonly IPTV_CLEANER_LENGTH: string;
  readonly IPTV_ALLOW_PUBLISH: string;
  readonly IPTV_ALLOW_PLAY: string;
  readonly IPTV_ALLOW_CONTROL: string;
  readonly IPTV_TEMP_DIR: string;
  /** Where a line per request goes: `syslog:...`. */
  readonly IPTV_ACCESS_LOG: string;
  readonly IPTV_ALLOW_METRICS: string;
  /** The whole directive, with whatever it needs. */
  readonly IPTV_METRICS_PASS: string;
  /** The same for the page /hls/. */
  readonly IPTV_LISTING_PASS: string;
  /** The same for viewers of idle channels, without a path. */
  readonly IPTV_ONDEMAND_PASS: string;
  /** The whole block, or nothing where datagrams need no help to reach the supervisor. */
  readonly IPTV_STREAM_BLOCK: string;
  /** docker/edge/edge.conf.template, filled in; or nothing. */
  readonly IPTV_EDGE: string;
}

export interface LocalNginxOptions {
  readonly runAsRoot: boolean;
  /** nginx's own folder: pid file, and `temp/`, which must exist. */
  readonly stateDirectory: string;
  readonly modulePath: string;
  /** Unix socket on which the supervisor answers read-only questions. */
  readonly webSocket: string;
  /** Text of the edge, where this nginx is one as well. */
  readonly edge?: string;
}

/** nginx-rtmp's cleaner removes playlists at this age and segments at twice it. */
const cleanerMinimumSeconds = 600;

/** Any of our templates' values. */
type Values = NginxConfValues | EdgeConfValues | Readonly<Record<`IPTV_${string}`, string>>;

/** Only `${IPTV_...}` is ours: nginx has variables of its own. */
export function renderNginxConf(template: string, values: Values): string {
  const known = new Map<string, string>(Object.entries(values));
  return template.replace(/\$\{(IPTV_\w+)\}/g, (_whole, name: string) => {
    const value = known.get(name);
    if (value === undefined)
      throw new AppError({ exitCode: ExitCode.bug, code: 'nginx-template', message: `the nginx template asks for ${name}` });
    return value;
  });
}

export function localNginxValues(config: Config, endpoints: Endpoints, options: LocalNginxOptions): NginxConfValues {
  const { segmentSeconds, windowSegments, ports } = config.server;
  const hlsDirectory = checkedPath(endpoints.hlsDirectory);
  const stateDirectory = checkedPath(options.stateDirectory);
  return {
    IPTV_LOAD_MODULE: `load_module "${checkedPath(options.modulePath)}";`,
    IPTV_USER: options.runAsRoot ? 'user nobody nogroup;' : '',
    IPTV_PID: `${stateDirectory}/nginx.pid`,
    IPTV_ERROR_LOG: 'stderr',
    // Jobs run on this host and nowhere else.
    IPTV_RTMP_LISTEN: `listen 127.0.0.1:${ports.rtmp};`,
    IPTV_HTTP_LISTEN: `listen ${ports.publicHttp};`,
    IPTV_HLS_DIR: hlsDirectory,
    IPTV_WEB_ROOT: webRoot(hlsDirectory),
    IPTV_HLS_FRAGMENT: milliseconds(segmentSeconds),
    IPTV_HLS_PLAYLIST_LENGTH: milliseconds(segmentSeconds * windowSegments),
    IPTV_CLEANER_LENGTH: `${cleanerSeconds(config)}s`,
    IPTV_ALLOW_PUBLISH: fromLoopback('publish '),
    IPTV_ALLOW_PLAY: fromLoopback('play '),
    IPTV_ALLOW_CONTROL: fromLoopback(''),
    IPTV_TEMP_DIR: `${stateDirectory}/temp`,
    // The number of a TCP port that is this house's own; for datagrams nobody else uses it.
    IPTV_ACCESS_LOG: `syslog:server=127.0.0.1:${ports.publicHttp},nohostname,tag=iptv`,
    IPTV_ALLOW_METRICS: allowRules(config.server.metricsFrom ?? privateNetworks),
    IPTV_METRICS_PASS: `proxy_pass "http://unix:${checkedPath(options.webSocket)}:/metrics";`,
    IPTV_LISTING_PASS: `proxy_pass "http://unix:${checkedPath(options.webSocket)}:/hls/";`,
    IPTV_ONDEMAND_PASS: `proxy_pass "http://unix:${checkedPath(options.webSocket)}";`,
    IPTV_STREAM_BLOCK: '',
    IPTV_EDGE: options.edge ?? '',
  };
}

/** Slower than the longest playlist that any leg keeps: nginx follows the server's settings, ffmpeg the stream's. */
function cleanerSeconds(config: Config): number {
  const windows = [config.server, ...config.streams.map((stream) => stream.output)].map((one) => one.segmentSeconds * one.windowSegments);
  return Math.max(cleanerMinimumSeconds, Math.ceil(Math.max(...windows)) * 2);
}

/** So that /hls/x is the file <root>/hls/x, without alias or rewrite. */
function webRoot(hlsDirectory: string): string {
  if (!hlsDirectory.endsWith('/hls')) {
    throw new AppError({
      exitCode: ExitCode.configInvalid,
      code: 'hls-directory',
      message: `the HLS directory ${hlsDirectory} does not end in /hls`,
    });
  }
  return hlsDirectory.slice(0, -'/hls'.length) || '/';
}

/** nginx reads no fractions of a second. */
function milliseconds(seconds: number): string {
  return `${Math.round(seconds * 1000)}ms`;
}

function allowRules(networks: readonly string[]): string {
  return [...networks.map((network) => `allow ${network};`), 'deny all;'].join(' ');
}

function fromLoopback(verb: string): string {
  return `allow ${verb}127.0.0.1; deny ${verb}all;`;
}

/** The template puts paths into double quotes; these characters would end them or start a variable. */
export function checkedPath(path: string): string {
  if (/^\/[^"\\$\p{Cc}]*$/u.test(path)) return path;
  const message = `nginx cannot be given the path ${JSON.stringify(path)}`;
  throw new AppError({
    exitCode: ExitCode.configInvalid,
    code: 'nginx-path',
    message,
    next: 'use an absolute path without quotes, backslash and dollar sign',
  });
}
