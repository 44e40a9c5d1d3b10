// What became of the containers: healthy, or why not, with their own words as evidence.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports, RunResult } from '../core/ports.ts';
import { askDocker, findContainers, lastLines } from './compose-engine.ts';
import { backendService, originService } from './compose-settings.ts';

interface ServiceState {
  readonly service: string;
  readonly container: string | undefined;
  /** Docker's word: running, exited, restarting ... */
  readonly state: string;
  /** Docker's word: healthy, unhealthy, starting. */
  readonly health: string;
  /** What the last health check printed. */
  readonly said: string;
}

const logLines = 12;

/** nginx tells each process it starts at this level. */
const dull = /\[(?:notice|info)\]/;

/** Throws AppError about the first service that is not healthy; `attempt` is what Compose said when it brought them up. */
export async function requireHealthy(ports: Ports, project: string, attempt: RunResult, more: readonly string[] = []): Promise<void> {
  for (const service of [originService, backendService, ...more]) {
    const state = await readState(ports, project, service);
    if (state.state === 'running' && state.health === 'healthy') continue;
    throw await unhealthy(ports, state, attempt);
  }
}

async function readState(ports: Ports, project: string, service: string): Promise<ServiceState> {
  const [container] = await findContainers(ports, { project, service, running: false });
  const absent = { service, container, state: 'missing', health: 'none', said: '' };
  if (container === undefined) return absent;
  const { stdout } = await askDocker(ports, ['inspect', '--format', '{{json .State}}', container]);
  try {
    const { Status: state = '', Health: health } = JSON.parse(stdout) as {
      Status?: string;
      Health?: { Status?: string; Log?: readonly { Output?: string }[] | null };
    };
    return { service, container, state, health: health?.Status ?? 'none', said: health?.Log?.at(-1)?.Output?.trim() ?? '' };
  } catch {
    return absent;
  }
}

async function unhealthy(ports: Ports, state: ServiceState, attempt: RunResult): Promise<AppError> {
  const { service, container } = state;
  const taken = /(?:port is already allocated|address already in use)/i.test(attempt.stderr);
  if (container === undefined || taken || state.state === 'created') {
    return new AppError({
      exitCode: ExitCode.unavailable,
      code: taken ? 'port-in-use' : 'compose-failed',
      message: taken ? 'the HTTP port that viewers use is taken' : `Docker Compose did not bring ${service} up`,
      evidence: lastLines(attempt, 4),
      next: taken ? 'set another server.ports.public in streams.yaml' : 'docker info',
    });
  }
  const log = await askDocker(ports, ['logs', '--tail', '60', container]);
  const said = state.said === '' ? [] : [`health check: ${state.said.split('\n').at(-1) ?? ''}`];
  const lines = `${log.stdout}${log.stderr}`.split('\n').filter((line) => line.trim() !== '' && !dull.test(line));
  const isStarting = state.state === 'running' && state.health === 'starting';
  return new AppError({
    exitCode: isStarting || attempt.timedOut ? ExitCode.tryAgain : ExitCode.unavailable,
    code: 'container-unhealthy',
    message: `the container ${service} is ${state.state === 'running' ? state.health : state.state}`,
    evidence: [...said, ...tellingLines(lines)],
    next: `docker logs ${container}`,
  });
}

/** From the last error on, when there is one: the lines before it are about other things, the last ones often about nothing. */
function tellingLines(lines: readonly string[]): readonly string[] {
  const from = lines.findLastIndex((line) => line.includes('error:'));
  return from === -1 ? lines.slice(-logLines) : lines.slice(from, from + logLines);
}
