// One change of jobs without a gap: a second connection carries the channel meanwhile, then the channel goes back to its legs.

import type { BridgePhase, ChannelStatus } from '../../core/status.ts';
import type { LegSegment } from '../../playlist/channel/channel-state.ts';
import type { Lease } from '../providers.ts';
import type { StreamUnit } from '../unit.ts';
import type { BridgeJob } from './bridge-job.ts';

/** What the channel reads in place of the backup leg. */
export interface BridgeView {
  readonly mode: 'away' | 'back';
  read(now: number, wallMs: number): Promise<readonly LegSegment[]>;
}

export interface Outcome {
  readonly seamless: boolean;
  /** Why it was not; null when it was. */
  readonly reason: string | null;
  /** Longest time without a new entry in the channel; null where nothing was carried. */
  readonly stillSeconds: number | null;
}

export interface Crossing {
  readonly phase: () => BridgePhase | 'ending';
  readonly view: () => BridgeView | undefined;
  /** Somebody ordered another restart meanwhile. */
  again(): void;
  /** Gives up: the stream was stopped, or the supervisor leaves. */
  abandon(): void;
  /** One look; true when all is over and its process is gone. */
  step(): Promise<boolean>;
}

/** `isCarried`: viewers do not notice; false: there is no bridge, so this is the ordinary way. */
export type Act = (isCarried: boolean) => boolean;

export interface CrossingOptions {
  readonly unit: StreamUnit;
  readonly lease: Lease;
  readonly start: () => Promise<BridgeJob>;
  /** What all this is for: ends the job, so that another one comes. False when another one came already. */
  readonly act: Act;
  readonly now: () => number;
  readonly segmentSeconds: number;
  /** The channel's newest entry and how it is. */
  readonly channel: () => { readonly newest: string | undefined; readonly status: ChannelStatus } | undefined;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Time that each step may take, in segments and milliseconds beside; above every sane source, below what a batch waits. */
const limits = {
  opening: { segments: 6, ms: 15_000 },
  leaving: { segments: 3, ms: 2000 },
  carrying: { segments: 0, ms: 90_000 },
  returning: { segments: 8, ms: 10_000 },
} as const;
/** New segments in the legs before the channel goes back to a stream that has no primary leg. */
const steadySegments = 3;
/** RFC 8216 6.2.1: a new segment within 1.5 target durations; the look comes a fifth of a second later. */
const stillShare = 1.5;
const lookMs = 400;

/** The longest that a bridge may stand, in seconds. */
export function longestBridgeSeconds(segmentSeconds: number): number {
  const each = Object.values(limits).map(({ segments, ms }) => segments * segmentSeconds + ms / 1000);
  return Math.ceil(each.reduce((sum, seconds) => sum + seconds, 0)) + 10;
}

export function createCrossing(options: CrossingOptions): Crossing {
  const { unit, now, segmentSeconds } = options;
  let phase: BridgePhase | 'ending' = 'opening';
  let since = now();
  let job: BridgeJob | undefined;
  let startError: string | undefined;
  let oldPid: number | undefined;
  /** The channel is given its own legs again. */
  let handedBack = false;
  let stillMs = 0;
  const started = options.start().then(
    (made) => (job = made),
    (error: unknown) => (startError = error instanceof Error ? error.message : String(error)),
  );

  function go(next: BridgePhase | 'ending'): void {
    phase = next;
    since = now();
  }

  const isOver = (of: keyof typeof limits): boolean => now() - since > limits[of].ms + 1000 * limits[of].segments * segmentSeconds;
  const isCarried = (): boolean => job !== undefined && (options.channel()?.newest?.startsWith(job.prefix) ?? false);

  /** The old job was not touched yet: the ordinary way. */
  function fallBack(reason: string): void {
    go('ending');
    options.onOutcome({ seamless: false, reason, stillSeconds: null });
    options.act(false);
  }

  function finish(reason: string | null): void {
    go('ending');
    const stillSeconds = Math.round(stillMs / 100) / 10;
    const isGap = stillMs > 1000 * stillShare * segmentSeconds + lookMs;
    const why = reason ?? (isGap ? `the channel stood still for ${stillSeconds} s` : null);
    options.onOutcome({ seamless: why === null, reason: why, stillSeconds });
  }

  async function opening(): Promise<void> {
    if (startError !== undefined) return fallBack(`the second connection could not be opened: ${startError}`);
    if (job === undefined) return isOver('opening') ? fallBack('the second connection could not be opened in time') : undefined;
    if (!job.isAlive()) return fallBack(`the second connection failed: ${await job.ending()}`);
    if (job.isPaced()) return go('leaving');
    if (isOver('opening')) fallBack(`the second connection brought no steady picture within ${Math.round((now() - since) / 1000)} s`);
  }

  async function leaving(): Promise<void> {
    if (isCarried()) {
      const pid = unit.process.alive()?.pid;
      go('carrying');
      oldPid = options.act(true) ? pid : undefined;
      return;
    }
    if (job !== undefined && !job.isAlive()) return fallBack(`the second connection failed: ${await job.ending()}`);
    if (isOver('leaving')) fallBack('the channel did not go over to the second connection');
  }

  async function carrying(): Promise<void> {
    const alive = unit.process.alive();
    if (alive !== undefined && alive.pid !== oldPid && unit.process.lifecycle().phase === 'running') return go('returning');
    if (job !== undefined && !job.isAlive()) return finish(`the second connection broke: ${await job.ending()}`);
    if (isOver('carrying')) finish(`the new job did not play within ${limits.carrying.ms / 1000} s`);
  }

  function returning(): void {
    const newest = options.channel()?.newest;
    if (newest !== undefined && !newest.startsWith('slate-') && !isCarried()) return finish(null);
    const hasPrimary = unit.plan()?.legs.includes('primary') ?? true;
    const isSteady = now() - since >= 1000 * steadySegments * segmentSeconds;
    if ((!hasPrimary && isSteady) || job?.isAlive() === false || isOver('returning')) {
      if (handedBack && isOver('returning')) return finish('the new job did not go on playing');
      // Then the backup leg is good enough, as with any other silence of the primary one.
      if (!handedBack) go('returning');
      handedBack = true;
    }
  }

  return {
    phase: () => phase,
    view() {
      const of = job;
      if (of === undefined || handedBack || phase === 'opening' || phase === 'ending') return undefined;
      return { mode: phase === 'returning' ? 'back' : 'away', read: (at, wallMs) => of.read(at, wallMs) };
    },
    again() {
      if (phase !== 'carrying' && phase !== 'returning') return;
      oldPid = unit.process.alive()?.pid ?? oldPid;
      handedBack = false;
      go('carrying');
      unit.restart();
    },
    abandon: () => go('ending'),
    async step() {
      if (phase === 'ending') {
        await started;
        if (!(job?.end() ?? true)) return false;
        options.lease.release(job !== undefined);
        return true;
      }
      if (unit.process.lifecycle().order !== 'run') go('ending');
      await job?.look();
      if (phase !== 'opening') stillMs = Math.max(stillMs, 1000 * (options.channel()?.status.ageSeconds ?? 0));
      if (phase === 'opening') await opening();
      else if (phase === 'leaving') await leaving();
      else if (phase === 'carrying') await carrying();
      else if (phase === 'returning') returning();
      return false;
    },
  };
}
