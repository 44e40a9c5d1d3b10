// Keeps one stream's sources: asks the failover reducer, and does what it says with connections, addresses, looks and the job.

import type { SourceConfig, StreamConfig } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { FailoverReport, ProbeReport } from '../core/failover.ts';
import type { LogSink } from '../observe/log-sink.ts';
import { betterThan } from './failover/choose.ts';
import { nextWake } from './failover/fail-back.ts';
import { policyOf, sourceKeys } from './failover/policy.ts';
import { reduceFailover } from './failover/reduce.ts';
import { parseFailover, printFailover } from './failover/saved.ts';
import type { FailoverEffect, FailoverEvent, FailoverState } from './failover/state.ts';
import type { Failure, Lifecycle } from './lifecycle.ts';
import { createSourceAddresses } from './source-addresses.ts';
import { createSourceConnections } from './source-connections.ts';
import { lookAtSource } from './source-look.ts';
import { reportSources } from './source-report.ts';
import type { Surroundings } from './surroundings.ts';

/** What the keeper may do with the job. */
export interface JobHandle {
  readonly lifecycle: () => Lifecycle;
  /** The next try comes after this long; only while it backs off. */
  retryIn(delayMs: number): void;
  /** The same, but never later than it would come anyway. */
  retryWithin(delayMs: number): void;
  /** Ends the job and starts it anew, without counting a failure. */
  replan(): void;
}

export interface SourceKeeper {
  /** Of the present job, else of the next one. */
  readonly index: () => number;
  /** The definition with the resolved address of the source at `index` in place. */
  readonly effective: (stream: StreamConfig) => StreamConfig;
  /** Chooses the source, takes a connection and finds the address; rejects with AppError when it cannot be started now. */
  prepare(stream: StreamConfig): Promise<void>;
  started(delivering: boolean): void;
  delivering(): void;
  failed(failure: Failure, neverStarted: boolean): void;
  /** The process is gone, for whatever reason. */
  gone(): void;
  adopt(stream: StreamConfig, index: number): void;
  /** Ordered to run, without a job. */
  ordered(): void;
  /** No job is wanted any more. */
  idle(): void;
  redefine(stream: StreamConfig): void;
  tick(): void;
  report(): Promise<FailoverReport>;
  /** Counts from 0; null gives the choice back. Throws AppError `no-such-source`. */
  force(source: number | null): Promise<FailoverReport>;
  probe(source: number): Promise<ProbeReport>;
}

