// The status document: what `iptv status --json` prints and the control socket answers. Additive only.

import type { LegName } from './ids.ts';
import type { Runtime } from './config.ts';
import type { Verdict } from './verdict.ts';

export const statusSchemaVersion = 1;

/** What the user wants; kept on disk. */
export type Order = 'run' | 'stop';

/** What is. `running` means that the job delivers segments. */
export type JobPhase = 'stopped' | 'starting' | 'running' | 'stopping' | 'backing-off' | 'failed';

/** `idle`: ordered to run on demand, and nobody watches. */
export type StreamState = JobPhase | 'idle';

/** How far a start has come; what `start --wait` says it waits for. */
export type StartStage = 'queued' | 'opening-source' | 'first-segment' | 'http' | 'playable' | 'none';

export interface LegStatus {
  /** `fresh`: moves. `stale`: stands still. `missing`: no playlist with segments. */
  readonly state: 'fresh' | 'stale' | 'missing';
  readonly playlist: string;
  /** Seconds since its newest segment appeared; null when there is none. */
  readonly ageSeconds: number | null;
  readonly mediaSequence: number | null;
  readonly segments: number;
  readonly bitrateBps: number | null;
  readonly url: string;
}

/**
 * How far a restart without a gap has come. `opening`: a second connection is made. `leaving`: the channel goes over to it.
 * `carrying`: the job is restarted. `returning`: the channel goes back to the legs.
 */
export type BridgePhase = 'opening' | 'leaving' | 'carrying' | 'returning';

/** The last restart that somebody ordered. */
export interface OrderedRestart {
  /** RFC 3339. */
  readonly at: string;
  /** The channel playlist moved on all the time. */
  readonly seamless: boolean;
  /** Why it was not seamless; null when it was. */
  readonly reason: string | null;
}

/** The joined playlist that viewers open. */
export interface ChannelStatus {
  /** `live`: it moves with a leg. `slate`: every source is dead. `holding`: it stands still. `none`: not ordered to run, or idle. */
  readonly state: 'live' | 'slate' | 'holding' | 'none';
  /** The leg it follows now; null otherwise. */
  readonly leg: LegName | null;
  /** Seconds since its newest entry was added; null before the first. */
  readonly ageSeconds: number | null;
  readonly mediaSequence: number | null;
  readonly discontinuitySequence: number | null;
  /** `<publicUrl>/live/<id>/index.m3u8`. */
  readonly url: string;
  /** Of several sounds to choose from, by their names in URLs: those for which the usual sound stands in. Unset where there are none. */
  readonly lostSounds?: readonly string[];
}

/** One rung of a ladder. */
export interface RenditionStatus {
  readonly name: string;
  /** Its files in the HLS folder and its RTMP stream are named so. */
  readonly id: string;
  readonly url: string;
  /** null: sound alone, or not known. */
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
  readonly bitrateBps: number | null;
  /** Set for one of several sounds to choose from, which is offered beside the others. */
  readonly sound?: { readonly track: number; readonly language: string | null; readonly name: string };
  /** Seconds since the newest segment of each leg appeared; null when there is none. */
  readonly legAgeSeconds: Readonly<Record<LegName, number | null>>;
}

/** One of several sounds that viewers choose from. */
export interface SoundStatus {
  /** As players show it. */
  readonly name: string;
  /** BCP 47; null: not known. */
  readonly language: string | null;
  /** Its number among the sounds of the source, from 1. */
  readonly track: number;
  /** Of its own playlist; null: it is in the pictures, and plays by itself. */
  readonly url: string | null;
}

/** One subtitle track of the source, as WebVTT. */
export interface SubtitleStatus {
  /** As players show it. */
  readonly name: string;
  /** BCP 47; null: not known. */
  readonly language: string | null;
  /** Its number among the subtitles of the source, from 1. */
  readonly track: number;
  readonly url: string;
}

