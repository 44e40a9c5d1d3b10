// Who holds the ports: our nginx, nobody, or somebody else.

import { cannotTell, fail, pass, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import { portsCheck } from './ports.ts';

export const runningPortsCheck: DoctorCheck = {
  id: 'ports',
  title: portsCheck.title,
  layer: portsCheck.layer,
  severity: portsCheck.severity,
  dependsOn: [],
  group: 'Machine',
  about: 'The RTMP and HTTP ports are held by our nginx, or are free; else by whom they are held.',
  finds: {
    'port-in-use': 'another program listens where nginx should',
    'port-not-published': 'the container runs and does not publish the port that streams.yaml names',
  },
  notHere: (context) => (context.inside === true ? 'Docker publishes the port on the host' : undefined),
  run: async (context, facts) => (context.runtime === 'local' ? portsCheck.run(context, facts) : checkPublished(context, facts)),
};

async function checkPublished(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const port = context.config.server.ports.publicHttp;
  const { origin } = await facts.containers();
  // A paused container keeps its ports.
  const isThere = origin?.state === 'running' || origin?.state === 'paused';
  const published = isThere ? Object.values(origin.published).flat() : [];
  if (published.some((place) => place.endsWith(`:${port}`))) return [pass(`port ${port} is published by nginx-rtmp`, published)];
  const holder = await context.ports.net.portHolder(port);
  if (holder !== undefined) {
    const who = holder.pid === undefined ? 'a program of another user' : `${holder.command ?? 'an unknown program'} (pid ${holder.pid})`;
    return [
      fail({
        code: 'port-in-use',
        what: `port ${port}, which viewers use, is held by ${who}`,
        evidence: [`listening on port ${port}: ${who}`],
        why: `end that program, or set another server.ports.public in ${context.config.path}`,
        next: holder.pid === undefined ? `ss -ltnp 'sport = :${port}'` : `ps -fp ${holder.pid}`,
      }),
    ];
  }
  if (origin === undefined) return [pass(`port ${port} is free`)];
  if (origin.state !== 'running') return [cannotTell('the container nginx-rtmp is not running')];
  return [
    fail({
      code: 'port-not-published',
      what: `nginx-rtmp does not publish port ${port}`,
      evidence: [published.length === 0 ? 'it publishes no port' : `it publishes ${published.join(', ')}`],
      why: 'streams.yaml was changed after the containers were made',
      next: 'iptv up',
    }),
  ];
}