export function createSourceKeeper(options: {
  readonly stream: StreamConfig;
  readonly surroundings: Surroundings;
  readonly log: LogSink;
  readonly job: JobHandle;
}): SourceKeeper {
  const { surroundings, log, job } = options;
  const { ports, events, sources: services } = surroundings;
  const { clock } = ports;
  const { providers } = services;
  const { id } = options.stream;
  const saved = services.states.get(id);
  const moment = () => ({ monotonic: clock.monotonic(), wall: clock.now() });
  let stream = options.stream;
  let state: FailoverState = parseFailover(saved?.health, sourceKeys(stream), moment());
  const connections = createSourceConnections(id, providers, clock);
  let renewing = false;
  let renewTriedAt = -Infinity;
  const addresses = createSourceAddresses({
    id,
    ports,
    events,
    learnSecrets: services.learnSecrets,
    saved: saved?.addresses ?? {},
    onChange: () => save(),
  });

  const index = (): number => state.run?.source ?? state.next.source;
  const sourceAt = (at: number): SourceConfig | undefined => stream.sources[at];
  const nameOf = (at: number): string => `source ${at + 1} (${sourceAt(at)?.display ?? 'gone'})`;
  const open = (): readonly boolean[] => stream.sources.map(({ provider }) => providers.slotsFree(provider) > 0);

  function save(): void {
    services.states.set(id, { health: printFailover(state, moment()), addresses: addresses.save() });
  }

  function dispatch(event: FailoverEvent): void {
    const before = state;
    const step = reduceFailover(state, event, clock.monotonic(), policyOf(stream));
    state = step.state;
    if (event.type !== 'wake' || step.effects.length > 0 || changedOnDisk(before, state)) {
      services.records.append(id, JSON.stringify({ at: new Date(clock.now()).toISOString(), t: clock.now(), event }));
    }
    if (changedOnDisk(before, state)) save();
    for (const effect of step.effects) perform(effect);
  }

  function perform(effect: FailoverEffect): void {
    switch (effect.type) {
      case 'try':
        if (stream.sources.length > 1) log.note('info', `next: ${nameOf(effect.source)}: ${effect.why}`);
        if (effect.delayMs !== null) job.retryIn(effect.delayMs);
        else if (effect.withinMs !== null) job.retryWithin(effect.withinMs);
        break;
      case 'switch':
        log.note('info', `going to ${nameOf(effect.source)}: ${effect.why}`);
        change(effect.source);
        break;
      case 'wait':
        connections.queue(sourceAt(effect.source)?.provider, () => job.retryIn(0));
        break;
      case 'renew': {
        const source = sourceAt(effect.source);
        if (source !== undefined) addresses.forget(source);
        break;
      }
      case 'probe':
        void probe(effect.source).catch((error: unknown) => {
          log.note('error', `cannot look at ${nameOf(effect.source)}: ${String(error)}`);
          dispatch({ type: 'probed', source: effect.source, cause: 'cancelled', message: String(error) });
        });
        break;
      case 'switched':
        told(effect);
        break;
    }
  }

  function told({ from, to, cause, afterMs }: FailoverEffect & { type: 'switched' }): void {
    const health = state.sources[from];
    const isBack = betterThan(state, from).includes(to);
    const message = `${nameOf(to)} plays instead of ${nameOf(from)}, ${Math.round(afterMs / 100) / 10} s after it was left (${cause})`;
    log.note('info', message);
    events.record({
      stream: id,
      kind: 'source-switched',
      cause,
      message,
      evidence: health?.message === null || health?.message === undefined || isBack ? [] : [health.message],
      action: isBack ? 'back to the better source' : 'the better ones are looked at and taken back when they are good again',
      outcome: 'delivering',
      data: { from: from + 1, to: to + 1, afterSeconds: Math.round(afterMs / 100) / 10 },
    });
  }

  /** What plays is left over a bridge where there is one; the job ends when that carries the channel. */
  function change(to: number): void {
    if (job.lifecycle().process !== 'alive') return job.retryIn(0);
    const act = (isCarried: boolean): boolean => {
      if (state.next.source !== to || state.run === null || state.run.source === to) return false;
      if (isCarried) job.replan();
      else changeAtOnce(to);
      return true;
    };
    if (job.lifecycle().phase === 'running' && surroundings.switchOver?.(id, to, act) === true) return;
    changeAtOnce(to);
  }

  /** With a connection to spare the new one is held before the old one is given up. */
  function changeAtOnce(to: number): void {
    const target = sourceAt(to);
    if (connections.mustBreakFirst(target)) return job.replan();
    connections.queue(target?.provider, () => {
      if (state.next.source === to) job.replan();
      else connections.giveBack();
    });
  }

  function existing(at: number): SourceConfig {
    const source = sourceAt(at);
    if (source !== undefined) return source;
    const count = stream.sources.length;
    const message = `${id} has ${count} ${count === 1 ? 'source' : 'sources'}, so ${at + 1} names none`;
    throw new AppError({ exitCode: ExitCode.usage, code: 'no-such-source', message, next: `iptv failover ${id}` });
  }

  async function probe(at: number): Promise<ProbeReport> {
    const source = existing(at);
    const isOnAir = state.run?.source === at && state.run.deliveringSince !== null;
    const report = await lookAtSource({ id, index: at, source, isOnAir, providers, addresses, probe: services.probe });
    if (report.result === 'bad') dispatch({ type: 'probed', source: at, cause: report.cause ?? 'unknown', message: report.message });
    else if (report.result === 'good') dispatch({ type: 'probed', source: at, cause: null, message: report.message });
    else if (report.result === 'no-connection') dispatch({ type: 'probed', source: at, cause: 'provider-limit', message: report.message });
    return report;
  }

  function renewInTime(): void {
    const source = sourceAt(index());
    const at = source === undefined ? undefined : addresses.renewAt(source);
    const now = clock.now();
    if (source === undefined || at === undefined || now < at || renewing || now - renewTriedAt < 30_000) return;
    renewing = true;
    renewTriedAt = now;
    addresses
      .renew(source)
      .then(
        (isNew) => {
          if (!isNew || job.lifecycle().phase !== 'running') return;
          log.note('info', `starting again with the new address, before the old one expires`);
          job.replan();
        },
        (error: unknown) => log.note('warning', error instanceof Error ? error.message : String(error)),
      )
      .finally(() => (renewing = false));
  }

  function use(next: StreamConfig): void {
    if (next === stream) return;
    stream = next;
    dispatch({ type: 'sources', keys: sourceKeys(next) });
  }

  return {
    index,
    redefine: use,
    effective: (of) => addresses.appliedTo(of, index() % Math.max(1, of.sources.length)),
    async prepare(next) {
      use(next);
      dispatch({ type: 'starting' });
      const source = sourceAt(state.next.source);
      if (source === undefined) return;
      connections.take(source);
      await addresses.ready(source, 'start');
    },
    started(isDelivering) {
      connections.started();
      dispatch({ type: 'started', source: index(), delivering: isDelivering });
    },
    delivering: () => dispatch({ type: 'delivering' }),
    failed({ cause, message }, neverStarted) {
      const source = sourceAt(neverStarted ? state.next.source : index());
      if (cause === 'provider-limit') {
        dispatch({ type: 'blocked', open: open(), freeInMs: providers.freeInMs(source?.provider) });
        return;
      }
      connections.giveBack();
      dispatch({ type: 'failed', cause, message, neverStarted, renewable: source?.resolve !== undefined });
    },
    gone: () => connections.gone(),
    adopt(next, at) {
      use(next);
      connections.adopt(sourceAt(at));
      state = { ...state, run: null, next: { source: at, fixed: true } };
    },
    ordered: () => dispatch({ type: 'ordered' }),
    idle: () => connections.giveBack(),
    tick() {
      const wake = nextWake(state, policyOf(stream));
      if (wake !== null && wake <= clock.monotonic()) dispatch({ type: 'wake', open: open() });
      renewInTime();
    },
    report,
    async force(source) {
      if (source !== null) existing(source);
      dispatch({ type: 'force', source });
      return report();
    },
    probe,
  };

  async function report(): Promise<FailoverReport> {
    const { order, phase } = job.lifecycle();
    const record = await services.records.lines(id);
    return reportSources({
      id,
      order,
      phase,
      stream,
      state,
      policy: policyOf(stream),
      providers,
      addresses,
      record,
      waitsFor: connections.waitsFor(),
      at: moment(),
    });
  }
}

/** Starts and looks come and go; only what the next supervisor should know is written. */
function changedOnDisk(before: FailoverState, after: FailoverState): boolean {
  return before.sources !== after.sources || before.forced !== after.forced || before.holds !== after.holds;
}
