// Questions to the Docker engine, and what is wrong when it does not answer them.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports, RunResult } from '../core/ports.ts';
import { projectName, type Environment } from './compose-settings.ts';

/** An engine on this machine answers within 0.1 s; one that is reached over ssh needs a few. */
const askTimeoutMs = 10_000;
/** `env_file` with `required: false` came with it. */
const oldestCompose = [2, 24] as const;
const evidenceLines = 8;

export function askDocker(ports: Ports, argv: readonly string[], timeoutMs = askTimeoutMs): Promise<RunResult> {
  return ports.process.run('docker', argv, { timeoutMs });
}

/** For `runtime: auto`: both an engine and Compose, or it is not for us. */
export async function dockerAnswers(ports: Ports): Promise<boolean> {
  const answers = await Promise.all([askEngine(ports), askCompose(ports)]);
  return answers.every((answer) => answer.exitCode === 0);
}

/** Containers of our project run. */
export async function composeIsUp(ports: Ports, env: Environment): Promise<boolean> {
  return (await findContainers(ports, { project: projectName(env), running: true })).length > 0;
}

/** Throws AppError with what is missing. */
export async function requireDocker(ports: Ports): Promise<void> {
  const [engine, compose] = await Promise.all([askEngine(ports), askCompose(ports)]);
  if (engine.exitCode !== 0) throw engineError(engine);
  if (compose.exitCode !== 0) {
    const next = 'apt-get install docker-compose-plugin   # Debian 13 and later: docker-compose';
    throw new AppError({
      exitCode: ExitCode.unavailable,
      code: 'compose-missing',
      message: 'Docker has no Compose plugin',
      evidence: lastLines(compose),
      next,
    });
  }
  const version = compose.stdout.trim();
  if (!isAtLeast(version, oldestCompose)) {
    const message = `Docker Compose ${version} is too old: ${oldestCompose.join('.')} or later is needed`;
    throw new AppError({
      exitCode: ExitCode.unavailable,
      code: 'compose-too-old',
      message,
      next: 'iptv up --runtime local   # or a newer Compose plugin',
    });
  }
}

/** Short ids of a service's containers; `running` is false for those that ended, too. */
export async function findContainers(
  ports: Ports,
  filters: { project: string; service?: string; running: boolean },
): Promise<readonly string[]> {
  const labels = [`project=${filters.project}`, ...(filters.service === undefined ? [] : [`service=${filters.service}`])];
  const argv = [
    'ps',
    '-q',
    ...(filters.running ? [] : ['-a']),
    ...labels.flatMap((label) => ['--filter', `label=com.docker.compose.${label}`]),
  ];
  const answer = await askDocker(ports, argv);
  if (answer.exitCode !== 0) throw engineError(answer);
  return answer.stdout.split('\n').filter((line) => line !== '');
}

/** Short id of each service's newest container, also of one that ended. */
export async function findServices(ports: Ports, project: string): Promise<ReadonlyMap<string, string>> {
  const format = '{{.ID}} {{.Label "com.docker.compose.service"}}';
  const answer = await askDocker(ports, ['ps', '-a', '--filter', `label=com.docker.compose.project=${project}`, '--format', format]);
  if (answer.exitCode !== 0) throw engineError(answer);
  // The newest comes first, and the last entry of a Map wins.
  const lines = answer.stdout.split('\n').filter((line) => line !== '');
  return new Map(lines.toReversed().map((line): [string, string] => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}

/** The last lines of what a program said, stderr preferred. */
export function lastLines(result: Pick<RunResult, 'stdout' | 'stderr'>, count = evidenceLines): readonly string[] {
  const text = result.stderr.trim() === '' ? result.stdout : result.stderr;
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count);
}

function askEngine(ports: Ports): Promise<RunResult> {
  return askDocker(ports, ['version', '--format', '{{.Server.Version}}']);
}

function askCompose(ports: Ports): Promise<RunResult> {
  return askDocker(ports, ['compose', 'version', '--short']);
}

function engineError(answer: RunResult): AppError {
  if (answer.missing) {
    const next = 'iptv up --runtime local   # or install Docker: apt-get install docker.io docker-compose';
    return new AppError({
      exitCode: ExitCode.unavailable,
      code: 'docker-missing',
      message: 'Docker is not installed: there is no program docker',
      next,
    });
  }
  const evidence = lastLines(answer, 3);
  if (/permission denied/i.test(answer.stderr)) {
    const message = 'you may not use the Docker engine of this machine';
    return new AppError({
      exitCode: ExitCode.permission,
      code: 'docker-forbidden',
      message,
      evidence,
      next: 'sudo usermod -aG docker "$USER"   # then log in again',
    });
  }
  const message = answer.timedOut ? 'the Docker engine does not answer' : 'no Docker engine answers';
  return new AppError({
    exitCode: ExitCode.unavailable,
    code: 'docker-unavailable',
    message,
    evidence,
    next: 'docker info   # or without Docker: iptv up --runtime local',
  });
}

/** `2.26.1-4`, `v2.40.3` and `5.0.0+ds1` are seen in the wild. */
function isAtLeast(version: string, wanted: readonly [number, number]): boolean {
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > wanted[0] || (Number(major) === wanted[0] && Number(minor) >= wanted[1]);
}
