// A whole supervisor over fakes: virtual time, processes and files in memory, an nginx that answers when told to.

import type { Config, ProviderConfig, StreamConfig } from '../../src/core/config.ts';
import type { EventDraft } from '../../src/core/events.ts';
import type { HttpAnswer, Ports } from '../../src/core/ports.ts';
import type { SlateClip } from '../../src/core/slate.ts';
import { statePaths, jobMark } from '../../src/core/state-paths.ts';
import type { Order, StreamStatus } from '../../src/core/status.ts';
import type { LogBook } from '../../src/observe/log-sink.ts';
import { createStartLimiter } from '../../src/run/start-limiter.ts';
import { isFacts, isOrder, isReserve, isSequence, openStore } from '../../src/run/stores.ts';
import { createSecretBook, openSourceServices } from '../../src/run/source-services.ts';
import { createSupervisor, type Supervisor } from '../../src/run/supervisor.ts';
import type { OriginUnit } from '../../src/run/origin-unit.ts';
import type { Surroundings } from '../../src/run/surroundings.ts';
import { createVerdicts } from '../../src/run/verdicts.ts';
import { endpoints, ffmpeg5 } from '../helpers/plans.ts';
import { channelOf } from '../helpers/streams.ts';
import { createFakeProcesses, type FakeProcess, type FakeProcesses } from './fake-processes.ts';
import { createMemoryFiles, type MemoryFiles } from './memory-files.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export const stateFolder = '/state';

export interface House {
  readonly clock: VirtualClock;
  readonly processes: FakeProcesses;
  readonly files: MemoryFiles;
  readonly supervisor: Supervisor;
  /** Every line of every log, `<name>: <text>`. */
  readonly said: string[];
  readonly events: EventDraft[];
  /** What is hidden from every output. */
  readonly secrets: () => readonly string[];
  readonly content: Map<string, readonly string[]>;
  /** What nginx and the web server answer; undefined: nothing. */
  answer: (url: string) => HttpAnswer | undefined;
  /** Since when nginx answers; undefined: it does not. */
  originSince: number | undefined;
  slate: SlateClip | undefined;
  tidy: () => Promise<void>;
  originTick: () => Promise<void>;
  config(streams: readonly StreamConfig[]): Config;
  /** One more segment in a leg's playlist. */
  segment(id: string, leg?: 'primary' | 'backup'): void;
  /** Time passes, second by second, while these legs move. */
  play(seconds: number, ...legs: readonly (readonly [id: string, leg: 'primary' | 'backup'])[]): Promise<void>;
  /** A job of an earlier supervisor. */
  plantJob(id: string): FakeProcess;
  newest(): FakeProcess;
}

export const channel = channelOf;

