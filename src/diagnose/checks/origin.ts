// Does nginx run, answer, and have its rtmp module?

import { cannotTell, fail, pass, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';

export const originCheck: DoctorCheck = {
  id: 'nginx',
  title: 'nginx',
  group: 'Stack',
  layer: 'http',
  severity: 'error',
  dependsOn: [],
  about: 'nginx runs, answers over HTTP, and its rtmp module is loaded.',
  finds: {
    'nginx-down': 'nobody takes connections on the HTTP port',
    'nginx-hung': 'it takes connections and does not answer',
  },
  async run(context, facts) {
    const { origin } = context.places;
    if (origin.unreachable !== undefined && context.inside !== true) return [cannotTell(origin.unreachable)];
    const health = await facts.health();
    return [health === 'answers' ? pass(`nginx answers at ${context.originUrl}`) : down(context, health)];
  },
};

function down(context: DoctorContext, health: 'silent' | 'refused' | 'other'): Finding {
  const hung = health === 'silent';
  return fail({
    code: hung ? 'nginx-hung' : 'nginx-down',
    what: hung ? 'nginx takes connections but does not answer' : 'nginx does not run',
    evidence: [`${context.originUrl}/healthz: ${health}`],
    why: 'viewers get nothing, and the primary leg is not written',
    next: 'iptv logs nginx-rtmp',
    consequenceOf: ['supervisor/supervisor-down', 'ports'],
    ...(hung ? { fix: { action: 'restart nginx', apply: () => context.actions.restartOrigin() } } : {}),
  });
}
