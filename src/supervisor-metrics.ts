// Ties the metrics to the supervisor: numbers in, /metrics and the viewers of each channel out.

import { createHlsListing } from './control/hls-listing.ts';
import { onDemandPage, onDemandPath } from './control/on-demand-page.ts';
import { startWebServer, type WebPages, type WebServer } from './control/web-server.ts';
import { webPort } from './core/endpoints.ts';
import type { Config } from './core/config.ts';
import type { Endpoints } from './core/job-plan.ts';
import type { StatusDocument } from './core/status.ts';
import { webSocketPath } from './core/state-paths.ts';
import { createAudienceCounter } from './metrics/audience.ts';
import { edgeStatus } from './metrics/edge-status.ts';
import type { EventCounts } from './metrics/event-counts.ts';
import type { MetricsRegistry } from './metrics/registry.ts';
import type { JobNumbers, MetricsSnapshot, RtmpNumbers } from './metrics/snapshot.ts';
import { parseRtmpStat } from './observe/rtmp-stat.ts';
import type { LogSink } from './observe/log-sink.ts';
import { listenForDatagrams, type DatagramListener } from './platform/datagrams.ts';
import type { Desk } from './run/on-demand/desk.ts';
import type { StreamUnit } from './run/unit.ts';
import type { SuperviseOptions } from './supervise.ts';

export interface SupervisorMetrics {
  /** Opens both doors; a door that cannot be opened is worth a line in the log and nothing else. */
  open(): Promise<void>;
  /** The status with the viewers of each channel. */
  withViewers(status: StatusDocument): StatusDocument;
  /** Doors that could not be opened, for the user. */
  readonly notes: () => readonly string[];
  close(): Promise<void>;
}

export interface MetricsOptions {
  readonly options: Pick<SuperviseOptions, 'ports' | 'paths' | 'runtime' | 'isRoot'>;
  readonly endpoints: Endpoints;
  readonly config: () => Config;
  readonly status: () => StatusDocument;
  readonly units: () => readonly StreamUnit[];
  readonly counts: EventCounts;
  readonly desk: () => Pick<Desk, 'ask' | 'heard' | 'watched'>;
  readonly log: LogSink;
}

/** Debian's nobody, as whom root's nginx works. */
const nobody = 65_534;
const statTimeoutMs = 2000;
/** nginx measures over ten seconds; scrapes of several servers share one look. */
const statIsFreshMs = 10_000;
const lagResolutionMs = 50;

