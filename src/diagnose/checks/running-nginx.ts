// Does nginx run, answer, and have its rtmp module; is it a version we know, and is there only one of it?

import { cannotTell, fail, isProblem, pass, warn, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import { installedVersion, judgeNginxVersion } from '../nginx-versions.ts';
import { nginxCheck } from './nginx.ts';

const versionTimeoutMs = 10_000;

export const runningNginxCheck: DoctorCheck = {
  id: 'nginx',
  title: 'nginx',
  group: 'Stack',
  layer: 'http',
  severity: 'error',
  dependsOn: [],
  about: 'nginx has its rtmp module, runs, answers over HTTP, was not reloaded under its publishers, and is a version we know.',
  finds: {
    'nginx-missing': 'there is no nginx',
    'nginx-broken': 'it does not run',
    'rtmp-module-missing': 'it has no rtmp module',
    'rtmp-module-broken': 'its rtmp module cannot be loaded',
    'nginx-down': 'nobody takes connections on the HTTP port',
    'nginx-hung': 'it takes connections and does not answer',
    'nginx-foreign': 'something else answers on the HTTP port',
    'nginx-reloaded': 'an old worker still holds publishers, hidden from /stat',
    'nginx-old': 'this version was never tested with iptv',
    'nginx-bad': 'this version is known not to work with nginx-rtmp',
  },
  async run(context, facts) {
    const [module] = await Promise.all([moduleFindings(context, facts), facts.processes()]);
    if (module.some(isProblem)) return [...module, ...(await answerFindings(context, facts))];
    const { origin } = context.places;
    if (context.runtime === 'docker' && origin.unreachable !== undefined && context.inside !== true)
      return [cannotTell(origin.unreachable)];
    const answers = await answerFindings(context, facts);
    if (answers.length > 0) return answers;
    const problems = [...(await reloadFindings(context, facts)), ...(await versionFindings(context, facts))];
    if (problems.length > 0) return problems;
    const { stat } = await facts.stat();
    const versions = stat === undefined ? [] : [`nginx ${stat.nginxVersion}, up ${stat.uptimeSeconds} s`];
    return [pass(`nginx answers at ${context.originUrl}`, versions)];
  },
};

async function moduleFindings(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  if (context.runtime === 'local') return nginxCheck.run(context, facts);
  const dump = await facts.nginxDump();
  if (dump.state !== 'refused') return [];
  const text = dump.evidence.join('\n');
  const missing = text.includes('unknown directive "rtmp"') || /dlopen\(\).*(?:No such file|cannot open)/.test(text);
  if (!missing && !/dlopen\(\)|binary compatible/.test(text)) return [];
  return [
    fail({
      code: missing ? 'rtmp-module-missing' : 'rtmp-module-broken',
      what: missing ? 'nginx in nginx-rtmp has no rtmp module' : 'nginx in nginx-rtmp cannot load its rtmp module',
      evidence: dump.evidence,
      why: 'what runs goes on, but the next start of the container fails',
      next: 'iptv up',
    }),
  ];
}

async function answerFindings(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const health = await facts.health();
  const url = `${context.originUrl}/healthz`;
  const consequenceOf = [
    'docker',
    'supervisor/supervisor-down',
    'supervisor/supervisor-silent',
    'ports',
    'nginx/nginx-missing',
    'nginx/rtmp-module-missing',
    'nginx/rtmp-module-broken',
    'config/config-refused',
  ];
  const why = 'viewers get nothing, and the primary leg is not written';
  switch (health) {
    case 'answers':
      return [];
    case 'refused':
      return [
        fail({
          code: 'nginx-down',
          what: 'nginx does not run',
          evidence: [`${url}: connection refused`],
          why,
          next: context.inside === true || context.runtime === 'local' ? 'iptv logs nginx-rtmp' : 'iptv up',
          consequenceOf,
        }),
      ];
    case 'silent':
      return [
        fail({
          code: 'nginx-hung',
          what: 'nginx takes connections but does not answer',
          evidence: [`${url}: nothing within 3 s, twice`],
          why,
          next: 'iptv doctor nginx --fix',
          // Another program may hold the port and say nothing.
          consequenceOf: ['docker', 'ports'],
          ...(context.inside === true ? {} : { fix: { action: 'restart nginx', apply: () => context.actions.restartOrigin() } }),
        }),
      ];
    case 'other':
      return [
        fail({
          code: 'nginx-foreign',
          what: 'something else answers where nginx should',
          evidence: [`${url} does not answer "ok"`],
          why: 'another web server on this port, or another nginx configuration',
          next: `curl -i ${url}`,
          consequenceOf: ['ports', 'config'],
        }),
      ];
  }
}

/** A worker that is shutting down goes on serving its publishers until they end, which for a channel is never. */
async function reloadFindings(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const { nginx } = await facts.processes();
  const leaving = (nginx ?? []).filter(({ title }) => title.includes('is shutting down'));
  if (leaving.length === 0) return [];
  return [
    fail({
      code: 'nginx-reloaded',
      what: 'nginx was reloaded and its old worker holds publishers',
      evidence: leaving.map(({ pid, title }) => `pid ${pid}: nginx: ${title}`),
      why: '/stat does not show what the old worker does, and new settings do not reach it; nginx-rtmp wants a restart, not a reload',
      next: 'iptv doctor nginx --fix',
      fix: { action: 'restart nginx', apply: () => context.actions.restartOrigin() },
    }),
  ];
}

/** The one that runs, and locally the one that is installed, which takes its place at the next start. */
async function versionFindings(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const [{ stat }, installed] = await Promise.all([facts.stat(), askInstalled(context)]);
  const versions = new Map([
    ...(installed === undefined ? [] : [[installed, 'installed'] as const]),
    ...(stat === undefined ? [] : [[stat.nginxVersion, 'running'] as const]),
  ]);
  return [...versions].flatMap(([version, which]) => {
    const verdict = judgeNginxVersion(version);
    if (verdict.state !== 'old' && verdict.state !== 'bad') return [];
    const isBad = verdict.state === 'bad';
    return [
      (isBad ? fail : warn)({
        code: isBad ? 'nginx-bad' : 'nginx-old',
        what: isBad ? `nginx ${version} is known not to work` : `nginx ${version} is older than anything iptv was tested with`,
        evidence: [`nginx ${version} is ${which}`],
        why: verdict.why,
        next: context.runtime === 'local' ? 'iptv setup' : 'iptv up',
      }),
    ];
  });
}

async function askInstalled({ runtime, tools, ports }: DoctorContext): Promise<string | undefined> {
  if (runtime !== 'local' || tools?.nginx === undefined) return undefined;
  return installedVersion((await ports.process.run(tools.nginx, ['-v'], { timeoutMs: versionTimeoutMs })).stderr);
}
