// Opens the world for the doctor: which stack, which places, whom to ask, what may be mended.

import type { Config, PermissionsMode } from '../../core/config.ts';
import { resolveEndpoints } from '../../core/endpoints.ts';
import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import type { Ports } from '../../core/ports.ts';
import type { StatusDocument } from '../../core/status.ts';
import { createContainerPlace } from '../../diagnose/container-place.ts';
import type { DoctorContext, FoundTools, SupervisorAnswer } from '../../diagnose/context.ts';
import { createHostPlace, createUnreachablePlace } from '../../diagnose/host-place.ts';
import type { Place, Places } from '../../diagnose/place.ts';
import { readFfmpegFacts } from '../../run/ffmpeg-cache.ts';
import { findServices } from '../../stack/compose-engine.ts';
import { backendService, originService, projectName } from '../../stack/compose-settings.ts';
import type { Stack } from '../../stack/stack.ts';
import { findTools } from '../../stack/tools.ts';
import type { Context } from '../context.ts';
import { readNginxPid } from '../preflight.ts';
import { unknownStream } from '../unknown-stream.ts';
import { createActions } from './actions.ts';

/** A supervisor answers within milliseconds, on a busy machine within a second or two. */
const statusLimitMs = 6000;
/** What the backend image brings. */
const toolsOfBackend: FoundTools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', nginx: undefined, rtmpModule: undefined };
/** `docker exec` and a start of node. */
const carriedLimitMs = 15_000;

/** `stream`: of all streams only this one. Throws AppError `no-such-stream` where the list has none of that id. */
export async function openDoctor(context: Context, stack: Stack, asked: ReadonlySet<string>, stream?: string): Promise<DoctorContext> {
  const ports = await context.ports();
  const { config, problem } = await listOrDefaults(context);
  const ids = config.streams.map(({ id }) => id);
  if (stream !== undefined && problem === undefined && !ids.includes(stream)) throw unknownStream(stream, ids);
  const inside = context.env['IPTV_INSIDE'] === '1';
  const runtime = stack.runtime;
  const onDockerHost = runtime === 'docker' && !inside;
  const project = onDockerHost ? projectName(context.env) : undefined;
  const [containers, tools, nginxPid] = await Promise.all([
    project === undefined ? { backend: undefined, origin: undefined, why: undefined } : findBoth(ports, project),
    onDockerHost ? toolsOfBackend : findTools(ports),
    readNginxPid(ports, context.paths),
  ]);
  const places = placesFor({ ports, isRoot: context.self.isRoot, inside, project, containers, permissions: config.server.permissions });
  const endpoints = resolveEndpoints(config.server, runtime);
  return {
    ports,
    config,
    runtime,
    inside,
    endpoints,
    isRoot: context.self.isRoot,
    scratchDirectory: context.paths.directory,
    readFfmpegFacts: (path) => readFfmpegFacts(ports, path, context.paths.ffmpegFacts),
    tools,
    ...(nginxPid === undefined ? {} : { ourNginxPid: nginxPid }),
    version: context.version,
    paths: context.paths,
    places,
    project,
    containers: { backend: containers.backend, origin: containers.origin },
    originUrl: inside ? endpoints.hlsUrl.replace(/\/hls$/, '') : `http://127.0.0.1:${config.server.ports.publicHttp}`,
    asked,
    onlyStream: stream,
    listProblem: problem,
    askStatus: () => (onDockerHost ? askCarried(places.backend) : askSocket(ports, stack)),
    ...(onDockerHost
      ? {}
      : {
          lookAtSource: async (id: string, source: number) =>
            (await stack.connect().catch(() => undefined))?.probe({ id, source }).catch(() => undefined),
        }),
    actions: createActions({ context, ports, stack, places, containers }),
  };
}

