// Ordered restarts: each one carried by a second connection where that is possible, told as an event, and none left behind.

import type { StreamConfig } from '../../core/config.ts';
import type { BridgePhase, OrderedRestart } from '../../core/status.ts';
import { bridgePlaylistName } from '../../core/ids.ts';
import { bridgeMark, jobMark } from '../../core/state-paths.ts';
import type { LogBook } from '../../observe/log-sink.ts';
import type { ChannelUnit } from '../channel-unit.ts';
import type { Lanes } from '../lanes.ts';
import type { Lease } from '../providers.ts';
import type { Surroundings } from '../surroundings.ts';
import type { StreamUnit } from '../unit.ts';
import type { Verdicts } from '../verdicts.ts';
import { chooseCarrier } from './carrier.ts';
import { startBridgeJob } from './bridge-job.ts';
import { createCrossing, longestBridgeSeconds, type Act, type BridgeView, type Crossing, type Outcome } from './crossing.ts';
import { stopByLadder } from './stop-by-ladder.ts';
import { whyNotBridge } from './why-not.ts';

export interface Bridges {
  /** Restarts the stream's job, without a gap where `asked` and possible. */
  restart(unit: StreamUnit, asked: boolean): void;
  /**
   * Goes over to another source (counted from 0) while the present one still plays: `act` ends the job once the channel is carried, or
   * cannot be; it says false when there is nothing to end any more. False: no bridge is possible, so the caller acts at once.
   */
  switchOver(unit: StreamUnit, to: number, act: Act): boolean;
  /** What an earlier supervisor left half-way is ended; its connections count until it is gone. */
  clearAway(unitOf: (id: string) => StreamUnit | undefined): void;
  readonly view: (id: string) => BridgeView | undefined;
  readonly statusOf: (id: string) => { readonly bridge?: BridgePhase; readonly orderedRestart?: OrderedRestart };
  /** One look at each of them; called with every pulse. */
  tick(): void;
  /** Ends all of them at once: the supervisor leaves. */
  close(): void;
}

export interface BridgesOptions {
  readonly surroundings: Surroundings;
  readonly logs: LogBook;
  readonly lanes: Lanes;
  readonly verdicts: Pick<Verdicts, 'statusOf'>;
  readonly channel: (id: string) => ChannelUnit | undefined;
}

