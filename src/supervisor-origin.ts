// The nginx that a supervisor watches: its own child in the local runtime, another container's otherwise.

import type { Config } from './core/config.ts';
import { AppError } from './core/errors.ts';
import type { EventSink } from './core/events.ts';
import { ExitCode } from './core/exit-codes.ts';
import type { Endpoints } from './core/job-plan.ts';
import { originName, webSocketPath } from './core/state-paths.ts';
import type { LogBook } from './observe/log-sink.ts';
import { localNginxValues, renderNginxConf } from './plan/nginx-conf.ts';
import { createExternalOrigin, createLocalOrigin, type OriginUnit } from './run/origin-unit.ts';
import type { StartLimiter } from './run/start-limiter.ts';
import { findTools } from './stack/tools.ts';
import { createLocalEdge, type LocalEdge } from './supervisor-edge.ts';
import type { SuperviseOptions } from './supervise.ts';

export function createOrigin(
  options: SuperviseOptions,
  endpoints: Endpoints,
  limiter: StartLimiter,
  logs: LogBook,
  events: EventSink,
  config: () => Config,
): { readonly origin: OriginUnit; readonly edge: LocalEdge } {
  const edge = createLocalEdge({ supervise: options, config, events, log: logs.log(originName) });
  if (options.runtime === 'docker') return { origin: createExternalOrigin(options.ports, endpoints, events), edge };
  const { ports, paths, isRoot } = options;
  const origin = createLocalOrigin({
    ports,
    endpoints,
    paths,
    limiter,
    log: logs.log(originName),
    events,
    async nginx() {
      // Looked for at each start: it may have been installed, or moved by an upgrade, since the last one.
      const { nginx, rtmpModule } = await findTools(ports);
      if (nginx === undefined || rtmpModule === undefined) {
        const what = nginx === undefined ? 'nginx was not found' : "nginx's rtmp module was not found";
        throw new AppError({ exitCode: ExitCode.unavailable, code: 'nginx-missing', message: what, next: 'iptv setup' });
      }
      const values = localNginxValues(config(), endpoints, {
        runAsRoot: isRoot,
        stateDirectory: paths.nginx,
        modulePath: rtmpModule,
        webSocket: webSocketPath(paths, isRoot),
        edge: await edge.conf(),
      });
      return { path: nginx, conf: renderNginxConf(options.readTemplate('nginx'), values) };
    },
  });
  return { origin, edge };
}
