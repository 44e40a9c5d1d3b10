// Keeps what was ordered equal to what runs: orders in, stream units out. One per state folder.

import type { Config, Runtime, StreamConfig } from '../core/config.ts';
import type { Order, StatusDocument, SupervisorStatus } from '../core/status.ts';
import { originName } from '../core/state-paths.ts';
import type { LogBook } from '../observe/log-sink.ts';
import { createBridges } from './bridge/bridges.ts';
import { createChannels, type Channels } from './channels.ts';
import { findJobs, type FoundJob } from './job-record.ts';
import { createLanes } from './lanes.ts';
import { orderEvent, orderNote } from './order-event.ts';
import { createDepartures } from './departures.ts';
import { leavingError } from './order-errors.ts';
import { withDemand } from './on-demand/demand-unit.ts';
import { createDesk, type Desk } from './on-demand/desk.ts';
import type { OriginUnit } from './origin-unit.ts';
import { namedUnit, selectUnits, type OrderInput } from './select-units.ts';
import type { StartLimiter } from './start-limiter.ts';
import { streamStatus } from './stream-status.ts';
import { createStreamUnit } from './stream-unit.ts';
import type { JsonStore } from './stores.ts';
import type { Surroundings } from './surroundings.ts';
import { startSweep } from './sweep.ts';
import type { StreamUnit } from './unit.ts';
import type { Verdicts } from './verdicts.ts';
import { within } from './within.ts';

export interface Supervisor {
  /** Adopts what runs, then starts what was ordered and does not. */
  begin(): Promise<void>;
  status(ids?: readonly string[]): StatusDocument;
  /** Throws AppError `no-such-stream` before anything is changed. */
  order(input: OrderInput): Promise<{ readonly ids: readonly string[]; readonly notes: readonly string[] }>;
  /** Throws AppError `no-such-stream`. */
  unit(id: string): StreamUnit;
  /** Names a stream that is not known: worth a look at the list. */
  lacks(input: OrderInput): boolean;
  readonly units: () => readonly StreamUnit[];
  /** Takes a new list; running jobs keep their old definition until they are restarted. */
  configure(config: Config): void;
  readonly channels: Channels;
  /** Viewers of streams that start on demand. */
  readonly desk: Desk;
  adoptStray(id: string): Promise<void>;
  readonly switchOver: NonNullable<Surroundings['switchOver']>;
  /** Ends every job and nginx; orders stay on disk. Resolves when all are gone. */
  stopAll(): Promise<void>;
  /** Leaves everything running for the next supervisor. */
  detach(): Promise<void>;
}

export interface SupervisorOptions {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly surroundings: Surroundings;
  readonly orders: JsonStore<Order>;
  readonly origin: OriginUnit;
  readonly limiter: StartLimiter;
  readonly logs: LogBook;
  readonly verdicts: Verdicts;
  readonly identity: Omit<SupervisorStatus, 'memoryBytes' | 'configPath' | 'publicUrl' | 'notes'>;
  readonly memoryBytes: () => number;
  /** Housekeeping of the HLS folder; called by the sweep. */
  readonly tidy: () => Promise<void>;
  /** What people should know about the supervisor itself. */
  readonly notes: () => readonly string[];
  /** Called right before the first look at a channel: whoever wrote its playlist until now ends that. */
  readonly handOver?: () => Promise<void>;
}

