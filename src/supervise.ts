// Composition root of the supervisor process: reads the list, opens the stores, ties run, control and housekeeping together.

import { startControlServer } from './control/server.ts';
import { controlProtocol, type ShutdownRequest } from './control/protocol.ts';
import type { Config, Runtime } from './core/config.ts';
import { resolveEndpoints } from './core/endpoints.ts';
import { AppError } from './core/errors.ts';
import { ExitCode } from './core/exit-codes.ts';
import { createHouseEvents } from './house-events.ts';
import type { Ports, RunResult } from './core/ports.ts';
import type { StatePaths } from './core/state-paths.ts';
import { createCountingSink } from './metrics/event-counts.ts';
import { openEventLog } from './observe/event-log.ts';
import { createLogBook } from './observe/log-sink.ts';
import { createAppliedList } from './run/applied.ts';
import type { EarlyChannels } from './run/early-channels.ts';
import { isAppliedDefinition } from './run/definition.ts';
import { isServed } from './run/is-served.ts';
import { createSchedule } from './run/schedule.ts';
import { createStartLimiter } from './run/start-limiter.ts';
import { isFacts, isOrder, isReserve, isSequence, openStore } from './run/stores.ts';
import { createSecretBook, openSourceServices } from './run/source-services.ts';
import { createSupervisor, type Supervisor } from './run/supervisor.ts';
import type { Surroundings } from './run/surroundings.ts';
import { createContentChecker } from './run/content-checks.ts';
import { createSegmentCheck } from './run/segment-check.ts';
import { createHooks, isSavedAlarms } from './run/hooks/hooks.ts';
import { createVerdicts } from './run/verdicts.ts';
import { within } from './run/within.ts';
import { findTools } from './stack/tools.ts';
import { comeback, type Keeper } from './supervisor-process.ts';
import { createSupervisorFfmpeg } from './supervisor-ffmpeg.ts';
import { openSupervisorList } from './supervisor-list.ts';
import { createSupervisorMetrics } from './supervisor-metrics.ts';
import { createOrigin } from './supervisor-origin.ts';
import { createTidy, ensureHlsDirectory } from './supervisor-tidy.ts';

/** Starts: ten at once, then ten a second; a box that comes up with 200 channels must not fork them all in one moment. */
const startPace = { burst: 10, intervalMs: 100 };

export interface SuperviseOptions {
  readonly ports: Ports;
  readonly paths: StatePaths;
  readonly configPath: string;
  /** The checked list; throws AppError when it is invalid. */
  readonly readList: () => Promise<Config>;
  readonly runtime: Runtime;
  readonly version: string;
  readonly isRoot: boolean;
  /** Who starts us again when we die; undefined when that is systemd or nobody. */
  readonly keeper?: Keeper | undefined;
  /** Where the lines go that a service's own log should show (docker logs, the journal). */
  readonly mirror?: (name: string, line: string) => void;
  /** Runs `iptv <words>` to its end, for the schedule. */
  readonly runSelf: (words: readonly string[]) => Promise<RunResult>;
  /** Text of an nginx template that ships with the package. */
  readonly readTemplate: (name: 'nginx' | 'edge') => string;
  /** Holds the channels until the list is read. */
  readonly early?: EarlyChannels;
  /** Called with SIGTERM, SIGINT (`stop`) and SIGHUP (`reload`). */
  readonly onSignal: (handler: (what: 'stop' | 'reload') => void) => void;
  /** Called with what nobody caught: channels must not lose their supervisor for one bug. */
  readonly onBug: (handler: (error: unknown) => void) => void;
}