/** What is said when nothing can be read is said by a check; the others need something to look at all the same. */
async function listOrDefaults(context: Context): Promise<{ readonly config: Config; readonly problem: AppError | undefined }> {
  try {
    return { config: await context.loadConfig(), problem: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { parseConfig } = await import('../../config/load.ts');
    const parsed = parseConfig('version: 1\nstreams: []\n', { path: '/streams.yaml', env: {}, readSecretFile: () => undefined });
    if (!parsed.ok) throw error;
    return { config: parsed.config, problem: error };
  }
}

interface FoundContainers {
  readonly backend: string | undefined;
  readonly origin: string | undefined;
  /** Why the engine could not be asked. */
  readonly why: string | undefined;
}

async function findBoth(ports: Ports, project: string): Promise<FoundContainers> {
  try {
    const found = await findServices(ports, project);
    return { backend: found.get(backendService), origin: found.get(originService), why: undefined };
  } catch (error) {
    if (error instanceof AppError) return { backend: undefined, origin: undefined, why: error.message };
    throw error;
  }
}

function placesFor(given: {
  readonly ports: Ports;
  readonly isRoot: boolean;
  readonly inside: boolean;
  readonly project: string | undefined;
  readonly containers: FoundContainers;
  readonly permissions: PermissionsMode;
}): Places {
  const { ports, inside, project, containers } = given;
  if (inside) {
    const why = 'nginx-rtmp is another container, which cannot be looked into from this one: run iptv doctor on the host';
    return { backend: createHostPlace({ ports, name: backendService }), origin: createUnreachablePlace(originService, why) };
  }
  if (project === undefined) {
    // nginx's worker is nobody where its master is root, see plan/nginx-conf.ts.
    const worker = { user: 'nobody', group: 'nogroup' };
    return {
      backend: createHostPlace({ ports }),
      origin: createHostPlace({ ports, name: originService, ...(given.isRoot ? { as: worker } : {}) }),
    };
  }
  // The container's nginx is root with a worker that is nobody, or one user altogether.
  const worker = given.permissions === 'compat' ? 'nobody' : undefined;
  const place = (service: string, container: string | undefined): Place =>
    container === undefined
      ? createUnreachablePlace(service, containers.why ?? `there is no container ${service}`)
      : createContainerPlace({
          ports,
          container,
          service,
          project,
          ...(worker !== undefined && service === originService ? { workerUser: worker } : {}),
        });
  return { backend: place(backendService, containers.backend), origin: place(originService, containers.origin) };
}

/** Asked twice before it counts as silent: on a machine that is very busy both it and we may be late once. */
async function askSocket(ports: Ports, stack: Stack): Promise<SupervisorAnswer> {
  const first = await askSocketOnce(ports, stack);
  return first.state === 'silent' ? askSocketOnce(ports, stack) : first;
}

async function askSocketOnce(ports: Ports, stack: Stack): Promise<SupervisorAnswer> {
  const { promise: late, resolve } = Promise.withResolvers<SupervisorAnswer>();
  const cancel = ports.clock.after(statusLimitMs, () =>
    resolve({ state: 'silent', why: `no answer on its socket within ${statusLimitMs / 1000} s, twice` }),
  );
  const ask = async (): Promise<SupervisorAnswer> => {
    const client = await stack.connect();
    if (client === undefined) return { state: 'absent', why: 'nobody listens on its socket' };
    return { state: 'answers', document: await client.status() };
  };
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    if (error instanceof AppError) return { state: 'refused', error };
    throw error;
  } finally {
    cancel();
  }
}

async function askCarried(backend: Place): Promise<SupervisorAnswer> {
  if (backend.unreachable !== undefined) return { state: 'absent', why: backend.unreachable };
  const result = await backend.run(['iptv', 'status', '--json'], { timeoutMs: carriedLimitMs });
  if (result.timedOut) return { state: 'silent', why: `no answer within ${carriedLimitMs / 1000} s` };
  try {
    if (result.exitCode === 0) return { state: 'answers', document: JSON.parse(result.stdout) as StatusDocument };
  } catch {
    // Falls through to what it said instead.
  }
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  if (result.exitCode === ExitCode.notRunning || /is not running/.test(said)) return { state: 'absent', why: messageIn(said) };
  return { state: 'silent', why: messageIn(said) || `it ended with ${result.exitCode ?? result.signal ?? 'nothing'}` };
}

/** The message of an error that was printed as JSON. */
function messageIn(line: string): string {
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line;
}
