// Fills in the nginx template for the local runtime; the container's start.sh does the same there.

import type { Config } from '../core/config.ts';
import type { Endpoints } from '../core/job-plan.ts';

export type NginxConfValues = Readonly<Record<string, string>>;

export function renderNginxConf(template: string, values: NginxConfValues): string {
  return template.replace(/\$\{(IPTV_[A-Z_]+)\}/g, (_whole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the nginx template asks for ${name}`);
    return value;
  });
}

export function localNginxValues(config: Config, endpoints: Endpoints, o: { runAsRoot: boolean; stateDirectory: string; modulePath: string }): NginxConfValues {
  const { segmentSeconds, windowSegments, ports } = config.server;
  const rules = (what: string): string => `allow ${what}127.0.0.1; deny ${what}all;`;
  return {
    IPTV_LOAD_MODULE: `load_module ${o.modulePath};`,
    IPTV_USER: o.runAsRoot ? 'user nobody nogroup;' : '',
    IPTV_PID: `${o.stateDirectory}/nginx.pid`,
    IPTV_ERROR_LOG: 'stderr',
    IPTV_RTMP_LISTEN: `listen 127.0.0.1:${ports.rtmp};`,
    IPTV_HTTP_LISTEN: `listen ${ports.publicHttp};`,
    IPTV_HLS_DIR: endpoints.hlsDirectory,
    IPTV_WEB_ROOT: endpoints.hlsDirectory.slice(0, -4) || '/',
    IPTV_HLS_FRAGMENT: `${segmentSeconds * 1000}ms`,
    IPTV_HLS_PLAYLIST_LENGTH: `${segmentSeconds * 1000 * windowSegments}ms`,
    IPTV_CLEANER_LENGTH: '600s',
    IPTV_ALLOW_PUBLISH: rules('publish '),
    IPTV_ALLOW_PLAY: rules('play '),
    IPTV_ALLOW_CONTROL: rules(''),
    IPTV_TEMP_DIR: `${o.stateDirectory}/temp`,
  };
}