export function createSupervisorMetrics(given: MetricsOptions): SupervisorMetrics {
  const { endpoints, config, counts, log } = given;
  const { ports, paths, runtime, isRoot } = given.options;
  const { clock } = ports;
  let known: { readonly of: Config; readonly ids: ReadonlySet<string> } | undefined;
  const audience = createAudienceCounter({
    now: () => clock.monotonic(),
    salt: `${clock.random()} ${clock.random()}`,
    isKnown: (id) => knownIds().has(id),
    onHeard: () => given.desk().heard(),
    onWatched: (id, viewers) => given.desk().watched(id, viewers),
  });
  const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
  let lag: ReturnType<typeof monitorEventLoopDelay> | undefined;
  let registry: MetricsRegistry | undefined;
  let web: WebServer | undefined;
  let datagrams: DatagramListener | undefined;
  let stat: { readonly at: number; readonly rtmp: ReadonlyMap<string, RtmpNumbers> } | undefined;
  let asking: Promise<void> | undefined;
  const notes: string[] = [];

  async function askStat(): Promise<void> {
    const answer = await ports.net.get(endpoints.statUrl, { timeoutMs: statTimeoutMs });
    const found = answer?.status === 200 ? parseRtmpStat(answer.body) : undefined;
    const streams = found?.applications.find(({ name }) => name === 'live')?.streams ?? [];
    const rtmp = new Map(
      streams.map(({ name, bytesIn, bytesOut, publishing }) => [
        name,
        { receivedBytes: bytesIn, sentBytes: bytesOut, isPublishing: publishing },
      ]),
    );
    stat = { at: clock.monotonic(), rtmp };
  }

  /** The first scrape waits for nginx, the next ones take what is there and have it renewed for the one after. */
  async function rtmpNumbers(): Promise<ReadonlyMap<string, RtmpNumbers>> {
    if (stat === undefined || clock.monotonic() - stat.at > statIsFreshMs) asking ??= askStat().finally(() => (asking = undefined));
    if (stat === undefined) await asking;
    return stat?.rtmp ?? new Map<string, RtmpNumbers>();
  }

  function jobNumbers(unit: StreamUnit): JobNumbers {
    const alive = unit.process.alive();
    const usage = alive === undefined ? undefined : ports.process.usage(alive.pid);
    return {
      cpuSeconds: usage?.cpuSeconds ?? null,
      residentBytes: usage?.residentBytes ?? null,
      droppedFrames: alive === undefined ? null : (unit.output.progress()?.droppedFrames ?? null),
      dtsErrors: unit.output.dtsErrors(),
    };
  }

  async function snapshot(): Promise<MetricsSnapshot> {
    const status = given.status();
    const usage = process.cpuUsage();
    const lagMean = lag?.mean ?? 0;
    const lagMax = lag?.max ?? 0;
    lag?.reset();
    return {
      status,
      counts,
      audience: audience.audience(),
      jobs: new Map(given.units().map((unit) => [unit.id, jobNumbers(unit)])),
      rtmp: await rtmpNumbers(),
      supervisor: {
        cpuSeconds: (usage.user + usage.system) / 1e6,
        residentBytes: process.memoryUsage.rss(),
        loopLagMeanSeconds: late(lagMean),
        loopLagMaxSeconds: late(lagMax),
      },
      volume: await ports.files.diskSpace(endpoints.hlsDirectory).catch(() => null),
    };
  }

  /** Asked for each request of a viewer, so worked out once per list. */
  function knownIds(): ReadonlySet<string> {
    const current = config();
    if (known?.of !== current) {
      known = { of: current, ids: new Set(current.streams.map(({ id }) => id)) };
      audience.keep(known.ids);
    }
    return known.ids;
  }

  async function attempt<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      notes.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      log.note('warning', notes.at(-1) ?? what);
      return undefined;
    }
  }

  return {
    async open() {
      const address =
        runtime === 'docker' ? { port: webPort } : { socket: webSocketPath(paths, isRoot), ...(isRoot ? { uid: nobody } : {}) };
      const metrics = async (accept: string) => {
        const { createMetricsRegistry } = await import('./metrics/registry.ts');
        registry ??= createMetricsRegistry();
        if (lag === undefined) {
          lag = monitorEventLoopDelay({ resolution: lagResolutionMs });
          lag.enable();
        }
        return registry.expose(await snapshot(), accept);
      };
      const listing = createHlsListing({ files: ports.files, directory: endpoints.hlsDirectory, now: () => clock.monotonic() });
      const pages: WebPages = {
        '/metrics': ({ headers }) => metrics(headers.accept ?? ''),
        '/hls/': async () => ({ contentType: 'text/html', text: await listing() }),
        [onDemandPath]: (request) => onDemandPage(given.desk(), request),
      };
      web = await attempt('no /metrics, and no stream can start on demand', () => startWebServer(address, pages));
      const port = runtime === 'docker' ? { port: webPort } : { host: '127.0.0.1', port: config().server.ports.publicHttp };
      datagrams = await attempt('viewers are not counted', () => listenForDatagrams(port, (text) => audience.take(text)));
    },
    withViewers(status) {
      if (datagrams === undefined) return status;
      const present = audience.audience();
      const edge = edgeStatus(present);
      return {
        ...status,
        ...(edge === undefined ? {} : { edge }),
        streams: status.streams.map((stream) => ({ ...stream, viewers: present.of(stream.id).viewers })),
      };
    },
    notes: () => notes,
    async close() {
      lag?.disable();
      datagrams?.close();
      await web?.close();
    },
  };
}

/** The monitor's timer is due each 50 ms; what is above that is lateness. Nanoseconds in; NaN before the first tick. */
function late(nanoseconds: number): number {
  const seconds = nanoseconds / 1e9 - lagResolutionMs / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}
