// What Docker Compose is told: project, files and the variables that docker-compose.yml asks for. Pure.

import type { Config } from '../core/config.ts';
import { edgeName } from '../core/state-paths.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export const originService = 'nginx-rtmp';
export const backendService = 'backend';
export const edgeService = edgeName;

export function projectName(env: Environment): string {
  return env['COMPOSE_PROJECT_NAME'] || 'iptv';
}

/** `docker compose` with everything but the subcommand. The hardened file goes over the plain one. */
export function composeArguments(root: string, project: string, permissions: Config['server']['permissions']): readonly string[] {
  const files = ['docker-compose.yml', ...(permissions === 'hardened' ? ['docker-compose.hardened.yml'] : [])];
  return ['compose', '--ansi', 'never', '--progress', 'plain', '-p', project, ...files.flatMap((name) => ['-f', `${root}/docker/${name}`])];
}

/** Values for ${...} in docker-compose.yml, which has the seed's values where nothing is given. */
export function composeVariables(config: Config, env: Environment, version: string | undefined): Readonly<Record<string, string>> {
  const { server, streams, path } = config;
  const cut = path.lastIndexOf('/');
  const windows = streams.map(({ output }) => output.segmentSeconds * output.windowSegments);
  const said = {
    IPTV_CONFIG_DIR: path.slice(0, cut) || '/',
    IPTV_CONFIG_NAME: path.slice(cut + 1),
    IPTV_PUBLIC_PORT: String(server.ports.publicHttp),
    IPTV_HTTP_PORT: String(server.ports.http),
    IPTV_RTMP_PORT: String(server.ports.rtmp),
    IPTV_HLS_DIR: server.hlsDirectory,
    IPTV_SEGMENT_SECONDS: String(server.segmentSeconds),
    IPTV_WINDOW_SEGMENTS: String(server.windowSegments),
    IPTV_LONGEST_WINDOW_SECONDS: String(Math.ceil(Math.max(0, ...windows))),
    IPTV_METRICS_FROM: server.metricsFrom?.join(' ') ?? '',
  };
  const { edge } = server;
  const segments = [server, ...streams.map(({ output }) => output)].map(({ segmentSeconds }) => segmentSeconds);
  const edgeSaid =
    edge === undefined
      ? {}
      : {
          // Besides those that the shell names.
          COMPOSE_PROFILES: [env['COMPOSE_PROFILES'], 'edge'].filter((name) => name !== undefined && name !== '').join(','),
          IPTV_EDGE_PORT: String(edge.port),
          IPTV_EDGE_SEGMENT_SECONDS: String(Math.min(...segments)),
          IPTV_EDGE_POPULAR: String(edge.popularFrom),
          // Five eighths of the file system in memory are used.
          IPTV_EDGE_MEMORY: String(Math.ceil((edge.memoryBytes * 8) / 5)),
          IPTV_EDGE_DISK: String(edge.diskBytes),
          ...(edge.upstreams.length === 0 ? {} : { IPTV_EDGE_UPSTREAM: edge.upstreams.join(' ') }),
        };
  // Not in streams.yaml, so only the shell can say them.
  const others = ['IPTV_PUBLISH_FROM', 'IPTV_EDGE_REPORT', 'TZ'].flatMap((name) =>
    env[name] === undefined ? [] : [[name, env[name]] as const],
  );
  return { ...said, ...edgeSaid, ...(version === undefined ? {} : { IPTV_VERSION: version }), ...Object.fromEntries(others) };
}