export interface StreamStatus {
  readonly id: string;
  readonly name: string;
  readonly order: Order;
  readonly state: StreamState;
  readonly stage: StartStage;
  readonly pid: number | null;
  /** Seconds since the present job started; null without a job. */
  readonly uptimeSeconds: number | null;
  /** RFC 3339; null without a job. */
  readonly startedAt: string | null;
  /** Restarts that were not ordered, since the order to run. */
  readonly restarts: number;
  readonly nextRetrySeconds: number | null;
  readonly lastFailure: {
    readonly cause: string;
    readonly message: string;
    readonly at: string;
    readonly evidence: readonly string[];
  } | null;
  readonly source: {
    readonly index: number;
    readonly kind: string;
    readonly url: string;
    /** How many sources the stream has. */
    readonly count?: number;
    readonly provider?: string | null;
  };
  readonly video: string | null;
  readonly audio: string | null;
  readonly fps: number | null;
  /** 1 is real time. */
  readonly speed: number | null;
  readonly bitrateBps: number | null;
  readonly legs: Readonly<Record<LegName, LegStatus>>;
  /** Best first; unset for a stream that has none. `legs` are then as fresh as their slowest rung. */
  readonly renditions?: readonly RenditionStatus[];
  /** Unset where there is nothing to choose. */
  readonly sounds?: readonly SoundStatus[];
  readonly subtitles?: readonly SubtitleStatus[];
  readonly channel?: ChannelStatus;
  /** Set while a restart without a gap is under way. */
  readonly bridge?: BridgePhase;
  readonly orderedRestart?: OrderedRestart;
  readonly verdict?: Verdict;
  /** Clients that fetched the channel lately; null where nobody counts. */
  readonly viewers?: number | null;
  /** What viewers open. */
  readonly url: string;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly group: string | null;
  /** The stream is no longer in streams.yaml, or differs from what runs. */
  readonly definition: 'current' | 'changed' | 'removed';
}

/** Connections to one provider: jobs, probes, and those that were closed a moment ago. */
export interface ProviderStatus {
  readonly name: string;
  readonly inUse: number;
  /** null: counted, not limited. */
  readonly limit: number | null;
  /** Streams that wait for a connection. */
  readonly waiting: number;
}

export interface OriginStatus {
  /** `external`: nginx lives in another container. */
  readonly state: StreamState | 'external';
  readonly pid: number | null;
  readonly restarts: number;
  readonly answers: boolean;
  readonly lastFailure: { readonly cause: string; readonly message: string } | null;
}

/** A batch that the supervisor runs by the clock. */
export interface ScheduledBatch {
  readonly cron: string;
  /** null: the machine's own. */
  readonly timezone: string | null;
  readonly command: string;
  /** RFC 3339, quiet hours passed over; null: never. */
  readonly nextAt: string | null;
}

/** What the edge of this house answered its viewers since the supervisor came up. */
export interface EdgeStatus {
  readonly requests: number;
  readonly sentBytes: number;
  /** Part of the requests that its cache answered, 0 to 1. */
  readonly hitRatio: number;
}

export interface SupervisorStatus {
  readonly pid: number;
  readonly version: string;
  readonly startedAt: string;
  readonly runtime: Runtime;
  readonly configPath: string;
  readonly stateDirectory: string;
  readonly hlsDirectory: string;
  readonly publicUrl: string;
  readonly memoryBytes: number;
  /** What the user should know about the supervisor itself, such as a change of streams.yaml that waits for a restart. */
  readonly notes?: readonly string[];
  /** Entries of `schedule:`, in its order. */
  readonly schedule?: readonly ScheduledBatch[];
  /** Why streams.yaml is not in force, but the list of before is; absent while the file is. */
  readonly listProblem?: string | undefined;
}

export interface StatusDocument {
  readonly schemaVersion: typeof statusSchemaVersion;
  readonly supervisor: SupervisorStatus;
  readonly origin: OriginStatus;
  readonly providers?: readonly ProviderStatus[];
  /** Absent without an edge, and before its first viewer. */
  readonly edge?: EdgeStatus;
  readonly streams: readonly StreamStatus[];
}
