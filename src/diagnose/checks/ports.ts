// Are the ports free that nginx is going to listen on, or held by our own nginx?

import type { PortHolder } from '../../core/ports.ts';
import { fail, pass, type Check, type Finding } from '../check.ts';
import { asRoot, type CheckContext } from '../context.ts';

export const portsCheck: Check = {
  id: 'ports',
  title: 'ports',
  layer: 'host',
  severity: 'error',
  dependsOn: [],
  notHere: (context) => (context.runtime === 'docker' ? 'Docker binds the published port itself and says so when it cannot' : undefined),
  async run(context) {
    const { ports, edge } = context.config.server;
    const { rtmp, publicHttp } = ports;
    return Promise.all([
      checkPort(context, rtmp, 'RTMP', 'server.ports.rtmp'),
      checkPort(context, publicHttp, 'HTTP', 'server.ports.public'),
      ...(edge === undefined ? [] : [checkPort(context, edge.port, 'the edge', 'server.edge.port')]),
    ]);
  },
};

async function checkPort(context: CheckContext, port: number, purpose: string, key: string): Promise<Finding> {
  const holder = await context.ports.net.portHolder(port);
  if (holder === undefined) return pass(`port ${port} (${purpose}) is free`);
  if (isOurs(context, holder)) return pass(`port ${port} (${purpose}) is held by our nginx`, [describe(holder)]);
  const orphan = isOrphan(context, holder);
  return fail({
    code: 'port-in-use',
    what: `port ${port}, which nginx needs for ${purpose}, is in use by ${describe(holder)}`,
    evidence: [`listening on port ${port}: ${describe(holder)}`],
    why: orphan
      ? 'this nginx worker has outlived its master, which was killed'
      : `end that program, or set another port as ${key} in ${context.config.path}`,
    next:
      holder.pid === undefined
        ? asRoot(context, `ss -ltnp 'sport = :${port}'`)
        : orphan
          ? asRoot(context, `kill ${holder.pid}`)
          : `ps -fp ${holder.pid}`,
  });
}

/** The master and its workers share the listening socket; any of them may be named as holder. */
function isOurs(context: CheckContext, holder: PortHolder): boolean {
  const ours = context.ourNginxPid;
  if (ours === undefined || holder.pid === undefined) return false;
  return holder.pid === ours || context.ports.process.inspect(holder.pid)?.parentPid === ours;
}

/** A master that daemonised has parent 1 too, but leads its process group; its workers do not. */
function isOrphan(context: CheckContext, holder: PortHolder): boolean {
  if (holder.pid === undefined || holder.command !== 'nginx') return false;
  const info = context.ports.process.inspect(holder.pid);
  return info?.parentPid === 1 && info.groupId !== holder.pid;
}

function describe(holder: PortHolder): string {
  if (holder.pid === undefined) return 'a program of another user';
  return `${holder.command ?? 'an unknown program'} (pid ${holder.pid})`;
}