export function createBridges({ surroundings, logs, lanes, verdicts, channel }: BridgesOptions): Bridges {
  const { ports, endpoints, events } = surroundings;
  const { clock, files } = ports;
  const { providers } = surroundings.sources;
  const crossings = new Map<string, Crossing>();
  /** The sources that crossings go over to. */
  const targets = new Map<string, number>();
  const last = new Map<string, OrderedRestart>();
  /** Of an earlier supervisor. */
  const leftovers = new Map<number, { readonly id: string; readonly lease: Lease; readonly stop: () => boolean }>();

  function tell(id: string, what: string, { seamless, reason, stillSeconds }: Outcome): void {
    last.set(id, { at: new Date(clock.now()).toISOString(), seamless, reason });
    const still = stillSeconds === null ? [] : [`longest time without a new segment in the channel: ${stillSeconds} s`];
    const message = seamless ? `${what} without a gap` : `${what} with a gap for viewers: ${reason ?? ''}`;
    logs.log(id).note('info', message);
    events.record({
      stream: id,
      kind: 'restarted',
      cause: seamless ? 'seamless' : 'stop-start',
      message,
      evidence: still,
      action: stillSeconds === null ? 'the job was stopped and started' : 'a second connection carried the channel meanwhile',
      outcome: seamless ? 'the channel moved on all the time' : null,
      data: { seamless, stillSeconds },
    });
  }

  function segmentSecondsOf(unit: StreamUnit): number {
    return Math.max(unit.stream().output.segmentSeconds, surroundings.segmentSeconds());
  }

  function restart(unit: StreamUnit, asked: boolean): void {
    const { id } = unit;
    const present = crossings.get(id);
    if (present !== undefined && present.phase() !== 'ending') return present.again();
    const sourceIndex = unit.sources.index();
    const stream = unit.sources.effective(unit.stream());
    const reason = whyNot(unit, asked, stream, sourceIndex);
    const source = stream.sources[sourceIndex % Math.max(1, stream.sources.length)];
    const lease = reason === undefined ? providers.tryTake(source?.provider, `second connection of ${id}`) : undefined;
    if (lease === undefined || present !== undefined) {
      const isPlaying = unit.process.lifecycle().process === 'alive';
      if (isPlaying)
        tell(id, 'restarted', {
          seamless: false,
          reason: reason ?? 'the second connection of its last restart still ends',
          stillSeconds: null,
        });
      lease?.release(false);
      return unit.restart();
    }
    const act = (): boolean => {
      unit.restart();
      return true;
    };
    cross(unit, { stream, sourceIndex, lease, what: 'restarted', act });
  }

  function switchOver(unit: StreamUnit, to: number, act: Act): boolean {
    const { id } = unit;
    if (crossings.has(id)) return targets.get(id) === to;
    const stream = unit.stream();
    const way = chooseCarrier(unit.sources.effective(stream), stream, unit.sources.index(), to, providers);
    if (way === undefined || whyNot(unit, true, way.stream, way.sourceIndex) !== undefined) return false;
    const lease = providers.tryTake(way.stream.sources[way.sourceIndex]?.provider, `second connection of ${id}`);
    if (lease === undefined) return false;
    cross(unit, { ...way, lease, what: `went over to source ${to + 1}`, act });
    targets.set(id, to);
    return true;
  }

  function whyNot(unit: StreamUnit, asked: boolean, stream: StreamConfig, sourceIndex: number): string | undefined {
    return whyNotBridge({
      asked,
      stream,
      source: stream.sources[sourceIndex % Math.max(1, stream.sources.length)],
      isRunning: unit.process.lifecycle().phase === 'running',
      verdict: verdicts.statusOf(unit.id).verdict,
      channel: channel(unit.id)?.status(),
      segmentSeconds: segmentSecondsOf(unit),
      standing: crossings.size,
      providers,
    });
  }

  function cross(
    unit: StreamUnit,
    how: {
      readonly stream: StreamConfig;
      readonly sourceIndex: number;
      readonly lease: Lease;
      readonly what: string;
      readonly act: Act;
    },
  ): void {
    const { id } = unit;
    const { stream, sourceIndex } = how;
    const segmentSeconds = segmentSecondsOf(unit);
    crossings.set(
      id,
      createCrossing({
        unit,
        lease: how.lease,
        start: () => startBridgeJob({ surroundings, stream, sourceIndex, limitSeconds: longestBridgeSeconds(segmentSeconds) }),
        act: how.act,
        now: () => clock.monotonic(),
        segmentSeconds,
        channel() {
          const found = channel(id);
          return found === undefined ? undefined : { newest: found.newest(), status: found.status() };
        },
        onOutcome: (outcome) => tell(id, how.what, outcome),
      }),
    );
  }

  async function tidy(id: string): Promise<void> {
    const path = `${endpoints.hlsDirectory}/${id}/${bridgePlaylistName}`;
    // Its segments stay as long as a playlist lists them and 6.2.2 asks; then they are the janitor's.
    for (const name of [path, `${path}.tmp`]) await files.remove(name).catch(() => undefined);
  }

  return {
    restart,
    switchOver,
    clearAway(unitOf) {
      for (const found of ports.process.findMarked(jobMark.state, surroundings.paths.directory)) {
        const id = found.env[bridgeMark];
        if (id === undefined || found.state === 'Z' || found.groupId !== found.pid) continue;
        const unit = unitOf(id);
        const source = unit?.stream().sources[unit.sources.index()];
        logs.log(id).note('info', `ending the second connection of a restart that was interrupted (pid ${found.pid})`);
        const stop = stopByLadder(ports, found);
        leftovers.set(found.pid, { id, lease: providers.take(source?.provider, `second connection of ${id}`), stop });
        stop();
      }
    },
    view: (id) => crossings.get(id)?.view(),
    statusOf(id) {
      const phase = crossings.get(id)?.phase();
      const done = last.get(id);
      return {
        ...(phase === undefined || phase === 'ending' ? {} : { bridge: phase }),
        ...(done === undefined ? {} : { orderedRestart: done }),
      };
    },
    tick() {
      for (const [id, crossing] of crossings) {
        void lanes.run(`restart of ${id}`, async () => {
          if (!(await crossing.step())) return;
          crossings.delete(id);
          targets.delete(id);
          await tidy(id);
        });
      }
      for (const [pid, { id, lease, stop }] of leftovers) {
        if (!stop()) continue;
        leftovers.delete(pid);
        lease.release(true);
        void lanes.run(`restart of ${id}`, () => tidy(id));
      }
    },
    close() {
      for (const crossing of crossings.values()) {
        crossing.abandon();
        void crossing.step().catch(() => undefined);
      }
    },
  };
}
