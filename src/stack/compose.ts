// The docker runtime on the host: nginx-rtmp and backend as containers, brought up and talked to through `docker`.

import type { Config } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports, RunResult } from '../core/ports.ts';
import { askDocker, findContainers, lastLines, requireDocker } from './compose-engine.ts';
import { requireHealthy } from './compose-health.ts';
import {
  backendService,
  composeArguments,
  composeVariables,
  edgeService,
  originService,
  projectName,
  type Environment,
} from './compose-settings.ts';
import type { ProgramOutput, Progress, Stack } from './stack.ts';

export { composeIsUp, dockerAnswers } from './compose-engine.ts';

/**
 * Runs a program with this process's stdout and stderr and returns its exit code (128 + n for a signal). `held` gives it a
 * stdin that stays open, and empty, for as long as we live: that is how the other side of `docker exec` learns of our end.
 */
export type RunInherited = (
  file: string,
  argv: readonly string[],
  options: { readonly stdin: 'held' | 'ignore' | 'inherit' },
) => Promise<number>;

/** The same, but its stdout is read here. */
export type RunPiped = (
  file: string,
  argv: readonly string[],
  options: { readonly stdin: 'held' | 'ignore'; readonly stderr: 'inherit' | 'ignore' },
) => ProgramOutput;

export interface ComposeOptions {
  readonly ports: Ports;
  readonly env: Environment;
  /** Absolute path of the package: the images are built from it. */
  readonly root: string;
  /** Labels the images. */
  readonly version?: string;
  readonly loadConfig: () => Promise<Config>;
  readonly runInherited: RunInherited;
  readonly runPiped: RunPiped;
  /** What a carried command is told about the streams it cannot see, for $IPTV_TERMINAL. */
  readonly describeTerminals: () => string | undefined;
}

/** The first build downloads ffmpeg with all it needs. */
const buildTimeoutMs = 30 * 60_000;
const healthySeconds = 120;
const downTimeoutMs = 120_000;

/** How a carried command shows things is the caller's choice. */
const carriedVariables = ['NO_COLOR', 'FORCE_COLOR', 'TERM', 'CI', 'DEBUG', 'TZ'];

