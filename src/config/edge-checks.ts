// Rules about `server.edge` that concern other keys, too.

import { seedDefaults } from '../core/endpoints.ts';
import type { LocatedProblem } from './positions.ts';
import { asGroup, valueAt } from './raw-tree.ts';
import { splitUrl } from './url-parts.ts';

export function edgeProblems(root: unknown): readonly LocatedProblem[] {
  if (asGroup(valueAt(root, 'server', 'edge')) === undefined) return [];
  const port = Number(valueAt(root, 'server', 'edge', 'port') ?? seedDefaults.edgePort);
  const key = valueAt(root, 'server', 'edge', 'port') === undefined ? ['server', 'edge'] : ['server', 'edge', 'port'];
  const others = { rtmp: seedDefaults.rtmpPort, public: seedDefaults.publicHttpPort };
  const taken = (Object.entries(others) as [keyof typeof others, number][]).find(
    ([name, standard]) => Number(valueAt(root, 'server', 'ports', name) ?? standard) === port,
  );
  const upstream = valueAt(root, 'server', 'edge', 'upstream');
  const urls = Array.isArray(upstream) ? upstream : [upstream];
  const loops = urls.flatMap((url, index) =>
    typeof url === 'string' && leadsTo(url, port)
      ? [
          {
            path: ['server', 'edge', 'upstream', ...(Array.isArray(upstream) ? [index] : [])],
            message: 'is the edge itself: it would ask itself for ever',
          },
        ]
      : [],
  );
  return [
    ...(taken === undefined ? [] : [{ path: key, message: `port ${port} is used for both edge.port and ports.${taken[0]}` }]),
    ...loops,
  ];
}

function leadsTo(url: string, port: number): boolean {
  const parts = splitUrl(url);
  if (!parts.ok) return false;
  const host = parts.value.host.toLowerCase();
  return (host === 'localhost' || host === '[::1]' || host.startsWith('127.')) && (parts.value.port ?? 80) === port;
}
