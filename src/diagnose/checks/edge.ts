// Does the edge answer, does it reach an origin, and does it keep anything?

import { fail, pass, warn, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';

/** A channel that nobody has: an edge that reaches its origin says 404, one that does not 502 or 504. */
const nowhere = '/live/iptv-doctor/index.m3u8';
const askLimitMs = 4000;

export const edgeCheck: DoctorCheck = {
  id: 'edge',
  title: 'edge',
  group: 'Delivery',
  layer: 'http',
  severity: 'error',
  dependsOn: ['nginx'],
  about: 'The edge of server.edge answers, reaches an origin, and has room for its cache.',
  finds: {
    'edge-silent': 'nothing answers where viewers of the edge ask',
    'edge-no-origin': 'the edge answers, and none of its origins does',
    'edge-full': 'its cache has no room, so everything comes from the origin',
  },
  notHere: ({ config }) => (config.server.edge === undefined ? 'streams.yaml has no server.edge' : undefined),
  async run(context) {
    const url = addressOf(context);
    const answer = await context.ports.net.get(`${url}${nowhere}`, { timeoutMs: askLimitMs });
    const evidence = [`GET ${url}${nowhere}: ${answer === undefined ? 'no answer' : `HTTP ${answer.status}`}`];
    if (answer === undefined) return [silent(context, evidence)];
    if (answer.status >= 500) return [withoutOrigin(context, evidence)];
    const cache = answer.headers['x-cache'] ?? '(none)';
    if (cache !== 'PASS') return [pass(`the edge answers at ${url} and reaches its origin`)];
    return [
      warn({
        code: 'edge-full',
        what: 'the cache of the edge has no room',
        evidence: [...evidence, `X-Cache: ${cache}`],
        why: 'viewers get everything from the origin, each one anew; there is room again when the disk is',
        next:
          context.runtime === 'docker'
            ? 'docker system df -v'
            : `df -h /dev/shm ${context.config.server.edge?.diskDirectory ?? context.paths.edge}`,
        consequenceOf: ['disk'],
      }),
    ];
  },
};

/** In the network of Compose its service has the port that nginx has there. */
function addressOf({ config, inside }: DoctorContext): string {
  return inside === true ? `http://nginx-edge:${config.server.ports.http}` : `http://127.0.0.1:${config.server.edge?.port ?? 0}`;
}

function silent(context: DoctorContext, evidence: readonly string[]): Finding {
  return fail({
    code: 'edge-silent',
    what: 'nothing answers where viewers of the edge ask',
    evidence,
    why: 'it was added to streams.yaml after nginx was started, or could not be started',
    next: context.runtime === 'docker' ? 'iptv up' : 'iptv logs nginx-rtmp',
    consequenceOf: ['nginx', 'config', 'docker'],
    ...(context.runtime === 'docker'
      ? {}
      : { fix: { action: 'write the configuration of nginx anew and restart it', apply: () => context.actions.restartOrigin() } }),
  });
}

function withoutOrigin({ config }: DoctorContext, evidence: readonly string[]): Finding {
  const upstreams = config.server.edge?.upstreams ?? [];
  return fail({
    code: 'edge-no-origin',
    what: `the edge answers, and ${upstreams.length > 1 ? 'none of its origins does' : 'its origin does not'}`,
    evidence: [...evidence, `upstream: ${upstreams.length === 0 ? 'the nginx of this house' : upstreams.join(' ')}`],
    why: 'viewers see what the edge has for a few minutes, and then nothing',
    next: `curl -si ${upstreams[0] ?? `http://127.0.0.1:${config.server.ports.publicHttp}`}/healthz`,
    consequenceOf: ['nginx', 'docker'],
  });
}