export async function createHouse(
  streams: readonly StreamConfig[],
  orders: Readonly<Record<string, Order>> = {},
  more: { readonly providers?: readonly ProviderConfig[]; readonly files?: ReadonlyMap<string, string> } = {},
): Promise<House> {
  const providers = more.providers ?? [];
  const clock = createVirtualClock();
  const processes = createFakeProcesses();
  const files = createMemoryFiles(clock);
  for (const [path, text] of more.files ?? []) files.put(path, text);
  const said: string[] = [];
  const events: EventDraft[] = [];
  const secrets = createSecretBook(() => []);
  const paths = statePaths(stateFolder, undefined);
  const net: Ports['net'] = {
    get: async (url) => house.answer(url),
    post: async () => undefined,
    canConnect: async () => false,
    portHolder: async () => undefined,
  };
  const ports: Ports = { clock, files, net, process: processes };
  const logs: LogBook = {
    log: (name) => ({
      ffmpeg: (line) => line,
      nginx: (line) => line,
      note: (_level, text) => said.push(`${name}: ${text}`),
      tail: () => [],
      close: async () => undefined,
    }),
    close: async () => undefined,
  };
  if (Object.keys(orders).length > 0) files.put(paths.orders, JSON.stringify(orders));
  const store = { files, clock, writeDelayMs: 0, onError: (message: string) => said.push(message) };
  const config = (listed: readonly StreamConfig[]): Config => ({
    path: '/streams.yaml',
    server: {
      runtime: 'local',
      publicUrl: 'http://localhost:8088',
      hlsDirectory: endpoints.hlsDirectory,
      permissions: 'compat',
      ports: { rtmp: 1935, http: 8000, publicHttp: 8088 },
      segmentSeconds: 2,
      windowSegments: 10,
    },
    streams: listed,
    providers,
    secrets: [],
  });
  const sequences = new Map<string, number>();
  const limiter = createStartLimiter(clock, { burst: 10, intervalMs: 100 });
  const house: Omit<House, 'supervisor'> = {
    clock,
    processes,
    files,
    said,
    events,
    secrets: secrets.all,
    content: new Map(),
    answer: (url) => (url.endsWith('.m3u8') ? { status: 200, headers: {}, body: '#EXTM3U\n' } : undefined),
    originSince: 0,
    slate: undefined,
    tidy: async () => undefined,
    originTick: async () => undefined,
    config,
    segment(id, leg = 'backup') {
      const next = (sequences.get(`${id} ${leg}`) ?? 100) + 1;
      sequences.set(`${id} ${leg}`, next);
      const name = leg === 'backup' ? `stream_${id}` : id;
      const named = (number: number): string => (leg === 'backup' ? `${name}_${number}.ts` : `${name}-${1_700_000_000_000 + number}.ts`);
      files.put(`${endpoints.hlsDirectory}/${named(next)}`, 'x'.repeat(188));
      const listed = Array.from({ length: Math.min(10, next - 100) }, (_, index) => named(next - index)).reverse();
      const head = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${next - listed.length + 1}\n`;
      files.put(`${endpoints.hlsDirectory}/${name}.m3u8`, `${head}${listed.map((uri) => `#EXTINF:2.000,\n${uri}\n`).join('')}`);
    },
    async play(seconds, ...legs) {
      for (let second = 0; second < seconds; second += 1) {
        for (const [id, leg] of legs) house.segment(id, leg);
        await clock.advance(1000);
      }
    },
    plantJob: (id) => processes.plant({ [jobMark.id]: id, [jobMark.state]: stateFolder, [jobMark.plan]: 'old' }),
    newest() {
      const found = processes.started.at(-1);
      if (found === undefined) throw new Error('nothing was started');
      return found;
    },
  };
  const origin: OriginUnit = {
    process: undefined,
    answersSince: () => house.originSince,
    start: async () => undefined,
    stop: () => undefined,
    tick: () => house.originTick(),
    status: () => ({ state: 'external', pid: null, restarts: 0, answers: true, lastFailure: null }),
  };
  const surroundings: Surroundings = {
    ports,
    paths,
    endpoints,
    stores: {
      facts: await openStore({ ...store, path: paths.facts }, isFacts),
      channels: await openStore({ ...store, path: paths.channels }, isReserve),
      sequences: await openStore({ ...store, path: paths.sequences }, isSequence),
    },
    sources: await openSourceServices({
      ports,
      paths,
      providers,
      secrets,
      ffmpeg: () => ffmpeg5,
      ffprobe: async () => '/usr/bin/ffprobe',
      onError: (message) => said.push(message),
    }),
    ffmpeg: () => ffmpeg5,
    ffmpegReady: async () => undefined,
    secrets: secrets.all,
    events: { record: (event) => void events.push(event) },
    segmentSeconds: () => 2,
    originAnswersSince: () => house.originSince,
    isServed: async () => true,
    slate: () => house.slate,
    ensureHlsDirectory: async () => undefined,
    adoptStray: (id) => supervisor.adoptStray(id),
    switchOver: (id, to, act) => supervisor.switchOver(id, to, act),
  };
  const supervisor: Supervisor = createSupervisor({
    config: config(streams),
    runtime: 'local',
    surroundings,
    verdicts: createVerdicts({
      ...surroundings,
      origin,
      content: { tick: () => undefined, reasons: (id) => house.content.get(id) ?? [] },
      hooks: { step: () => undefined },
    }),
    orders: await openStore({ ...store, path: paths.orders }, isOrder),
    origin,
    limiter,
    logs,
    identity: { pid: 1, version: '1', startedAt: '', runtime: 'local', stateDirectory: stateFolder, hlsDirectory: endpoints.hlsDirectory },
    memoryBytes: () => 0,
    tidy: () => house.tidy(),
    notes: () => [],
  });
  return Object.assign(house, { supervisor });
}

export const both = (id: string) =>
  [
    [id, 'primary'],
    [id, 'backup'],
  ] as const;

export function stream(house: House, id = 'news'): StreamStatus {
  const [found] = house.supervisor.status([id]).streams;
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

/** A house in which these channels run. */
export async function playing(...ids: readonly string[]): Promise<House> {
  const house = await createHouse(
    ids.map((id) => channel(id)),
    Object.fromEntries(ids.map((id) => [id, 'run'])),
  );
  await house.supervisor.begin();
  await house.play(3, ...ids.flatMap(both));
  for (const id of ids) if (stream(house, id).state !== 'running') throw new Error(`${id} does not run`);
  return house;
}