export function createComposeStack(options: ComposeOptions): Stack {
  const { ports, env } = options;
  const project = projectName(env);

  async function compose(config: Config | undefined, argv: readonly string[], timeoutMs: number): Promise<RunResult> {
    const first = composeArguments(options.root, project, config?.server.permissions ?? 'compat');
    const variables = config === undefined ? { COMPOSE_PROFILES: '*' } : composeVariables(config, env, options.version);
    return ports.process.run('docker', [...first, ...argv], { timeoutMs, env: variables });
  }

  async function runningContainer(service: string): Promise<string> {
    const [container] = await findContainers(ports, { project, service, running: true });
    if (container !== undefined) return container;
    throw new AppError({
      exitCode: ExitCode.notRunning,
      code: 'not-running',
      message: `the container ${service} is not running`,
      next: 'iptv up',
    });
  }

  /** A port that our own nginx publishes is ours, though Docker's proxy holds it. */
  async function checkPort(port: number, ours: { readonly service: string; readonly key: string; readonly path: string }): Promise<void> {
    const holder = await ports.net.portHolder(port);
    if (holder === undefined) return;
    const argv = [
      'ps',
      '--filter',
      `publish=${port}`,
      '--format',
      '{{.Label "com.docker.compose.project"}}/{{.Label "com.docker.compose.service"}} {{.Names}}',
    ];
    const [service, container] = (await askDocker(ports, argv)).stdout.trim().split(' ');
    if (service === `${project}/${ours.service}`) return;
    const who =
      container === undefined
        ? `${holder.command ?? 'a process'}${holder.pid === undefined ? '' : ` (pid ${holder.pid})`}`
        : `the container ${container}`;
    throw new AppError({
      exitCode: ExitCode.unavailable,
      code: 'port-in-use',
      message: `port ${port} is taken by ${who}`,
      next: `set another ${ours.key} in ${ours.path}`,
    });
  }

  /** In the hardened mode the backend is a user of its own, and the file keeps the mode it has here. */
  async function checkReadable(config: Config): Promise<void> {
    if (config.server.permissions !== 'hardened') return;
    const stat = await ports.files.stat(config.path);
    if (stat === undefined || (stat.mode & 0o004) !== 0) return;
    throw new AppError({
      exitCode: ExitCode.permission,
      code: 'config-unreadable',
      message: `the hardened backend (uid 10102) may not read ${config.path}`,
      evidence: [`mode ${(stat.mode & 0o777).toString(8)}, uid ${stat.uid}, gid ${stat.gid}`],
      next: `chmod o+r ${config.path}   (secrets belong into .env beside it, which only Compose reads)`,
    });
  }

  async function up(progress: Progress): Promise<void> {
    const config = await options.loadConfig();
    await requireDocker(ports);
    await checkReadable(config);
    await checkPort(config.server.ports.publicHttp, { service: originService, key: 'server.ports.public', path: config.path });
    const { edge } = config.server;
    if (edge !== undefined) await checkPort(edge.port, { service: edgeService, key: 'server.edge.port', path: config.path });
    progress('building the images (minutes the first time, seconds later)');
    const built = await compose(config, ['build'], buildTimeoutMs);
    if (built.exitCode !== 0) {
      const message = built.timedOut ? 'building the images took too long' : 'the images could not be built';
      throw new AppError({
        exitCode: ExitCode.unavailable,
        code: 'build-failed',
        message,
        evidence: lastLines(built),
        next: 'look at the lines above, then: iptv up',
      });
    }
    progress('starting the containers and waiting until they are healthy');
    const start = ['up', '-d', '--remove-orphans', '--wait', '--wait-timeout', String(healthySeconds)];
    // What counts is whether they are healthy: some versions of Compose also fail for a helper that has done its work.
    const started = await compose(config, start, (healthySeconds + 30) * 1000);
    await requireHealthy(ports, project, started, config.server.edge === undefined ? [] : [edgeService]);
  }

  const passedVariables = (): readonly string[] =>
    carriedVariables.flatMap((name) => (env[name] === undefined ? [] : ['-e', `${name}=${env[name]}`]));

  async function carriedWords(argv: readonly string[]): Promise<readonly string[]> {
    const container = await runningContainer(backendService);
    const terminals = options.describeTerminals();
    const told = terminals === undefined ? [] : ['-e', `IPTV_TERMINAL=${terminals}`];
    return ['exec', '-i', ...passedVariables(), ...told, container, '/usr/local/lib/iptv/carried.sh', ...argv];
  }

  return {
    runtime: 'docker',
    up,
    async down(progress) {
      if ((await findContainers(ports, { project, running: false })).length === 0) return false;
      progress('stopping the containers');
      const result = await compose(undefined, ['down', '--remove-orphans'], downTimeoutMs);
      if (result.exitCode === 0) return true;
      const message = 'the containers could not be stopped';
      throw new AppError({ exitCode: ExitCode.tryAgain, code: 'compose-failed', message, evidence: lastLines(result), next: 'iptv down' });
    },
    // Nobody out here reaches the control socket: every command that needs it is carried.
    connect: async () => undefined,
    async ensure() {
      throw new AppError({ exitCode: ExitCode.bug, code: 'not-carried', message: 'this command must run inside the backend container' });
    },
    logFiles: async () => [],
    async carry(argv, how = 'plain') {
      if (how === 'plain') return options.runInherited('docker', await carriedWords(argv), { stdin: 'held' });
      // A terminal of its own in there tells the other side of our end by itself.
      const container = await runningContainer(backendService);
      return options.runInherited('docker', ['exec', '-it', ...passedVariables(), container, 'iptv', ...argv], { stdin: 'inherit' });
    },
    carryOutput: async (argv) => options.runPiped('docker', await carriedWords(argv), { stdin: 'held', stderr: 'inherit' }),
    async serviceLog(service, { follow, tail, since, until }) {
      const [running] = await findContainers(ports, { project, service, running: true });
      const [container] = running === undefined ? await findContainers(ports, { project, service, running: false }) : [running];
      if (container === undefined) return undefined;
      const words = [
        'logs',
        '--timestamps',
        ...(tail === undefined ? [] : ['--tail', String(tail)]),
        ...(since === undefined ? [] : ['--since', since]),
        ...(until === undefined ? [] : ['--until', until]),
        ...(follow ? ['-f'] : []),
        container,
      ];
      return options.runPiped('docker', words, { stdin: 'ignore', stderr: 'ignore' });
    },
  };
}
