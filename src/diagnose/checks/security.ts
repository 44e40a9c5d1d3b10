// What strangers can do: publish over our channels, read passwords, order jobs, write into the HLS folder.

import { pass, warn, fail, type Finding } from '../check.ts';
import { onDockerHost, type DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import { directives, type Directive } from '../../observe/nginx-directives.ts';
import { isOpen, listensOutside, mayPublish, publishRules, type PublishRules } from '../publish-access.ts';
import { configSecretsCheck } from './config-secrets.ts';

const othersWrite = 0o002;
const othersRead = 0o004;
const notOwner = 0o077;

export const securityCheck: DoctorCheck = {
  id: 'security',
  title: 'security',
  group: 'Machine',
  layer: 'config',
  severity: 'error',
  dependsOn: [],
  about:
    'Who may publish over RTMP, which ports are published, whether passwords in the list can be read by other users, and the modes of the control socket, the state and the HLS folder. Mode 777, the default, counts as a problem only when this check is named, or where `permissions: hardened` forbids it.',
  finds: {
    'publish-open': 'anybody may publish: a stranger can put another picture into a channel',
    'publish-denied': 'the jobs themselves may not publish, so there is no primary leg',
    'rtmp-published': 'the RTMP port is published on this host',
    'control-open': 'the control page of nginx-rtmp is open: anybody can drop publishers',
    'config-readable': 'the list holds passwords and every user of this machine can read it',
    'env-readable': 'the .env file with the secrets can be read by every user of this machine',
    'socket-open': 'other users may give orders to the supervisor',
    'state-open': 'other users may read the records of the jobs, which hold whole URLs',
    'world-writable': 'every user of this machine may write into the HLS folder',
  },
  async run(context, facts) {
    const findings = (
      await Promise.all([
        publishing(context, facts),
        listFile(context, facts),
        envFile(context),
        stateFiles(context),
        hlsMode(context, facts),
      ])
    ).flat();
    const problems = findings.filter(({ status }) => status !== 'pass');
    return problems.length > 0
      ? problems
      : [
          pass(
            'no door is open that should not be',
            findings.map(({ what }) => what),
          ),
        ];
  },
};

async function publishing(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const [dump, { origin }] = await Promise.all([facts.nginxDump(), facts.containers()]);
  const published = Object.entries(origin?.published ?? {}).filter(
    ([port, places]) => Number.parseInt(port, 10) === context.config.server.ports.rtmp && places.length > 0,
  );
  if (dump.state !== 'ok') return [];
  const reachable = (rules: PublishRules): boolean => (onDockerHost(context) ? published.length > 0 : listensOutside(rules.listens));
  const address = await publisherAddress(context, facts);
  const applications = publishRules(dump.tree);
  const findings = applications.flatMap((rules) => judgeRules(rules, reachable(rules), address, dump.command));
  if (published.length > 0 && !findings.some(({ code }) => code === 'publish-open'))
    findings.push(
      warn({
        code: 'rtmp-published',
        what: 'the RTMP port is published on this host',
        evidence: published.map(([port, places]) => `${port} at ${places.join(', ')}`),
        why: 'jobs reach it in the network of the containers; outside of it nginx-rtmp, which is no longer maintained, is a target; take the port out of `ports` of the service nginx-rtmp',
        next: 'iptv up   # after the edit',
      }),
    );
  if (openControl(dump.tree))
    findings.push(
      fail({
        code: 'control-open',
        what: 'the control page of nginx-rtmp is open to everybody',
        evidence: ['rtmp_control without allow and deny'],
        why: 'whoever can open it can drop publishers and start recordings',
        next: dump.command,
      }),
    );
  return findings.length > 0 ? findings : [pass(`only the jobs may publish (${applications.length} applications)`)];
}

function judgeRules(rules: PublishRules, reachable: boolean, address: string | undefined, command: string): Finding[] {
  const found: Finding[] = [];
  if (isOpen(rules.rules))
    found.push(
      (reachable ? fail : warn)({
        code: 'publish-open',
        what: `anybody may publish to the RTMP application ${rules.application}${reachable ? '' : ', from where its port can be reached'}`,
        evidence: [...rules.shown, ...rules.listens.map((listen) => `listen ${listen}`)],
        why: 'whoever can connect can put another picture into any channel',
        next: command,
      }),
    );
  if (rules.application === 'live' && address !== undefined && !mayPublish(rules.rules, address))
    found.push(
      fail({
        code: 'publish-denied',
        what: `the jobs may not publish to nginx: the rules refuse ${address}`,
        evidence: rules.shown,
        why: 'nginx cuts the connection without a reason, ffmpeg says "Input/output error", and only the backup leg plays',
        next: 'iptv logs nginx-rtmp',
      }),
    );
  return found;
}

/** From which address nginx sees the jobs come; undefined: nobody knows. */
async function publisherAddress(context: DoctorContext, facts: DoctorFacts): Promise<string | undefined> {
  if (context.runtime === 'local') return '127.0.0.1';
  const { backend } = await facts.containers();
  const settings = backend?.raw['NetworkSettings'] as
    | { readonly Networks?: Readonly<Record<string, { readonly IPAddress?: string }>> }
    | undefined;
  const [address] = Object.values(settings?.Networks ?? {}).flatMap(({ IPAddress }) => (IPAddress ? [IPAddress] : []));
  return address;
}

function openControl(block: readonly Directive[]): boolean {
  return block.some(
    (one) =>
      (one.name === 'location' && directives(one.block, 'rtmp_control').length > 0 && directives(one.block, 'deny').length === 0) ||
      openControl(one.block ?? []),
  );
}

/** The same look as before a start. */
async function listFile(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  return context.inside === true || context.listProblem !== undefined ? [] : configSecretsCheck.run(context, facts);
}

async function envFile({ ports, config, inside }: DoctorContext): Promise<readonly Finding[]> {
  const path = `${config.path.slice(0, config.path.lastIndexOf('/'))}/.env`;
  const stat = inside === true || config.secrets.length === 0 ? undefined : await ports.files.stat(path);
  if (stat === undefined || (stat.mode & othersRead) === 0) return [];
  const text = (await ports.files.readText(path).catch(() => undefined)) ?? '';
  if (!config.secrets.some((secret) => secret.length >= 3 && text.includes(secret))) return [];
  return [
    warn({
      code: 'env-readable',
      what: `${path} holds secrets of the list and every user of this machine can read it`,
      evidence: [`mode ${stat.mode.toString(8)}`],
      next: `chmod 640 ${path}`,
    }),
  ];
}

/** In Docker they are in a volume that only root of this host can enter. */
async function stateFiles(context: DoctorContext): Promise<readonly Finding[]> {
  if (onDockerHost(context)) return [];
  const { files } = context.ports;
  const [socket, jobs] = await Promise.all([files.stat(context.paths.socket), files.stat(context.paths.jobs)]);
  const found: Finding[] = [];
  if (socket !== undefined && (socket.mode & notOwner) !== 0)
    found.push(
      fail({
        code: 'socket-open',
        what: 'other users may give orders to the supervisor',
        evidence: [`${context.paths.socket}: mode ${socket.mode.toString(8)}`],
        why: 'whoever may write to the socket can start and stop streams',
        next: `chmod 600 ${context.paths.socket}`,
        fix: { action: `chmod 600 ${context.paths.socket}`, apply: () => files.setMode(context.paths.socket, 0o600) },
      }),
    );
  if (jobs !== undefined && (jobs.mode & notOwner) !== 0)
    found.push(
      warn({
        code: 'state-open',
        what: 'other users may read the records of the jobs',
        evidence: [`${context.paths.jobs}: mode ${jobs.mode.toString(8)}`],
        why: 'they and what ffmpeg says hold whole URLs, with passwords',
        next: `chmod 700 ${context.paths.jobs}`,
        fix: { action: `chmod 700 ${context.paths.jobs}`, apply: () => files.setMode(context.paths.jobs, 0o700) },
      }),
    );
  return found;
}

async function hlsMode(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const { backend } = await facts.folders();
  const mode = backend?.self.mode ?? 0;
  if ((mode & othersWrite) === 0) return [];
  const path = context.config.server.hlsDirectory;
  const hardened = context.config.server.permissions === 'hardened';
  const said = `${path} has mode ${(mode & 0o7777).toString(8)}`;
  if (!hardened && !context.asked.has('security')) return [pass(`${said}, the default (\`permissions: hardened\` ends it)`)];
  return [
    (hardened ? fail : warn)({
      code: 'world-writable',
      what: `every user of this machine may write into ${path}`,
      evidence: [said],
      why: hardened
        ? 'the list says `permissions: hardened`'
        : `it is the default, so that both writers can work whoever they are; \`server: { permissions: hardened }\` in ${context.config.path} ends it`,
      next: hardened ? context.places.backend.describe(['chmod', '2775', path]) : 'iptv down && iptv up   # after the edit',
    }),
  ];
}
