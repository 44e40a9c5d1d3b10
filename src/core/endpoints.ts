// Where things are in each runtime: the one place that knows the seed's addresses.

import type { Runtime, ServerConfig } from './config.ts';
import type { Endpoints } from './job-plan.ts';

export const seedDefaults = {
  rtmpUrl: 'rtmp://nginx-rtmp:1935/live',
  hlsUrl: 'http://nginx-rtmp:8000/hls',
  publicUrl: 'http://localhost:8088',
  hlsDirectory: '/tmp/hls',
  rtmpPort: 1935,
  httpPort: 8000,
  publicHttpPort: 8088,
  edgePort: 8089,
  segmentSeconds: 2,
  windowSegments: 10,
  diskWarnPercent: 80,
  diskShedPercent: 90,
} as const;

/** Who may read /metrics when nothing else is said: loopback, and addresses that no router of the internet passes on. */
export const privateNetworks: readonly string[] = [
  '127.0.0.0/8',
  '::1',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
];

/** How we introduce ourselves to servers; whoever counts viewers leaves it out. */
export const ownAgent = 'iptv';
/** How an edge asks an origin; its viewers are counted where they are, at the edge. */
export const edgeAgent = 'iptv-edge';

/** In Docker the supervisor answers nginx on this port, and takes its datagrams; it is not published. */
export const webPort = 9180;

/** In the local runtime nginx listens on this host, so the Compose service name gives way to loopback. */
export function resolveEndpoints(server: ServerConfig, runtime: Runtime): Endpoints {
  const local = runtime === 'local';
  const rtmpUrl = server.rtmpUrl ?? (local ? `rtmp://127.0.0.1:${server.ports.rtmp}/live` : `rtmp://nginx-rtmp:${server.ports.rtmp}/live`);
  const hlsUrl =
    server.hlsUrl ?? (local ? `http://127.0.0.1:${server.ports.publicHttp}/hls` : `http://nginx-rtmp:${server.ports.http}/hls`);
  const root = hlsUrl.replace(/\/hls\/?$/, '');
  return {
    rtmpUrl: rtmpUrl.replace(/\/$/, ''),
    hlsUrl: hlsUrl.replace(/\/$/, ''),
    publicHlsUrl: `${server.publicUrl}/hls`,
    liveUrl: `${root}/live`,
    publicLiveUrl: `${server.publicUrl}/live`,
    statUrl: `${root}/stat`,
    healthUrl: `${root}/healthz`,
    hlsDirectory: server.hlsDirectory,
  };
}
