// Do browsers on other sites get to read what nginx answers, whatever the answer is?

import type { HttpAnswer } from '../../core/ports.ts';
import { directive, directives, type Directive } from '../../observe/nginx-directives.ts';
import { fail, pass, skip, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import { foreignOrigin, type Probe, type ProbeName } from '../facts/probe.ts';
import { hlsLocation } from './served-folder.ts';

const allowOrigin = 'access-control-allow-origin';
/** What `missing` stands for: the status that the request provokes. */
const provoked: Readonly<Record<ProbeName, number>> = {
  playlist: 200,
  segment: 200,
  head: 200,
  options: 204,
  part: 206,
  missing: 404,
  redirect: 301,
};

export const corsCheck: DoctorCheck = {
  id: 'cors',
  title: 'CORS',
  group: 'Delivery',
  layer: 'http',
  severity: 'error',
  dependsOn: ['nginx'],
  about: 'GET, HEAD and OPTIONS with a foreign Origin, on 200, 206, 404 and a redirect: the headers are there, once.',
  finds: {
    'cors-missing': 'some answers lack Access-Control-Allow-Origin',
    'cors-doubled': 'the header is sent twice, which browsers take for none',
    'cors-preflight': 'the answer to OPTIONS does not allow GET with Range',
  },
  async run(context, facts) {
    const probe = await facts.probe();
    const given = (Object.entries(probe.answers) as [ProbeName, HttpAnswer][]).filter(([, answer]) => answer.status < 500);
    if (given.length === 0) return [skip('nothing answered')];
    const values = given.map(([name, answer]) => ({ name, answer, value: answer.headers[allowOrigin] }));
    const doubled = values.filter(({ value }) => value?.includes(',') === true);
    const missing = values.filter(({ value }) => value !== '*' && value !== foreignOrigin && value?.includes(',') !== true);
    const line = ({ name, answer, value }: (typeof values)[number]): string => `${label(probe, name, answer)}: ${value ?? 'no header'}`;
    const problems = [
      ...(missing.length > 0
        ? [
            finding(
              context,
              'cors-missing',
              `${missing.length} of ${given.length} answers lack Access-Control-Allow-Origin`,
              [...missing.map(line), ...(await overriding(facts))],
              probe,
            ),
          ]
        : []),
      ...(doubled.length > 0
        ? [
            finding(
              context,
              'cors-doubled',
              `${doubled.length} of ${given.length} answers have Access-Control-Allow-Origin twice`,
              doubled.map(line),
              probe,
            ),
          ]
        : []),
      ...(missing.length + doubled.length === 0 ? preflightFindings(context, probe) : []),
    ];
    return problems.length > 0
      ? problems
      : [
          pass(
            `pages of other sites may read answers ${[...new Set(given.map(([, { status }]) => status))].sort((a, b) => a - b).join(', ')}`,
          ),
        ];
  },
};

function label(probe: Probe, name: ProbeName, answer: HttpAnswer): string {
  return `${probe.method[name]} ${new URL(probe.url[name]).pathname} (${answer.status}${answer.status === provoked[name] ? '' : `, expected ${provoked[name]}`})`;
}

function preflightFindings(context: DoctorContext, probe: Probe): readonly Finding[] {
  const answer = probe.answers.options;
  if (answer === undefined) return [];
  const methods = answer.headers['access-control-allow-methods'] ?? '';
  const headers = answer.headers['access-control-allow-headers'] ?? '';
  const allowed = /\bGET\b|\*/.test(methods) && /\brange\b|\*/i.test(headers) && answer.status < 300;
  if (allowed) return [];
  const evidence = [
    `OPTIONS: HTTP ${answer.status}`,
    `Access-Control-Allow-Methods: ${methods || '(none)'}`,
    `Access-Control-Allow-Headers: ${headers || '(none)'}`,
  ];
  return [finding(context, 'cors-preflight', 'the answer to OPTIONS does not allow GET with a Range header', evidence, probe)];
}

/** nginx: a location with an add_header of its own has none of its parents'. */
async function overriding(facts: DoctorFacts): Promise<readonly string[]> {
  const dump = await facts.nginxDump();
  if (dump.state !== 'ok') return [];
  const found = hlsLocation(dump.tree);
  if (found === undefined) return [];
  const inner = [found.location, ...directives(found.location.block, 'location')];
  const guilty = inner.filter((one) => directive(one.block, 'add_header') !== undefined && !setsOrigin(one));
  return guilty.map(({ args }) => `location ${args.join(' ')} has an add_header of its own, and so loses those of the server`);
}

function setsOrigin(one: Directive): boolean {
  return directives(one.block, 'add_header').some(({ args }) => args[0]?.toLowerCase() === allowOrigin);
}

function finding(context: DoctorContext, code: string, what: string, evidence: readonly string[], probe: Probe): Finding {
  return fail({
    code,
    what,
    evidence,
    why: 'players in web pages of other sites get nothing, while curl and VLC play',
    next: `curl -si -H 'Origin: ${foreignOrigin}' ${probe.url.missing}`,
    consequenceOf: ['config/config-refused', 'nginx/nginx-reloaded', 'nginx/nginx-foreign'],
    fix: { action: 'write the configuration of nginx anew and restart it', apply: () => context.actions.restartOrigin() },
  });
}