/** Runs until it is told to end; the caller holds the state folder's lock. Returns the exit code. */
export async function supervise(options: SuperviseOptions): Promise<ExitCode> {
  const { ports, paths, keeper } = options;
  const { files, clock } = ports;
  // Heard from the first moment: the default answer to SIGHUP and SIGTERM would end us without a word to the jobs.
  let early: 'stop' | 'reload' | undefined;
  let hear = (what: 'stop' | 'reload'): void => {
    if (early !== 'stop') early = what;
  };
  options.onSignal((what) => hear(what));
  for (const [directory, mode] of [
    [paths.directory, 0o755],
    [paths.jobs, 0o700],
    [paths.logs, 0o750],
    [paths.nginx, 0o755],
  ] as const) {
    await files.makeDirectory(directory, mode);
  }
  const list = await openSupervisorList(options);
  const { config } = list;
  const secrets = createSecretBook(() => config().secrets);
  const logs = createLogBook({
    directory: paths.logs,
    clock,
    secrets: secrets.all,
    ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
  });
  const log = logs.log('backend');
  const record = await openEventLog({ path: paths.events, files, clock, secrets: secrets.all });
  const events = createCountingSink(record);
  const house = createHouseEvents(events);
  const onError = (message: string): void => log.note('error', message);
  options.onBug((error) => onError(`bug, carried on: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));
  const store = { files, clock, writeDelayMs: 500, onError };
  const orders = await openStore({ ...store, path: paths.orders, writeDelayMs: 0, spare: true }, isOrder);
  const facts = await openStore({ ...store, path: paths.facts }, isFacts);
  const sequences = await openStore({ ...store, path: paths.sequences }, isSequence);
  const channels = options.early?.store ?? (await openStore({ ...store, path: paths.channels, spare: true }, isReserve));
  const applied = await openStore({ ...store, path: paths.applied }, isAppliedDefinition);
  const endpoints = resolveEndpoints(config().server, options.runtime);
  await ensureHlsDirectory(files, config());

  const ffmpeg = createSupervisorFfmpeg(ports, paths.ffmpegFacts, house.encoderLost);
  const limiter = createStartLimiter(clock, startPace);
  const { origin, edge } = createOrigin(options, endpoints, limiter, logs, events, config);
  const going = new Set<string>();
  const surroundings: Surroundings = {
    ports,
    paths,
    endpoints,
    stores: { facts, sequences, channels },
    sources: await openSourceServices({
      ports,
      paths,
      providers: config().providers ?? [],
      secrets,
      ffmpeg: ffmpeg.facts,
      ffprobe: async () => (await findTools(ports)).ffprobe,
      onError,
    }),
    ffmpeg: ffmpeg.facts,
    ffmpegReady: () => ffmpeg.ready(),
    secrets: secrets.all,
    events,
    segmentSeconds: () => config().server.segmentSeconds,
    originAnswersSince: origin.answersSince,
    // Old entries may still be there: only what the channel shows now proves that it plays.
    isServed: async (id) => supervisor.channels.get(id)?.status().state === 'live' && isServed(ports, endpoints, supervisor.unit(id)),
    going,
    checkSegment: createSegmentCheck({ ports, endpoints, ffmpeg: ffmpeg.facts }),
    slate: (id) => tidying.slates.slate(id),
    ensureHlsDirectory: () => ensureHlsDirectory(files, config()),
    adoptStray: (id) => supervisor.adoptStray(id),
    switchOver: (id, to, act) => supervisor.switchOver(id, to, act),
  };
  const alarms = await openStore({ ...store, path: paths.hooks }, isSavedAlarms);
  const hooks = createHooks({ ports, events, saved: alarms, config: () => config().hooks ?? [] });
  record.onEvent((event) => {
    hooks.hear(event);
    // Whoever reads the logs, of the container or of one stream, sees how it is judged without asking.
    if (event.kind === 'verdict') logs.log(event.stream ?? 'backend').note('info', `verdict ${event.message}`);
  });
  const tidying = createTidy({
    surroundings,
    config,
    orders,
    log,
    keptNames: () => supervisor.channels.keptNames(),
    going,
    isIdle: (id) => supervisor.desk.isIdle(id),
  });
  const schedule = createSchedule({ clock, entries: () => config().schedule ?? [], run: options.runSelf, events });
  const startedAt = new Date(clock.now()).toISOString();
  const supervisor: Supervisor = createSupervisor({
    config: config(),
    runtime: options.runtime,
    surroundings,
    orders,
    origin,
    limiter,
    logs,
    verdicts: createVerdicts({ ...surroundings, origin, content: createContentChecker(surroundings), hooks }),
    identity: {
      pid: ports.process.pid,
      version: options.version,
      startedAt,
      runtime: options.runtime,
      stateDirectory: paths.directory,
      hlsDirectory: endpoints.hlsDirectory,
      get listProblem() {
        return list.problem();
      },
      get schedule() {
        return schedule.upcoming();
      },
    },
    memoryBytes: () => process.memoryUsage.rss(),
    notes: () => [...list.notes(), ...tidying.notes(), ...metrics.notes()],
    async handOver() {
      for (const draft of (await options.early?.stop()) ?? []) events.record(draft);
    },
    async tidy() {
      void list.followMending();
      schedule.tick();
      await Promise.all([edge.tick(), tidying.tidy()]);
    },
  });

  list.announce({
    log,
    house,
    configure(next) {
      supervisor.configure(next);
      events.forget(new Set(next.streams.map(({ id }) => id)));
    },
  });
  const appliedList = createAppliedList({ store: applied, config, units: supervisor.units, order: orders.get });
  appliedList.baseline();
  const metrics = createSupervisorMetrics({
    options,
    endpoints,
    config,
    status: () => supervisor.status(),
    units: supervisor.units,
    counts: events.counts,
    desk: () => supervisor.desk,
    log,
  });
  await metrics.open();
  await ffmpeg.ready().catch((error: unknown) => onError(`cannot ask ffmpeg: ${String(error)}`));
  await supervisor.begin();
  const adopted = supervisor.status().streams.filter((stream) => stream.pid !== null).length;
  house.started({ version: options.version, pid: ports.process.pid, runtime: options.runtime }, adopted);
  log.note('info', `supervisor ${options.version} pid ${ports.process.pid}, runtime ${options.runtime}, list ${options.configPath}`);
  if (keeper?.lastExit !== undefined) {
    const news = comeback(keeper.lastExit);
    events.record(news);
    log.note('warning', news.message);
  }

  return new Promise((resolve, reject) => {
    let ending = false;
    const end = (how: ShutdownRequest): void => {
      if (ending) return;
      ending = true;
      log.note('info', how.jobs === 'stop' ? 'stopping every job' : 'leaving, jobs go on');
      house.leaving(how.jobs);
      const left = how.jobs === 'stop' ? supervisor.stopAll().then(edge.clear) : supervisor.detach();
      left
        .catch((error: unknown) => onError(`leaving: ${String(error)}`))
        .then(() => within(clock, 5000, 'saving the events', record.close()).catch(() => undefined))
        .then(() => metrics.close())
        .then(() => server)
        .then((control) => control.close())
        .then(() => resolve(ExitCode.ok), reject);
    };
    const server = startControlServer(paths.socket, {
      hello: () => ({
        name: 'iptv',
        protocol: controlProtocol,
        version: options.version,
        pid: ports.process.pid,
        startedAt,
        runtime: options.runtime,
        configPath: options.configPath,
        stateDirectory: paths.directory,
        ...(keeper === undefined ? {} : { keeper: { pid: keeper.pid, alive: keeper.isThere() } }),
      }),
      status: (ids) => metrics.withViewers(supervisor.status(ids)),
      async order(request) {
        // Stopping must work at once and whatever the file looks like now; the other orders mean what is written there.
        if (request.action !== 'stop' && request.reload !== false) await list.reload();
        else if (supervisor.lacks(request)) await list.reload().catch(() => undefined);
        const result = await supervisor.order(request);
        appliedList.mark(result.ids);
        return result;
      },
      reload: () => list.take((next, keys) => appliedList.diff(next, keys)),
      async diff() {
        const { next, serverKeys } = await list.peek();
        return appliedList.diff(next, serverKeys);
      },
      markApplied: (ids) => appliedList.mark(ids),
      rollback: (id) => supervisor.unit(id).rollback() && house.rolledBack(id),
      shutdown: end,
      failover: async (id) => supervisor.unit(id).sources.report(),
      force: async ({ id, source }) => supervisor.unit(id).sources.force(source),
      probe: async ({ id, source }) => supervisor.unit(id).sources.probe(source),
    }).catch((error: unknown) => {
      throw new AppError({
        exitCode: ExitCode.unavailable,
        code: 'socket-failed',
        message: `cannot open the control socket ${paths.socket}`,
        evidence: [String(error)],
        cause: error,
      });
    });
    server.catch((error: unknown) => {
      onError(String(error));
      // Ends with the error of `server`: nobody could talk to this supervisor.
      end({ jobs: 'keep' });
    });
    const heardReload = ({ exitCode, stderr }: RunResult): void => {
      if (exitCode !== 0) onError(`SIGHUP: ${stderr.trim()}`);
    };
    hear = (what) => {
      if (what === 'stop') end({ jobs: 'stop' });
      // A process of its own does it step by step; an invalid list ends it before anything is changed.
      else options.runSelf(['apply', '-q', '--lock-wait', '10m']).then(heardReload, (error: unknown) => onError(`apply: ${String(error)}`));
    };
    if (early !== undefined) hear(early);
  });
}
