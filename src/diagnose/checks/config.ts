// `nginx -T`: does nginx's configuration agree with streams.yaml, and does it step into a known trap?

import { argumentOf, directive, directives, nginxMilliseconds, type Directive } from '../../observe/nginx-directives.ts';
import { cannotTell, fail, isProblem, notHere, pass, skip, warn, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { trapFindings } from './config-traps.ts';
import { hlsLocation, type ServedFolder } from './served-folder.ts';

export const configCheck: DoctorCheck = {
  id: 'config',
  title: "nginx's configuration",
  group: 'Stack',
  layer: 'config',
  severity: 'error',
  dependsOn: [],
  worksWithoutList: true,
  about:
    '`nginx -T`, asked so that nothing on disk changes: RTMP, HLS folder and web root agree with streams.yaml, and known traps are avoided.',
  finds: {
    'list-invalid': 'streams.yaml cannot be used',
    'config-refused': 'nginx does not accept its own configuration',
    'application-missing': 'jobs publish to an application that nginx does not have',
    'rtmp-port-differs': 'nginx takes RTMP on another port than streams.yaml says',
    'http-port-differs': 'nginx serves on another port than streams.yaml says',
    'hls-off': 'nginx makes no HLS of what is published',
    'hls-path-differs': 'nginx writes HLS into another folder than streams.yaml says',
    'web-root-differs': '/hls/ serves another folder than streams.yaml says',
    'segments-differ': 'segment time or window is not what streams.yaml says',
    'several-workers': 'nginx-rtmp keeps its streams in the memory of one worker',
    'cleaner-fast': "nginx's cleaner deletes what playlists still list",
    'ghosts-stay': 'a publisher whose connection broke keeps its place',
    'names-reused': 'a segment name is used twice, and caches serve the old one',
    'hls-nested': 'playlists are in folders of their own, where nobody looks for them',
    'files-cached': 'nginx keeps files open and serves old playlists',
  },
  async run(context, facts) {
    if (context.listProblem !== undefined) return [listFinding(context.listProblem)];
    const dump = await facts.nginxDump();
    if (dump.state === 'none')
      return [context.inside === true ? notHere(dump.why) : context.runtime === 'docker' ? cannotTell(dump.why) : skip(dump.why)];
    if (dump.state === 'refused') {
      return [
        fail({
          code: 'config-refused',
          what: 'nginx does not accept its configuration',
          evidence: dump.evidence,
          why: 'what runs goes on with the configuration it has; the next start fails',
          next: dump.command,
          consequenceOf: ['nginx/rtmp-module-missing', 'nginx/rtmp-module-broken', 'nginx/nginx-missing'],
          fix: restart(context),
        }),
      ];
    }
    const findings = compare(context, dump.tree).map((finding) =>
      isProblem(finding) ? { ...finding, next: finding.next ?? dump.command, fix: restart(context), fixable: true } : finding,
    );
    return findings.length > 0 ? findings : [pass('agrees with streams.yaml', [dump.command])];
  },
};

function listFinding({ message, evidence, next, diagnostics }: NonNullable<DoctorContext['listProblem']>): Finding {
  const lines = diagnostics.map(
    ({ location, path, message: text }) => `${location.file}:${location.line}:${location.column} ${path}: ${text}`,
  );
  return fail({
    code: 'list-invalid',
    what: message,
    evidence: [...lines.slice(0, 5), ...evidence.slice(0, 5)],
    why: 'what runs goes on as it was ordered; nothing else can be started or checked',
    next: next ?? 'iptv validate',
  });
}

/** Both runtimes write the configuration anew when nginx starts. */
function restart(context: DoctorContext): NonNullable<Finding['fix']> {
  return { action: 'write the configuration of nginx anew and restart it', apply: () => context.actions.restartOrigin() };
}

function compare(context: DoctorContext, tree: readonly Directive[]): readonly Finding[] {
  const servers = directives(directive(tree, 'rtmp')?.block, 'server');
  const wanted = new URL(context.endpoints.rtmpUrl);
  const name = wanted.pathname.split('/').find((part) => part !== '') ?? 'live';
  const server = servers.find((one) => directives(one.block, 'application').some(({ args }) => args[0] === name));
  const application = directives(server?.block, 'application').find(({ args }) => args[0] === name);
  if (application?.block === undefined) {
    const known = servers.flatMap((one) => directives(one.block, 'application').map(({ args }) => args[0] ?? ''));
    return [
      fail({
        code: 'application-missing',
        what: `nginx has no RTMP application "${name}", where jobs publish`,
        evidence: [`jobs publish to ${context.endpoints.rtmpUrl}/<id>`, `applications: ${known.join(', ') || 'none'}`],
        why: 'every publisher is refused and the primary leg is missing',
      }),
    ];
  }
  return [
    ...portFindings(context, server, tree),
    ...folderFindings(context, application, hlsLocation(tree)),
    ...segmentFindings(context, application),
    ...trapFindings(context, tree, application),
  ];
}

function portFindings(context: DoctorContext, rtmp: Directive | undefined, tree: readonly Directive[]): readonly Finding[] {
  const { ports } = context.config.server;
  const http = directives(directive(tree, 'http')?.block, 'server');
  const pairs = [
    { code: 'rtmp-port-differs', purpose: 'RTMP', key: 'server.ports.rtmp', port: ports.rtmp, found: portsOf(rtmp) },
    context.runtime === 'docker'
      ? { code: 'http-port-differs', purpose: 'HTTP', key: 'server.ports.http', port: ports.http, found: http.flatMap(portsOf) }
      : { code: 'http-port-differs', purpose: 'HTTP', key: 'server.ports.public', port: ports.publicHttp, found: http.flatMap(portsOf) },
  ];
  return pairs.flatMap(({ code, purpose, key, port, found }) =>
    found.includes(port)
      ? []
      : [
          fail({
            code,
            what: `nginx listens for ${purpose} on ${found.join(', ') || 'no port'}, and ${key} is ${port}`,
            evidence: [`listen ${found.join(', ')}`],
            why: 'jobs and viewers are sent to a port where nobody is',
          }),
        ],
  );
}

function portsOf(server: Directive | undefined): readonly number[] {
  return directives(server?.block, 'listen').map(({ args }) => Number(/(\d+)$/.exec(args[0] ?? '')?.[1] ?? 80));
}

function folderFindings(context: DoctorContext, application: Directive, served: ServedFolder | undefined): readonly Finding[] {
  const wanted = context.endpoints.hlsDirectory;
  const path = argumentOf(application.block, 'hls_path')?.replace(/\/$/, '');
  const why = 'what one side writes the other side does not serve';
  return [
    ...(argumentOf(application.block, 'hls') === 'on'
      ? []
      : [
          fail({
            code: 'hls-off',
            what: 'nginx makes no HLS: hls is not on',
            evidence: [`application ${application.args[0] ?? ''}`],
            why: 'the primary leg is missing',
          }),
        ]),
    ...(path === wanted
      ? []
      : [
          fail({
            code: 'hls-path-differs',
            what: `nginx writes HLS to ${path ?? 'nowhere'}, and server.hlsDirectory is ${wanted}`,
            evidence: [`hls_path ${path ?? '(none)'}`],
            why,
          }),
        ]),
    ...(served !== undefined && served.folder === wanted
      ? []
      : [
          fail({
            code: 'web-root-differs',
            what:
              served === undefined
                ? 'nginx serves nothing at /hls/'
                : `nginx serves ${served.folder} at /hls/, and server.hlsDirectory is ${wanted}`,
            evidence: served === undefined ? ['no location /hls/'] : [served.rule],
            why,
          }),
        ]),
  ];
}

function segmentFindings(context: DoctorContext, application: Directive): readonly Finding[] {
  const { segmentSeconds, windowSegments } = context.config.server;
  const fragment = nginxMilliseconds(argumentOf(application.block, 'hls_fragment') ?? '5s');
  const window = nginxMilliseconds(argumentOf(application.block, 'hls_playlist_length') ?? '30s');
  const wantedFragment = Math.round(segmentSeconds * 1000);
  const wantedWindow = Math.round(segmentSeconds * windowSegments * 1000);
  if (fragment === wantedFragment && window === wantedWindow) return [];
  return [
    warn({
      code: 'segments-differ',
      what: `nginx cuts segments of ${fragment} ms in a window of ${window} ms; streams.yaml says ${wantedFragment} ms and ${wantedWindow} ms`,
      evidence: [
        `hls_fragment ${argumentOf(application.block, 'hls_fragment')}`,
        `hls_playlist_length ${argumentOf(application.block, 'hls_playlist_length')}`,
      ],
      why: 'streams.yaml was changed after nginx was started',
      next: context.runtime === 'docker' ? 'iptv up' : 'iptv doctor config --fix',
    }),
  ];
}
