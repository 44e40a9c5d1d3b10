// Keeps what was ordered equal to what runs: orders in, stream units out. One per state folder.

import type { Config, Runtime, StreamConfig } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Order, StatusDocument, SupervisorStatus } from '../core/status.ts';
import { nearest } from '../core/nearest.ts';
import type { LogBook } from '../observe/log-sink.ts';
import { findJobs } from './job-record.ts';
import { originName, type OriginUnit } from './origin-unit.ts';
import type { StartLimiter } from './start-limiter.ts';
import { streamStatus } from './stream-status.ts';
import { createStreamUnit, type StreamUnit } from './stream-unit.ts';
import type { JsonStore } from './stores.ts';
import type { Surroundings } from './surroundings.ts';
import { startSweep } from './sweep.ts';

export interface OrderInput {
  readonly action: 'start' | 'stop' | 'restart';
  readonly ids?: readonly string[];
  readonly all?: boolean;
  readonly tags?: readonly string[];
}

export interface Supervisor {
  /** Adopts what runs, then starts what was ordered and does not. */
  begin(): Promise<void>;
  status(ids?: readonly string[]): StatusDocument;
  /** Throws AppError `no-such-stream` before anything is changed. */
  order(input: OrderInput): Promise<{ readonly ids: readonly string[]; readonly notes: readonly string[] }>;
  /** Takes a new list; running jobs keep their old definition until they are restarted. */
  configure(config: Config): void;
  adoptStray(id: string): Promise<void>;
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
  readonly identity: Omit<SupervisorStatus, 'memoryBytes' | 'configPath' | 'publicUrl'>;
  readonly memoryBytes: () => number;
  /** Housekeeping of the HLS folder; called by the sweep. */
  readonly tidy: () => Promise<void>;
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { surroundings, orders, origin, logs } = options;
  const { ports, endpoints } = surroundings;
  const log = logs.log('backend');
  const units = new Map<string, StreamUnit>();
  let config = options.config;
  let sweeping: { hurry(): void; stop(): void } | undefined;

  function unitOf(stream: StreamConfig): StreamUnit {
    const known = units.get(stream.id);
    if (known !== undefined) return known;
    const unit = createStreamUnit({ stream, surroundings, limiter: options.limiter, log: logs.log(stream.id) });
    units.set(stream.id, unit);
    return unit;
  }

  function configure(next: Config): void {
    config = next;
    const listed = new Map(next.streams.map((stream) => [stream.id, stream]));
    for (const stream of next.streams) unitOf(stream).redefine(stream);
    for (const unit of units.values()) {
      if (listed.has(unit.id)) continue;
      unit.redefine(undefined);
      if (unit.process.lifecycle().phase === 'stopped') units.delete(unit.id);
    }
  }

  async function round(): Promise<boolean> {
    await options.tidy();
    await origin.tick();
    const all = [...units.values()];
    const ended = await Promise.allSettled(all.map((unit) => unit.tick()));
    ended.forEach((result, index) => {
      if (result.status === 'rejected') log.note('error', `${all[index]?.id ?? ''}: ${String(result.reason)}`);
    });
    return all.some((unit) => {
      const stage = unit.stage();
      return stage !== 'none' && stage !== 'playable';
    });
  }

