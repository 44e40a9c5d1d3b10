// Do streams.yaml, the supervisor and the containers mean the same folder and addresses, and can jobs reach them?

import { cannotTell, fail, pass, warn, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import { lastWords } from '../last-words.ts';

const connectSeconds = 8;
/** bash(1) connects by itself; the host and the port come as arguments, never as text of the script. */
const connectScript = 'exec 3<>"/dev/tcp/$0/$1"';

export const pathsCheck: DoctorCheck = {
  id: 'paths',
  title: 'paths and addresses',
  group: 'Stack',
  layer: 'config',
  severity: 'error',
  dependsOn: [],
  about:
    'HLS folder, HLS URL and RTMP URL are the same for streams.yaml, the supervisor and the containers, and jobs reach the RTMP host by name.',
  finds: {
    'rtmp-host-unknown': 'the name in the RTMP URL leads nowhere from where jobs run',
    'rtmp-refused': 'nobody takes RTMP connections at the RTMP URL',
    'hls-host-unknown': 'the name in the HLS URL leads nowhere from where the supervisor runs',
    'supervisor-differs': 'the supervisor was started with another HLS folder or public URL',
    'container-differs': 'a container was started with other values than streams.yaml has now',
  },
  async run(context, facts) {
    const { backend } = context.places;
    if (backend.unreachable !== undefined) return [cannotTell(backend.unreachable)];
    const found = await Promise.all([
      rtmpFindings(context),
      hlsFindings(context),
      supervisorFindings(context, facts),
      containerFindings(context, facts),
    ]);
    const problems = found.flat();
    return problems.length > 0
      ? problems
      : [
          pass('streams.yaml, supervisor and nginx agree', [
            context.endpoints.rtmpUrl,
            context.endpoints.hlsUrl,
            context.endpoints.hlsDirectory,
          ]),
        ];
  },
};

async function rtmpFindings(context: DoctorContext): Promise<readonly Finding[]> {
  const { endpoints, places } = context;
  const { hostname, port } = new URL(endpoints.rtmpUrl);
  const { backend } = places;
  const argv = ['timeout', String(connectSeconds), 'bash', '-c', connectScript, hostname, port === '' ? '1935' : port] as const;
  const result = await backend.run(argv, { timeoutMs: (connectSeconds + 2) * 1000 });
  if (result.exitCode === 0) return [];
  if (/name or service not known|name resolution|no address associated|invalid argument/i.test(result.stderr)) {
    return [
      unknownHost(
        context,
        'rtmp-host-unknown',
        hostname,
        endpoints.rtmpUrl,
        'server.rtmpUrl',
        'every job publishes to it, and the primary leg is missing',
      ),
    ];
  }
  return [
    fail({
      code: 'rtmp-refused',
      what: `nobody takes RTMP connections at ${endpoints.rtmpUrl}`,
      evidence: result.exitCode === 124 ? [`no answer within ${connectSeconds} s`] : lastWords(result, 2),
      why: 'jobs publish to it, and the primary leg is missing',
      next: backend.describe(argv),
      consequenceOf: ['nginx', 'docker', 'ports', 'config', 'supervisor/supervisor-down'],
    }),
  ];
}

/** nginx's own answer is asked elsewhere; this is about the name. */
async function hlsFindings(context: DoctorContext): Promise<readonly Finding[]> {
  const { hostname } = new URL(context.endpoints.hlsUrl);
  // Then its name is asked with that one.
  if (hostname === new URL(context.endpoints.rtmpUrl).hostname) return [];
  const result = await context.places.backend.run(['getent', 'ahosts', hostname]);
  // Without getent(1), or without an answer in time, nothing is known.
  if (result.missing || result.timedOut || result.exitCode !== 2) return [];
  return [
    unknownHost(
      context,
      'hls-host-unknown',
      hostname,
      context.endpoints.hlsUrl,
      'server.hlsUrl',
      'the supervisor cannot see what viewers see',
    ),
  ];
}

function unknownHost(context: DoctorContext, code: string, host: string, url: string, key: string, why: string): Finding {
  const service = host === 'nginx-rtmp' && context.runtime === 'docker';
  return fail({
    code,
    what: `the name ${host} in ${url} is not known in ${context.places.backend.name}`,
    evidence: [`${host}: name not known`],
    why: service ? `${why}; Docker knows the name while the container nginx-rtmp runs` : `${why}; it is ${key} in streams.yaml`,
    next: context.places.backend.describe(['getent', 'hosts', host]),
    ...(service ? { consequenceOf: ['docker', 'nginx'] } : {}),
  });
}

async function supervisorFindings(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const supervisor = (await facts.status())?.supervisor;
  if (supervisor === undefined) return [];
  const { hlsDirectory, publicUrl } = context.config.server;
  const differing = [
    ...(supervisor.hlsDirectory === hlsDirectory ? [] : [`HLS folder: ${supervisor.hlsDirectory}, streams.yaml says ${hlsDirectory}`]),
    ...(supervisor.publicUrl === publicUrl ? [] : [`public URL: ${supervisor.publicUrl}, streams.yaml says ${publicUrl}`]),
  ];
  if (differing.length === 0) return [];
  return [
    warn({
      code: 'supervisor-differs',
      what: 'the supervisor runs with other settings than streams.yaml has now',
      evidence: differing,
      why: 'the server section takes effect when the supervisor is started',
      next: context.runtime === 'docker' ? 'iptv up' : 'iptv down && iptv up',
    }),
  ];
}

async function containerFindings(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const { hlsDirectory, ports } = context.config.server;
  const wanted = { IPTV_HLS_DIR: hlsDirectory, IPTV_RTMP_PORT: String(ports.rtmp), IPTV_HTTP_PORT: String(ports.http) };
  const containers = Object.entries(await facts.containers());
  const differing = containers.flatMap(([name, container]) =>
    container === undefined
      ? []
      : Object.entries(wanted).flatMap(([key, value]) => {
          const has = container.environment[key];
          return has === undefined || has === value
            ? []
            : [`${name === 'origin' ? 'nginx-rtmp' : name}: ${key}=${has}, streams.yaml says ${value}`];
        }),
  );
  if (differing.length === 0) return [];
  return [
    fail({
      code: 'container-differs',
      what: 'a container runs with other values than streams.yaml has now',
      evidence: differing,
      why: 'one side writes or listens where the other does not look',
      next: 'iptv up',
    }),
  ];
}
