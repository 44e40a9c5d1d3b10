// Judges one stream from its witnesses, root cause before symptom. Pure; how long a judgement must hold is in verdict-hold.ts.

import type { LegName } from '../core/ids.ts';
import type { ChannelStatus, Order, StreamState } from '../core/status.ts';
import type { Verdict } from '../core/verdict.ts';
import { verdictOfFailure } from './verdict-of-failure.ts';

export type Finding = Omit<Verdict, 'since'>;

export interface FailureWitness {
  readonly cause: string;
  readonly message: string;
  readonly evidence: readonly string[];
  /** It will not work by waiting: refused, or cannot work as configured. */
  readonly isTelling: boolean;
  readonly hadDelivered: boolean;
  /** Monotonic. */
  readonly at: number;
}

export interface Witnesses {
  /** All times are monotonic milliseconds. */
  readonly now: number;
  readonly order: Order;
  /** It starts on demand, and nobody watches. */
  readonly isIdle?: boolean;
  readonly phase: StreamState;
  /** Consecutive failures; 0 after a stable run. */
  readonly failures: number;
  readonly failure: FailureWitness | undefined;
  /** No new segment for longer than this is a stall. */
  readonly stallBoundMs: number;
  /** When the present job was first seen. */
  readonly jobSince: number;
  /** The legs that the job writes. */
  readonly written: readonly LegName[];
  /** When each leg last showed a new segment. */
  readonly changedAt: Readonly<Record<LegName, number | undefined>>;
  readonly origin: {
    /** Since when nginx answers; undefined while it does not. */
    readonly answersSince: number | undefined;
    /** It is sure that it is down, not only late once. */
    readonly isDown: boolean;
    readonly reason: string;
    readonly evidence: readonly string[];
  };
  /** What is wrong with the HLS folder; undefined when it takes files. */
  readonly volume:
    | { readonly name: 'volume-full' | 'volume-denied'; readonly reason: string; readonly evidence: readonly string[] }
    | undefined;
  /** What nginx's /stat says of the publisher; undefined when it was not asked lately. */
  readonly rtmp: { readonly publishing: boolean; readonly bytesInGrow: boolean } | undefined;
  /** Why a viewer's request is not answered well, twice in a row; undefined when it is, or was not tried. */
  readonly http: { readonly reason: string; readonly evidence: readonly string[] } | undefined;
  readonly channel: Pick<ChannelStatus, 'state' | 'ageSeconds' | 'lostSounds'> | undefined;
  /** Of the last half minute; undefined while it is not known. 1 is real time. */
  readonly speed: number | undefined;
  /** Part of the frames that were dropped in the last half minute. */
  readonly droppedShare: number | undefined;
  /** What the picture and the sound show, each in plain words. */
  readonly content: readonly string[];
  /** The job's last words. */
  readonly lines: readonly string[];
}

/** A viewer's buffer empties at this speed within minutes; measuring and a source that sends in bursts reach 0.97. */
const slowBelow = 0.93;
const droppedAbove = 0.02;

export function judgeStream(witnesses: Witnesses): Finding {
  for (const rule of rules) {
    const found = rule(witnesses);
    if (found !== undefined) return found;
  }
  return { name: 'healthy', layer: null, reason: 'every witness is content', evidence: [] };
}

type Rule = (witnesses: Witnesses) => Finding | undefined;

const stopped: Rule = ({ order, phase, isIdle }) =>
  order === 'stop' || (phase === 'stopped' && isIdle !== true)
    ? { name: 'stopped', layer: null, reason: 'ordered to stop', evidence: [] }
    : undefined;

/** Without nginx nobody is served, whatever else may be wrong. */
const nginxDown: Rule = ({ origin }) =>
  origin.isDown ? { name: 'nginx-down', layer: 'http', reason: origin.reason, evidence: origin.evidence } : undefined;

const badVolume: Rule = (witnesses) => {
  const { volume, phase } = witnesses;
  if (volume === undefined) return undefined;
  const moves = witnesses.written.some((leg) => ageMs(witnesses, leg) <= witnesses.stallBoundMs / 2);
  if (phase === 'running' && moves) return undefined;
  return { name: volume.name, layer: 'volume', reason: volume.reason, evidence: volume.evidence };
};

/** After what keeps its first viewer from being served. */
const idle: Rule = ({ isIdle }) =>
  isIdle === true ? { name: 'idle', layer: null, reason: 'nobody watches: it starts with its first viewer', evidence: [] } : undefined;