  function select(input: OrderInput): readonly StreamUnit[] {
    if (input.ids !== undefined) return input.ids.map(named);
    const candidates = [...units.values()].filter((unit) => (input.action === 'start' ? unit.stream().enabled : unit.process.lifecycle().order === 'run'));
    if (input.tags === undefined) return candidates;
    const wanted = input.tags;
    const known = new Set([...units.values()].flatMap((unit) => unit.stream().tags));
    const unknown = wanted.find((tag) => !known.has(tag));
    if (unknown !== undefined) {
      const near = nearest(unknown, [...known]);
      throw new AppError({
        exitCode: ExitCode.noSuchStream,
        code: 'no-such-tag',
        message: `no stream has the tag "${unknown}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
        next: 'iptv list',
      });
    }
    return candidates.filter((unit) => unit.stream().tags.some((tag) => wanted.includes(tag)));
  }

  function named(id: string): StreamUnit {
    const unit = units.get(id);
    if (unit !== undefined) return unit;
    const near = nearest(id, [...units.keys()]);
    throw new AppError({
      exitCode: ExitCode.noSuchStream,
      code: 'no-such-stream',
      message: `no stream "${id}" in ${config.path}${near === undefined ? '' : `; did you mean "${near}"?`}`,
      next: near === undefined ? 'iptv list' : `iptv status ${near}`,
    });
  }

  function give(unit: StreamUnit, action: OrderInput['action']): string | undefined {
    const { phase } = unit.process.lifecycle();
    orders.set(unit.id, action === 'stop' ? 'stop' : 'run');
    switch (action) {
      case 'start':
        unit.order('run');
        return phase === 'running' ? `${unit.id} was already running` : undefined;
      case 'stop':
        unit.order('stop');
        return phase === 'stopped' ? `${unit.id} was not running` : undefined;
      case 'restart':
        unit.restart();
        return undefined;
    }
  }

  async function adoptAll(): Promise<void> {
    for (const found of findJobs(ports.process, surroundings.paths.directory)) await adopt(found);
  }

  async function adopt(found: ReturnType<typeof findJobs>[number]): Promise<void> {
    if (found.id === originName) return;
    const unit = units.get(found.id);
    if (unit === undefined) {
      log.note('warning', `job ${found.pid} belongs to ${found.id}, which is no longer in the list: ending it`);
      ports.process.signalGroup(found.pid, found.startTime, 'SIGTERM');
      ports.clock.after(5000, () => ports.process.signalGroup(found.pid, found.startTime, 'SIGKILL'));
      return;
    }
    if (unit.process.alive() === undefined) await unit.adopt(found, orders.get(found.id) ?? 'stop');
  }

  return {
    async begin() {
      configure(config);
      await adoptAll();
      await origin.start();
      for (const unit of units.values()) {
        if (orders.get(unit.id) === 'run' && unit.process.lifecycle().order === 'stop') unit.order('run');
      }
      sweeping = startSweep({ clock: ports.clock, round, onError: (error) => log.note('error', `sweep: ${String(error)}`) });
    },
    status(ids) {
      const chosen = ids === undefined ? [...units.values()] : ids.map(named);
      return {
        schemaVersion: 1,
        supervisor: { ...options.identity, configPath: config.path, publicUrl: config.server.publicUrl, memoryBytes: options.memoryBytes() },
        origin: origin.status(),
        streams: chosen.map((unit) => streamStatus(unit, endpoints, ports.clock)),
      };
    },
    async order(input) {
      const chosen = select(input);
      const notes = chosen.flatMap((unit) => give(unit, input.action) ?? []);
      await orders.flush();
      sweeping?.hurry();
      return { ids: chosen.map((unit) => unit.id), notes };
    },
    configure,
    async adoptStray(id) {
      for (const found of findJobs(ports.process, surroundings.paths.directory)) if (found.id === id) await adopt(found);
    },
    async stopAll() {
      for (const unit of units.values()) unit.order('stop');
      await settled(() => [...units.values()].every((unit) => unit.process.lifecycle().phase === 'stopped'));
      origin.stop();
      await settled(() => origin.process === undefined || origin.process.lifecycle().phase === 'stopped');
      await leave();
    },
    detach: leave,
  };

  async function settled(done: () => boolean): Promise<void> {
    while (!done()) {
      sweeping?.hurry();
      await new Promise<void>((resolve) => ports.clock.after(50, resolve));
    }
  }

  async function leave(): Promise<void> {
    sweeping?.stop();
    for (const unit of units.values()) unit.process.detach();
    origin.process?.detach();
    await Promise.all([orders.flush(), surroundings.stores.facts.flush(), surroundings.stores.sequences.flush(), logs.close()]);
  }
}
