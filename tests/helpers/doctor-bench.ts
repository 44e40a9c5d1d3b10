// The doctor's checks in this process, over real nginx, real files and real ffmpeg; only the supervisor's answer is written down.

import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Config, StreamConfig } from '../../src/core/config.ts';
import { resolveEndpoints } from '../../src/core/endpoints.ts';
import type { Ports } from '../../src/core/ports.ts';
import { statePaths } from '../../src/core/state-paths.ts';
import type { LegStatus, StatusDocument, StreamStatus } from '../../src/core/status.ts';
import { isProblem, type Finding, type Report } from '../../src/diagnose/check.ts';
import type { DoctorContext } from '../../src/diagnose/context.ts';
import { runDoctor, selectChecks } from '../../src/diagnose/doctor.ts';
import { createHostPlace } from '../../src/diagnose/host-place.ts';
import { localNginxValues, renderNginxConf } from '../../src/plan/nginx-conf.ts';
import { createPorts } from '../../src/platform/ports.ts';
import { findTools } from '../../src/stack/tools.ts';
import { media } from './media.ts';
import { createNginx, type TestNginx } from './nginx.ts';

const run = promisify(execFile);
const template = readFileSync(join(import.meta.dirname, '../../docker/nginx/nginx.conf.template'), 'utf8');

export interface DoctorBench {
  readonly directory: string;
  readonly hls: string;
  readonly nginx: TestNginx;
  readonly config: Config;
  /** What the supervisor says; change it at will. */
  readonly streams: StreamStatus[];
  /** Called before each HTTP request of a check. */
  beforeGet: (url: string) => void;
  /** Runs these checks as if they were named, and returns `check/code subject` of each root cause. */
  readonly causes: (...checks: readonly string[]) => Promise<readonly string[]>;
  /** The same as part of a run of all checks, which looks less closely. */
  readonly causesInPassing: (...checks: readonly string[]) => Promise<readonly string[]>;
  readonly report: (...checks: readonly string[]) => Promise<Report>;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly streams?: readonly StreamConfig[];
  readonly server?: Partial<Config['server']>;
  /** Changes nginx's configuration before it starts. */
  readonly conf?: (text: string) => string;
  readonly secrets?: readonly string[];
}

