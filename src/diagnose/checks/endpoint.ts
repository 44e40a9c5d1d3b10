// What the seed's `curl http://localhost:8088/hls/` asks: the listing, a playlist and a segment, as a viewer gets them.

import { fail, pass } from '../check.ts';
import type { DoctorCheck } from '../doctor-check.ts';

export const endpointCheck: DoctorCheck = {
  id: 'endpoint',
  title: 'HLS endpoint',
  group: 'Delivery',
  layer: 'http',
  severity: 'error',
  dependsOn: ['nginx'],
  about: 'The listing at /hls/, a playlist and a segment, fetched at the public URL.',
  finds: { 'listing-refused': '/hls/ does not answer with 200' },
  async run(context) {
    const url = `${context.originUrl}/hls/`;
    const answer = await context.ports.net.get(url, { timeoutMs: 5000 });
    if (answer?.status === 200) return [pass(`${url} answers`)];
    return [fail({ code: 'listing-refused', what: `${url} answers ${answer?.status ?? 'nothing'}`, next: `curl -i ${url}` })];
  },
};
