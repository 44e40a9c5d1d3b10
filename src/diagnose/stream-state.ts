// What the supervisor says of a stream, put into findings: it fails, it hangs, it delivers nothing, or one leg does not. Pure.

import type { StreamConfig } from '../core/config.ts';
import type { SourceFacts } from '../core/facts.ts';
import type { LegName } from '../core/ids.ts';
import type { StreamStatus } from '../core/status.ts';
import { decideTracks } from '../plan/tracks.ts';
import { fail, warn, type Finding } from './check.ts';

export interface StreamLook {
  readonly status: StreamStatus;
  /** From the list; undefined when it is no longer there. */
  readonly config: StreamConfig | undefined;
  /** One letter of proc(5) for the job's process; undefined: not looked at, or it is gone. */
  readonly processState: string | undefined;
  /** What the supervisor learned about its source; undefined before the first run. */
  readonly source: SourceFacts | undefined;
}

/** What may lie behind a stream that does not deliver; each of them tells more than "it does not deliver". */
const behindAll = ['supervisor', 'disk', 'volume', 'permissions', 'write', 'docker', 'ffmpeg', 'config', 'paths', 'sources'];
/** nginx writes the primary leg, so its troubles are that leg's. */
const behindPrimary = [...behindAll, 'nginx', 'ports', 'stat', 'security/publish-denied', 'streams/codec-not-carried'];
/** Long enough for a slow provider and a restart. */
const patienceSeconds = 30;

/** Causes that lie on our side: what the source says has nothing to do with them. */
const ourSide = new Set(['output', 'permission', 'read-only', 'disk-full', 'config', 'codec', 'encoder', 'lock-held', 'killed', 'crashed']);

export function judgeState(look: StreamLook): readonly Finding[] {
  const { status } = look;
  // Being restarted by order, while a second connection carries the channel.
  if (status.bridge !== undefined) return [];
  const failing = judgeFailure(status);
  if (failing !== undefined) return [failing];
  if (look.processState === 'T' || look.processState === 't') return [stoppedJob(status)];
  if (status.state !== 'running' && (status.uptimeSeconds ?? 0) < patienceSeconds) return [];
  const uncarried = judgeCodecs(look);
  const legs = (['primary', 'backup'] as const).filter(
    (leg) => status.legs[leg].state !== 'fresh' && !(leg === 'primary' && uncarried !== undefined),
  );
  if (status.legs.primary.state !== 'fresh' && status.legs.backup.state !== 'fresh') return [deadStream(status)];
  return [...(uncarried === undefined ? [] : [uncarried]), ...legs.map((leg) => deadLeg(status, leg))];
}

function judgeFailure(status: StreamStatus): Finding | undefined {
  const { id, state, lastFailure, nextRetrySeconds, restarts } = status;
  if (state !== 'failed' && state !== 'backing-off' && !isTryingAgain(status)) return undefined;
  const cause = lastFailure?.cause ?? 'unknown';
  const retry = nextRetrySeconds === null ? '' : `, next try in ${Math.round(nextRetrySeconds)} s`;
  return fail({
    code: 'stream-failing',
    subject: id,
    what: `${id} does not run: ${lastFailure?.message ?? 'its job ended'}`,
    evidence: [...(lastFailure?.evidence ?? []), `${state}, ${restarts} restarts${retry}`],
    why: ourSide.has(cause) ? 'the source has nothing to do with it' : 'the source refuses, is not there, or sends what cannot be used',
    next: ourSide.has(cause) ? `iptv logs ${id}` : 'iptv doctor sources',
    consequenceOf: behindAll,
  });
}

/** One of its tries runs just now: what is wrong with it is the same as a second ago. */
function isTryingAgain({ state, lastFailure, verdict }: StreamStatus): boolean {
  return state === 'starting' && lastFailure !== null && (verdict?.layer === 'source' || verdict?.layer === 'job');
}

function stoppedJob({ id, pid }: StreamStatus): Finding {
  return fail({
    code: 'job-stopped',
    subject: id,
    what: `the job of ${id} is frozen: its process was stopped (SIGSTOP) and does nothing`,
    evidence: [`process ${pid ?? 0} is in state T`],
    why: 'it holds its connections open, so nginx and the source wait as well; the supervisor restarts it after its stall time',
    next: `iptv restart ${id}`,
  });
}

/** Copying was asked for what RTMP cannot carry: then there is only the backup leg, and it says why. */
function judgeCodecs({ status, config, source }: StreamLook): Finding | undefined {
  if (config === undefined || source === undefined || status.legs.primary.state === 'fresh') return undefined;
  const tracks = decideTracks(config.output, source);
  if (tracks.legs.includes('primary')) return undefined;
  const sent = [source.video?.codec, source.audio?.codec].filter((codec) => codec !== undefined);
  return fail({
    code: 'codec-not-carried',
    subject: status.id,
    what: `${status.id} has no primary leg: RTMP cannot carry what the list says to copy`,
    evidence: [`the source sends ${sent.join(' and ')}`, ...tracks.notes],
    why: 'only the backup leg plays, so there is nothing to fall back on, and many browsers cannot play such sound or picture; in streams.yaml, output.audio: auto (and output.video: auto) makes another one',
    next: 'iptv apply   # after the edit',
    consequenceOf: ['sources/source-codec'],
  });
}

function deadStream({ id, legs, verdict }: StreamStatus): Finding {
  const ages = (['primary', 'backup'] as const).map((leg) => `${leg} leg: ${shownAge(legs[leg])}`);
  return fail({
    code: 'stream-silent',
    subject: id,
    what: `${id} runs and delivers nothing${verdict === undefined || verdict.layer === null ? '' : `: ${verdict.reason}`}`,
    evidence: [...ages, ...(verdict?.evidence ?? [])],
    why: 'its process lives, but neither leg has a new segment; the supervisor restarts it after its stall time',
    next: `iptv logs ${id}`,
    consequenceOf: [...behindAll, 'streams/playlist-broken'],
  });
}

function deadLeg({ id, legs }: StreamStatus, leg: LegName): Finding {
  return warn({
    code: 'leg-silent',
    subject: id,
    what: `the ${leg} leg of ${id} ${legs[leg].state === 'missing' ? 'has no segments' : `stands still for ${Math.round(legs[leg].ageSeconds ?? 0)} s`}`,
    evidence: [`${leg} leg: ${shownAge(legs[leg])}`, `the other one is ${leg === 'primary' ? legs.backup.state : legs.primary.state}`],
    why:
      leg === 'primary'
        ? 'nginx does not write it: it does not get the stream, or cannot write; viewers get the backup leg'
        : 'ffmpeg does not write it; viewers get the primary leg',
    next: leg === 'primary' ? 'iptv logs nginx-rtmp' : `iptv logs ${id}`,
    consequenceOf: leg === 'primary' ? behindPrimary : behindAll,
  });
}

function shownAge({ state, ageSeconds, playlist }: StreamStatus['legs'][LegName]): string {
  return `${state}${ageSeconds === null ? '' : `, newest segment ${Math.round(ageSeconds)} s old`} (${playlist})`;
}