export async function createDoctorBench(options: BenchOptions = {}): Promise<DoctorBench> {
  const real = createPorts();
  const ports: Ports = {
    ...real,
    net: {
      ...real.net,
      get(url, how) {
        bench.beforeGet(url);
        return real.net.get(url, how);
      },
    },
  };
  const tools = await findTools(ports);
  const directory = mkdtempSync(join(tmpdir(), 'iptv-doctor-'));
  chmodSync(directory, 0o755);
  const hls = join(directory, 'hls');
  const state = join(directory, 'state');
  const paths = statePaths(state, undefined);
  // As the supervisor lays it out: nginx's own folder below the state.
  for (const folder of [hls, paths.jobs, paths.logs, join(paths.nginx, 'temp')]) mkdirSync(folder, { recursive: true });
  chmodSync(hls, 0o777);
  chmodSync(paths.jobs, 0o700);
  let config: Config | undefined;
  const nginx = await createNginx({
    directory: paths.nginx,
    hlsDirectory: hls,
    conf({ rtmpPort, httpPort }) {
      config = {
        path: join(directory, 'streams.yaml'),
        server: {
          runtime: 'local',
          publicUrl: `http://127.0.0.1:${httpPort}`,
          hlsDirectory: hls,
          permissions: 'compat',
          ports: { rtmp: rtmpPort, http: httpPort, publicHttp: httpPort },
          segmentSeconds: 1,
          windowSegments: 6,
          ...options.server,
        },
        streams: options.streams ?? [],
        secrets: options.secrets ?? [],
      };
      const values = localNginxValues(config, resolveEndpoints(config.server, 'local'), {
        runAsRoot: process.getuid?.() === 0,
        stateDirectory: paths.nginx,
        modulePath: tools.rtmpModule ?? '',
        webSocket: `${paths.directory}/web.sock`,
      });
      return (options.conf ?? ((text) => text))(renderNginxConf(template, values));
    },
  });
  await nginx.start();
  if (config === undefined) throw new Error('nginx was not configured');
  const known = config;
  const streams: StreamStatus[] = [];
  const endpoints = resolveEndpoints(known.server, 'local');
  const place = createHostPlace({ ports });

  const context = (asked: ReadonlySet<string>): DoctorContext => ({
    ports,
    config: known,
    runtime: 'local',
    endpoints,
    tools,
    isRoot: process.getuid?.() === 0,
    scratchDirectory: state,
    version: '0.0.0',
    paths,
    places: { backend: place, origin: place },
    project: undefined,
    containers: { backend: undefined, origin: undefined },
    originUrl: `http://127.0.0.1:${known.server.ports.publicHttp}`,
    asked,
    listProblem: undefined,
    askStatus: async () => ({ state: 'answers', document: document(known, streams) }),
    actions: { restartStream: refuse, restartOrigin: refuse, replaceSupervisor: refuse },
  });

  const bench: DoctorBench = {
    directory,
    hls,
    nginx,
    config: known,
    streams,
    beforeGet: () => undefined,
    report(...names) {
      const { checks, asked } = selectChecks(names, []);
      return runDoctor(checks, context(asked));
    },
    causes: async (...names) => rootsOf(await bench.report(...names)),
    causesInPassing: async (...names) => rootsOf(await runDoctor(selectChecks(names, []).checks, context(new Set()))),
    async close() {
      await nginx.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return bench;
}

function rootsOf({ checks }: Report): readonly string[] {
  return checks.flatMap(({ id, findings }) => findings.filter(isRoot).map((finding) => named(id, finding)));
}

function isRoot(finding: Finding): boolean {
  return isProblem(finding) && finding.rootCause === undefined;
}

function named(check: string, { code, subject }: Finding): string {
  return `${check}/${code}${subject === undefined ? '' : ` ${subject}`}`;
}

async function refuse(): Promise<void> {
  throw new Error('nothing may be mended here');
}

/** Both legs of a stream, as they stand on disk after some time: seconds-long segments of a real clip. */
export async function writeLegs(hls: string, id: string): Promise<void> {
  for (const [leg, name] of [
    ['primary', id],
    ['backup', `stream_${id}`],
  ] as const) {
    await run('ffmpeg', [
      ...['-v', 'error', '-y', '-i', await media('h264-aac.ts'), '-c', 'copy', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '6'],
      ...['-hls_flags', 'omit_endlist', '-start_number', '100', '-hls_segment_filename'],
      ...[join(hls, leg === 'primary' ? `${name}-%d.ts` : `${name}_%d.ts`), join(hls, `${name}.m3u8`)],
    ]);
  }
}

export function legStatus(more: Partial<LegStatus> = {}): LegStatus {
  return { state: 'fresh', playlist: '', ageSeconds: 1, mediaSequence: 100, segments: 6, bitrateBps: 1_000_000, url: '', ...more };
}

/** A stream that plays from both legs. */
export function playing(id: string, more: Partial<StreamStatus> = {}): StreamStatus {
  return {
    id,
    name: id,
    order: 'run',
    state: 'running',
    stage: 'playable',
    pid: null,
    uptimeSeconds: 100,
    startedAt: '2026-01-01T00:00:00Z',
    restarts: 0,
    nextRetrySeconds: null,
    lastFailure: null,
    source: { index: 0, kind: 'http-ts', url: '' },
    video: 'copy',
    audio: 'copy',
    fps: 25,
    speed: 1,
    bitrateBps: 1_000_000,
    legs: { primary: legStatus(), backup: legStatus() },
    url: '',
    enabled: true,
    tags: [],
    group: null,
    definition: 'current',
    ...more,
  };
}

function document(config: Config, streams: readonly StreamStatus[]): StatusDocument {
  return {
    schemaVersion: 1,
    supervisor: {
      pid: process.pid,
      version: '0.0.0',
      startedAt: '2026-01-01T00:00:00Z',
      runtime: 'local',
      configPath: config.path,
      stateDirectory: '',
      hlsDirectory: config.server.hlsDirectory,
      publicUrl: config.server.publicUrl,
      memoryBytes: 0,
    },
    origin: { state: 'running', pid: null, restarts: 0, answers: true, lastFailure: null },
    streams,
  };
}
