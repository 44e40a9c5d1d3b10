// Does the engine answer, and are both containers there, healthy and calm?

import { cannotTell, fail, pass, type Finding } from '../check.ts';
import { onDockerHost, type DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { ContainerFact } from '../facts/containers.ts';
import { lastWords } from '../last-words.ts';
import type { Place } from '../place.ts';

const askTimeoutMs = 10_000;
/** No finding has a subject: a container's troubles are those of every stream. One restart is an upgrade or an accident. */
const manyRestarts = 3;
/** A container that has been up for longer has recovered from whatever it was. */
const recentMs = 15 * 60_000;

export const dockerCheck: DoctorCheck = {
  id: 'docker',
  title: 'Docker',
  group: 'Machine',
  layer: 'host',
  severity: 'error',
  dependsOn: [],
  about:
    'Engine and Compose answer; both containers exist, run, are healthy, were not restarted again and again, and neither they nor a process in them was killed for lack of memory.',
  finds: {
    'docker-missing': 'the docker program is not installed',
    'docker-forbidden': 'this user may not talk to the engine',
    'docker-unavailable': 'no engine answers',
    'compose-missing': 'the Compose plugin is not there',
    'container-missing': 'a service has no container: the stack is not up, or one was removed',
    'container-stopped': 'a container does not run',
    'container-unhealthy': 'the health check of a container fails',
    'container-restarting': 'a container ends and is started again and again',
    'out-of-memory': 'the kernel killed a container, or a process in it, because its memory limit was reached',
  },
  notHere: (context) => (onDockerHost(context) ? undefined : 'the stack does not run in Docker, as seen from here'),
  async run(context, facts) {
    const kills = [killsForMemory(context.places.origin), killsForMemory(context.places.backend)] as const;
    const engine = await judgeEngine(context);
    if (engine !== undefined) return [engine];
    const { backend, origin } = await facts.containers();
    const findings = (
      await Promise.all([
        judgeContainer(context, 'nginx-rtmp', context.containers.origin, origin, kills[0]),
        judgeContainer(context, 'backend', context.containers.backend, backend, kills[1]),
      ])
    ).flat();
    return findings.length > 0
      ? findings
      : [pass('both containers run and are healthy', [shown('nginx-rtmp', origin), shown('backend', backend)])];
  },
};

async function judgeEngine({ ports }: DoctorContext): Promise<Finding | undefined> {
  const ask = (argv: readonly string[]) => ports.process.run('docker', argv, { timeoutMs: askTimeoutMs });
  const [engine, compose] = await Promise.all([
    ask(['version', '--format', '{{.Server.Version}}']),
    ask(['compose', 'version', '--short']),
  ]);
  if (engine.missing)
    return fail({ code: 'docker-missing', what: 'Docker is not installed: there is no program docker', next: 'iptv setup' });
  if (engine.exitCode !== 0) {
    const forbidden = /permission denied/i.test(engine.stderr);
    return fail({
      code: forbidden ? 'docker-forbidden' : 'docker-unavailable',
      what: forbidden ? 'you may not use the Docker engine of this machine' : 'no Docker engine answers',
      evidence: lastWords(engine, 3),
      next: forbidden ? 'sudo usermod -aG docker "$USER"   # then log in again' : 'docker info',
    });
  }
  if (compose.exitCode === 0) return undefined;
  return fail({
    code: 'compose-missing',
    what: 'Docker has no Compose plugin',
    evidence: lastWords(compose, 2),
    next: 'sudo apt-get install docker-compose-plugin   # Debian 13 and later: docker-compose',
  });
}

async function judgeContainer(
  context: DoctorContext,
  service: string,
  id: string | undefined,
  fact: ContainerFact | undefined,
  memoryKills: Promise<number>,
): Promise<readonly Finding[]> {
  if (id === undefined)
    return [fail({ code: 'container-missing', what: `there is no container of the service ${service}`, next: 'iptv up' })];
  if (fact === undefined) return [cannotTell(`docker inspect says nothing about ${service}`)];
  const evidence = [shown(service, fact), ...(fact.healthSaid === '' ? [] : [`health check: ${lastLine(fact.healthSaid)}`])];
  if (fact.outOfMemory && fact.state !== 'running')
    return [outOfMemory(service, evidence, `the container ${service} was killed for lack of memory`, fact)];
  if (fact.state === 'restarting' || (fact.restarts >= manyRestarts && isRecent(context, fact)))
    return [
      fail({
        code: 'container-restarting',
        what: `the container ${service} was started again ${fact.restarts} times`,
        evidence: [...evidence, ...(await lastLog(context, id))],
        why: fact.outOfMemory ? 'it was killed for lack of memory' : 'what ends it stands in its log',
        next: `docker logs --tail 50 ${id}`,
      }),
    ];
  if (fact.state !== 'running')
    return [
      fail({
        code: 'container-stopped',
        what: `the container ${service} does not run: it is ${fact.state}`,
        evidence: [...evidence, ...(await lastLog(context, id))],
        why:
          service === 'backend' ? 'no stream is started, watched or stopped' : 'viewers get nothing, and the primary legs are not written',
        next: fact.state === 'paused' ? `docker unpause ${id}` : 'iptv up',
      }),
    ];
  const kills = await memoryKills;
  if (kills > 0 && isRecent(context, fact))
    return [
      outOfMemory(
        service,
        [...evidence, `oom_kill of its cgroup: ${kills}`],
        `the kernel killed ${kills} processes in ${service} for lack of memory`,
        fact,
      ),
    ];
  if (fact.health === 'unhealthy')
    return [
      fail({
        code: 'container-unhealthy',
        what: `the container ${service} is unhealthy`,
        evidence,
        consequenceOf: ['disk', 'permissions', 'write', 'nginx', 'supervisor', 'volume', 'config'],
        next: `docker inspect --format '{{json .State.Health}}' ${id}`,
      }),
    ];
  return [];
}

function outOfMemory(service: string, evidence: readonly string[], what: string, fact: ContainerFact): Finding {
  const limit = memoryLimit(fact);
  return fail({
    code: 'out-of-memory',
    what,
    evidence: [...evidence, ...(limit === undefined ? [] : [`memory limit: ${Math.round(limit / 1_048_576)} MiB`])],
    why: 'transcoding is what takes memory; give the container more, or run fewer transcoded streams in it',
    next: `docker stats --no-stream ${fact.id.slice(0, 12)}`,
  });
}

/** The kernel counts processes killed inside (cgroup v2, then v1); Docker's own flag is about the first process only. */
async function killsForMemory(place: Place): Promise<number> {
  const { stdout } = await place.run(['cat', '/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control']);
  return Number(/^oom_kill (\d+)$/m.exec(stdout)?.[1] ?? 0);
}

function memoryLimit(fact: ContainerFact): number | undefined {
  const host = fact.raw['HostConfig'] as { readonly Memory?: number } | undefined;
  return host?.Memory === undefined || host.Memory === 0 ? undefined : host.Memory;
}

async function lastLog({ ports }: DoctorContext, id: string): Promise<readonly string[]> {
  const { stdout, stderr } = await ports.process.run('docker', ['logs', '--tail', '3', id], { timeoutMs: askTimeoutMs });
  return `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '');
}

function isRecent({ ports }: DoctorContext, { startedAt }: ContainerFact): boolean {
  return ports.clock.now() - Date.parse(startedAt) < recentMs;
}

function shown(service: string, fact: ContainerFact | undefined): string {
  if (fact === undefined) return `${service}: unknown`;
  const exit = fact.state === 'exited' ? ` (code ${fact.exitCode})` : '';
  return `${service}: ${fact.state}${exit}, ${fact.health}, ${fact.restarts} restarts, since ${fact.startedAt.slice(0, 19)}Z`;
}

function lastLine(text: string): string {
  return text.split('\n').at(-1) ?? '';
}