/** Twice the stop ladder, and a start that waits for its turn; what needs longer hangs in the kernel. */
const stopLimitMs = 45_000;
const saveLimitMs = 5000;

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { surroundings, orders, origin, logs } = options;
  const { ports, endpoints } = surroundings;
  const log = logs.log('backend');
  const units = new Map<string, StreamUnit>();
  let config = options.config;
  /** Once it is over with this supervisor, an order would undo what the next one or `down` relies on. */
  let phase: 'new' | 'running' | 'leaving' = 'new';
  const lanes = createLanes(ports.clock, (name, error) =>
    log.note('error', `${name}: ${error instanceof Error ? error.message : String(error)}`),
  );
  const desk = createDesk({
    surroundings,
    units,
    channel: (id) => channels.get(id),
    isLeaving: () => phase === 'leaving',
    hurry: () => sweeping?.hurry(),
    note: (id, level, text) => logs.log(id).note(level, text),
  });
  const channels = createChannels(
    surroundings,
    logs,
    lanes,
    (id) => bridges.view(id),
    (id) => desk.written(id),
  );
  const bridges = createBridges({ surroundings, logs, lanes, verdicts: options.verdicts, channel: channels.get });
  const forget = (id: string): void => {
    units.delete(id);
    channels.forget(id);
  };
  const departures = createDepartures({ clock: ports.clock, units, forget });
  let sweeping: { hurry(): void; stop(): void } | undefined;

  function unitOf(stream: StreamConfig): StreamUnit {
    const known = units.get(stream.id);
    if (known !== undefined) return known;
    const unit = withDemand(createStreamUnit({ stream, surroundings, limiter: options.limiter, log: logs.log(stream.id) }), stream);
    units.set(stream.id, unit);
    channels.add(unit);
    return unit;
  }

  function configure(next: Config): void {
    config = next;
    surroundings.sources.providers.configure(next.providers ?? []);
    for (const stream of next.streams) {
      const isNew = !units.has(stream.id);
      const unit = unitOf(stream);
      unit.redefine(stream);
      // Back in the list after it was away: what was ordered runs again.
      if (isNew && phase === 'running' && orders.get(stream.id) === 'run') unit.order('run', 'resumed');
    }
    departures.leave(new Set(next.streams.map(({ id }) => id)));
  }

  async function round(): Promise<boolean> {
    departures.tick();
    const all = [...units.values()];
    await Promise.all([
      lanes.run('tidying the HLS folder', options.tidy),
      lanes.run(originName, () => origin.tick()),
      ...all.map((unit) => lanes.run(unit.id, () => unit.tick())),
    ]);
    await channels.tickAll();
    await lanes.run('on demand', () => desk.tick());
    options.verdicts.round(all, channels.statusOf);
    return all.some((unit) => {
      const stage = unit.stage();
      return stage !== 'none' && stage !== 'playable';
    });
  }

  const named = (id: string): StreamUnit => namedUnit(units, id, config.path);

  function give(unit: StreamUnit, { action, seamless }: OrderInput): string | undefined {
    const { phase } = unit.process.lifecycle();
    const wasIdle = unit.demand.isIdle();
    orders.set(unit.id, action === 'stop' ? 'stop' : 'run');
    surroundings.events.record(orderEvent(unit.id, action, phase));
    if (action !== 'restart') unit.order(action === 'stop' ? 'stop' : 'run');
    else bridges.restart(unit, seamless !== false);
    return orderNote(unit.id, { action, phase, wasIdle, isIdle: unit.demand.isIdle() });
  }

  /** One job that cannot be taken over must not keep the supervisor from starting. */
  async function adoptAll(id?: string): Promise<void> {
    for (const found of findJobs(ports.process, surroundings.paths.directory)) {
      if (found.id === originName || (id !== undefined && found.id !== id)) continue;
      await adopt(found).catch((error: unknown) => log.note('error', `cannot adopt job ${found.pid} of ${found.id}: ${String(error)}`));
    }
  }

  async function adopt(found: FoundJob): Promise<void> {
    const unit = units.get(found.id);
    if (unit === undefined) {
      log.note('warning', `job ${found.pid} belongs to ${found.id}, which is no longer in the list: ending it`);
      end(found, 'SIGTERM');
      ports.clock.after(5000, () => end(found, 'SIGKILL'));
      return;
    }
    if (unit.process.alive() !== undefined) return;
    // A job whose order was lost was ordered by somebody: it plays on.
    if (orders.get(found.id) === undefined) orders.set(found.id, 'run');
    await unit.adopt(found, () => orders.get(found.id) ?? 'run');
  }

  function end(found: FoundJob, signal: 'SIGTERM' | 'SIGKILL'): void {
    try {
      ports.process.signalGroup(found.pid, found.startTime, signal);
    } catch (error) {
      log.note('error', `cannot end job ${found.pid} of ${found.id}: ${String(error)}`);
    }
  }

  return {
    async begin() {
      configure(config);
      await adoptAll();
      bridges.clearAway((id) => units.get(id));
      await origin.start();
      phase = 'running';
      for (const unit of units.values()) {
        if (orders.get(unit.id) === 'run' && unit.demand.order() === 'stop') unit.order('run', 'resumed');
      }
      await options.handOver?.();
      await lanes.run('on demand', () => desk.tick());
      desk.open();
      sweeping = startSweep({
        clock: ports.clock,
        pulse: () => {
          channels.tickDue();
          bridges.tick();
          return desk.isWaitedFor();
        },
        round,
        onError: (error) => log.note('error', `sweep: ${String(error)}`),
      });
    },
    status(ids) {
      const chosen = ids === undefined ? [...units.values()] : ids.map(named);
      return {
        schemaVersion: 1,
        supervisor: {
          ...options.identity,
          configPath: config.path,
          publicUrl: config.server.publicUrl,
          memoryBytes: options.memoryBytes(),
          notes: options.notes(),
        },
        origin: origin.status(),
        streams: chosen.map((unit) => ({
          ...streamStatus(unit, channels.statusOf(unit.id), endpoints, ports.clock),
          ...options.verdicts.statusOf(unit.id),
          ...bridges.statusOf(unit.id),
        })),
        providers: surroundings.sources.providers.status(),
      };
    },
    async order(input) {
      if (phase !== 'running') throw leavingError();
      const chosen = selectUnits(units, input, config.path);
      const notes = chosen.flatMap((unit) => give(unit, input) ?? []);
      await Promise.all(chosen.map((unit) => desk.ordered(unit).catch(() => undefined)));
      await orders.flush();
      sweeping?.hurry();
      const problem = orders.problem();
      const unsaved = problem === undefined ? [] : [`the order holds until the supervisor ends, but is not saved: ${problem}`];
      return { ids: chosen.map((unit) => unit.id), notes: [...notes, ...(input.action === 'stop' ? [] : options.notes()), ...unsaved] };
    },
    unit: named,
    units: () => [...units.values()],
    lacks: (input) => input.ids?.some((id) => !units.has(id)) ?? false,
    configure,
    channels,
    desk,
    adoptStray: adoptAll,
    switchOver: (id, to, act) => bridges.switchOver(named(id), to, act),
    async stopAll() {
      phase = 'leaving';
      for (const unit of units.values()) unit.order('stop');
      await settled(() => [...units.values()].every((unit) => unit.process.lifecycle().phase === 'stopped'));
      origin.stop();
      await settled(() => origin.process === undefined || origin.process.lifecycle().phase === 'stopped');
      await leave();
    },
    detach: leave,
  };

  /** A process that not even SIGKILL ends (proc(5), state D) must not keep us for ever; the next supervisor finds it. */
  async function settled(done: () => boolean): Promise<void> {
    const limit = ports.clock.monotonic() + stopLimitMs;
    while (!done()) {
      if (ports.clock.monotonic() > limit) {
        const left = [...units.values()]
          .filter((unit) => unit.process.alive() !== undefined)
          .map((unit) => `${unit.id} (${unit.process.alive()?.pid})`);
        log.note('error', `leaving although these do not end: ${[...left, ...(left.length === 0 ? [originName] : [])].join(', ')}`);
        return;
      }
      sweeping?.hurry();
      await new Promise<void>((resolve) => ports.clock.after(50, resolve));
    }
  }

  async function leave(): Promise<void> {
    phase = 'leaving';
    sweeping?.stop();
    bridges.close();
    for (const unit of units.values()) unit.process.detach();
    origin.process?.detach();
    const saved = Promise.all([
      orders.flush(),
      surroundings.stores.facts.flush(),
      surroundings.stores.sequences.flush(),
      surroundings.stores.channels.flush(),
      surroundings.sources.flush(),
      logs.close(),
    ]);
    // Nobody is served by a supervisor that waits for a dead disk.
    await within(ports.clock, saveLimitMs, 'saving', saved).catch(() => undefined);
  }
}