const notDelivering: Rule = ({ phase, failures, failure, now, stallBoundMs }) => {
  if (phase === 'running') return undefined;
  if (failure === undefined || failures === 0) {
    return phase === 'stopping' && failure !== undefined && now - failure.at < stallBoundMs
      ? verdictOfFailure(failure)
      : { name: 'starting', layer: null, reason: 'no new segment yet', evidence: [] };
  }
  // Most interruptions pass with the first new start; viewers are covered for as long as a stall may last.
  const mayPass = failures === 1 && !failure.isTelling && now - failure.at < stallBoundMs;
  if (mayPass) return { name: 'starting', layer: null, reason: `the job is started again: ${failure.message}`, evidence: failure.evidence };
  return verdictOfFailure(failure);
};

const httpBroken: Rule = ({ http }) =>
  http === undefined ? undefined : { name: 'http-broken', layer: 'http', reason: http.reason, evidence: http.evidence };

const legDown: Rule = (witnesses) => {
  const dead = witnesses.written.find((leg) => ageMs(witnesses, leg) > witnesses.stallBoundMs) ?? stillDead(witnesses);
  if (dead === undefined) return undefined;
  const age = `${Math.round(ageMs(witnesses, dead) / 1000)} s`;
  const evidence = witnesses.lines.filter((line) => /fifo|rtmp|flv|hls|Already publishing/i.test(line)).slice(-3);
  if (dead === 'backup') {
    const reason = `the backup leg has no new segment for ${age}; viewers are served by the primary leg`;
    return { name: 'degraded', layer: 'volume', reason, evidence };
  }
  const { rtmp } = witnesses;
  if (rtmp?.publishing === false) {
    const reason = `nginx has no publisher of this name for ${age}: the job's RTMP push does not arrive; viewers are served by the backup leg`;
    return { name: 'rtmp-refused', layer: 'rtmp', reason, evidence };
  }
  const known = rtmp === undefined ? '' : rtmp.bytesInGrow ? ', although bytes arrive at nginx' : ', and no bytes arrive at nginx';
  const reason = `the primary leg has no new segment for ${age}${known}; viewers are served by the backup leg`;
  return { name: 'degraded', layer: 'rtmp', reason, evidence };
};

/** The leg for whose sake the job was restarted, as long as it does not move: a new job alone is no recovery. */
function stillDead({ failure, written, changedAt, jobSince, origin, stallBoundMs }: Witnesses): LegName | undefined {
  if (failure?.cause !== 'leg-dead' || origin.answersSince === undefined || jobSince - failure.at > 2 * stallBoundMs) return undefined;
  return written.find((leg) => (changedAt[leg] ?? -Infinity) < jobSince);
}

const channelStands: Rule = ({ channel, stallBoundMs }) => {
  if (channel?.state !== 'holding' || channel.ageSeconds === null || channel.ageSeconds * 1000 <= stallBoundMs) return undefined;
  const reason = `the channel playlist stands still for ${Math.round(channel.ageSeconds)} s although a leg moves`;
  return { name: 'degraded', layer: 'playlist', reason, evidence: [] };
};

const slow: Rule = ({ speed, droppedShare }) => {
  if (speed !== undefined && speed < slowBelow) {
    const reason = `it runs at ${Math.round(speed * 100)} % of real time: the source, or this machine, is too slow`;
    return { name: 'degraded', layer: 'source', reason, evidence: [`speed ${speed.toFixed(2)} over the last half minute`] };
  }
  if (droppedShare === undefined || droppedShare <= droppedAbove) return undefined;
  // ffmpeg drops for the sake of an even rate only (do_video_out), never because it is slow.
  const share = `${Math.round(droppedShare * 100)} % of the frames are left out`;
  const reason = `${share}: the source sends more of them than when the job began; a restart takes up its frame rate`;
  return { name: 'degraded', layer: 'source', reason, evidence: [] };
};

const badContent: Rule = ({ content }) =>
  content.length === 0 ? undefined : { name: 'degraded', layer: 'source', reason: content.join('; '), evidence: [] };

const lostSound: Rule = ({ channel }) => {
  const { state, lostSounds = [] } = channel ?? {};
  if (state !== 'live' || lostSounds.length === 0) return undefined;
  const sounds = lostSounds.length === 1 ? `the sound ${lostSounds[0]} is` : `the sounds ${lostSounds.join(', ')} are`;
  return { name: 'degraded', layer: 'source', reason: `${sounds} missing; listeners hear the usual sound meanwhile`, evidence: [] };
};

const rules: readonly Rule[] = [
  stopped,
  nginxDown,
  badVolume,
  idle,
  notDelivering,
  httpBroken,
  legDown,
  channelStands,
  slow,
  badContent,
  lostSound,
];

/** An old playlist says nothing about this job, and the primary leg cannot move while nginx is away. */
function ageMs({ now, jobSince, changedAt, origin }: Witnesses, leg: LegName): number {
  const own = now - Math.max(changedAt[leg] ?? jobSince, jobSince);
  if (leg === 'backup') return own;
  return Math.min(own, origin.answersSince === undefined ? 0 : now - origin.answersSince);
}
