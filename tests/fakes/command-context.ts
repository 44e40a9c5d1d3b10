// The world of a command in memory: what it prints is collected, what it waits for passes at once.

import type { Context } from '../../src/commands/context.ts';
import type { ControlClient, OrderRequest, OrderResult } from '../../src/control/protocol.ts';
import type { Config, StreamConfig } from '../../src/core/config.ts';
import type { ExitCode } from '../../src/core/exit-codes.ts';
import { statePaths } from '../../src/core/state-paths.ts';
import type { LegStatus, StatusDocument, StreamStatus } from '../../src/core/status.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { readGlobals } from '../../src/ui/globals.ts';
import { createStreams } from '../../src/ui/streams.ts';

export interface FakeContext {
  readonly context: Context;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly code: () => ExitCode | undefined;
  /** Milliseconds the command has slept. */
  readonly slept: () => number;
  interrupt(): void;
}

export interface FakeOptions {
  readonly argv?: readonly string[];
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly more?: Partial<Context>;
}

const startMs = Date.UTC(2026, 0, 1, 12);

export function fakeContext(options: FakeOptions = {}): FakeContext {
  const written = { out: '', err: '' };
  const controller = new AbortController();
  let code: ExitCode | undefined;
  let slept = 0;
  const argv = options.argv ?? [];
  const raw = (name: 'out' | 'err') => () => ({
    isTTY: options.terminal === true,
    columns: options.columns ?? 100,
    rows: 30,
    write: (text: string) => (written[name] += text),
  });
  // CI: nothing moves, so that what is written can be compared.
  const env = { CI: '1', NO_COLOR: '1', ...options.env };
  const refuse = (what: string) => () => Promise.reject(new Error(`the command must not need ${what}`));
  const context: Context = {
    version: '1.2.3',
    env,
    cwd: '/tv',
    argv,
    root: '/package',
    self: {
      node: '/usr/bin/node',
      nodeFlags: ['--a'],
      bin: '/package/bin/iptv.js',
      stateDirectory: '/state',
      lockPath: '/state/lock',
      isRoot: true,
    },
    confirm: undefined,
    configFlag: undefined,
    streams: createStreams(raw('out'), raw('err'), env, readGlobals(argv)),
    interrupt: controller.signal,
    now: () => startMs + slept,
    sleep: async (delayMs) => void (slept += delayMs),
    ports: refuse('ports'),
    holdLock: refuse('a lock'),
    openKeyboard: refuse('a keyboard'),
    runBeside: () => {
      throw new Error('the command must not need another one');
    },
    paths: statePaths('/state', undefined),
    loadConfig: refuse('the list'),
    selectStack: refuse('a stack'),
    ffmpegFacts: refuse('ffmpeg'),
    sourceFacts: async () => undefined,
    setup: refuse('setup'),
    supervise: refuse('the supervisor'),
    readAsset: refuse('assets'),
    wholeProgram: refuse('the program'),
    finish: (value) => (code = value),
    ...options.more,
  };
  return {
    context,
    stdout: () => written.out,
    stderr: () => written.err,
    code: () => code,
    slept: () => slept,
    interrupt: () => controller.abort(),
  };
}

export function configOf(streams: readonly StreamConfig[]): Config {
  return {
    path: '/tv/streams.yaml',
    server: {
      runtime: 'auto',
      publicUrl: 'http://localhost:8088',
      hlsDirectory: '/tmp/hls',
      permissions: 'compat',
      ports: { rtmp: 1935, http: 8000, publicHttp: 8088 },
      segmentSeconds: 2,
      windowSegments: 10,
    },
    streams,
    secrets: [],
  };
}

export function legOf(playlist: string, more: Partial<LegStatus> = {}): LegStatus {
  const url = `http://localhost:8088/hls/${playlist}`;
  return { state: 'fresh', playlist, ageSeconds: 1.2, mediaSequence: 7, segments: 10, bitrateBps: 2_400_000, url, ...more };
}

export function statusOf(id: string, more: Partial<StreamStatus> = {}): StreamStatus {
  return {
    id,
    name: id,
    order: 'run',
    state: 'running',
    stage: 'playable',
    pid: 4242,
    startedAt: '2026-01-01T10:57:55.000Z',
    uptimeSeconds: 3_725,
    restarts: 2,
    nextRetrySeconds: null,
    lastFailure: null,
    source: { index: 0, kind: 'test', url: 'test:' },
    video: 'copy',
    audio: 'copy',
    fps: 25,
    speed: 1,
    bitrateBps: 2_400_000,
    legs: { primary: legOf(`${id}.m3u8`), backup: legOf(`stream_${id}.m3u8`, { ageSeconds: 0.4 }) },
    url: `http://localhost:8088/live/${id}/index.m3u8`,
    enabled: true,
    tags: [],
    group: null,
    definition: 'current',
    ...more,
  };
}

export function documentOf(streams: readonly StreamStatus[]): StatusDocument {
  return {
    schemaVersion: 1,
    supervisor: {
      pid: 77,
      version: '1.2.3',
      startedAt: '2026-01-01T00:00:00.000Z',
      runtime: 'local',
      configPath: '/tv/streams.yaml',
      stateDirectory: '/state',
      hlsDirectory: '/tmp/hls',
      publicUrl: 'http://localhost:8088',
      memoryBytes: 50_000_000,
    },
    origin: { state: 'running', pid: 78, restarts: 0, answers: true, lastFailure: null },
    streams,
  };
}

export interface FakeClient extends ControlClient {
  readonly orders: readonly OrderRequest[];
}

/** Answers the given documents one after another, then the last one for ever. */
export function fakeClient(documents: readonly StatusDocument[], result: OrderResult = { ids: [], notes: [] }): FakeClient {
  const orders: OrderRequest[] = [];
  let asked = 0;
  return {
    orders,
    hello: { name: 'iptv', protocol: 1, version: '1.2.3', pid: 77, startedAt: '', runtime: 'local', configPath: '', stateDirectory: '' },
    async status(ids) {
      const document = documents[Math.min(asked, documents.length - 1)] ?? documentOf([]);
      asked += 1;
      return ids === undefined ? document : { ...document, streams: document.streams.filter((stream) => ids.includes(stream.id)) };
    },
    async order(request) {
      orders.push(request);
      return result;
    },
    reload: async () => ({ schemaVersion: 1, path: '/tv/streams.yaml', changes: [], server: [] }),
    diff: async () => ({ schemaVersion: 1, path: '/tv/streams.yaml', changes: [], server: [] }),
    markApplied: async () => undefined,
    rollback: async () => false,
    shutdown: async () => undefined,
    failover: () => Promise.reject(new Error('not in this fake')),
    force: () => Promise.reject(new Error('not in this fake')),
    probe: () => Promise.reject(new Error('not in this fake')),
  };
}

export function stackOf(client: ControlClient | undefined, more: Partial<Stack> = {}): Stack {
  const absent = (): Promise<never> => Promise.reject(new Error('must not be called'));
  return {
    runtime: 'local',
    up: absent,
    down: absent,
    connect: async () => client,
    ensure: client === undefined ? absent : async () => client,
    logFiles: async () => [],
    ...more,
  };
}
