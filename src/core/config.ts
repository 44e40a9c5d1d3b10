// The checked stream list, as every other folder sees it. `config/` makes it from streams.yaml.

import type { WantedSounds } from './audio-tracks.ts';
import type { EventKind } from './events.ts';
import type { EncoderName, RenditionConfig } from './ladder.ts';
import type { SubtitleWish } from './subtitles.ts';
import type { VerdictName } from './verdict.ts';

export type Runtime = 'local' | 'docker';
export type RuntimeChoice = Runtime | 'auto';

/** `compat`: mode 777, nobody:nogroup (the default). `hardened`: dedicated users, mode 2775, no capabilities. */
export type PermissionsMode = 'compat' | 'hardened';

export type SourceKind = 'hls' | 'http-ts' | 'rtmp' | 'rtsp' | 'srt' | 'udp' | 'rtp' | 'file' | 'test';

export interface Config {
  /** Absolute path of the file it was read from. */
  readonly path: string;
  readonly server: ServerConfig;
  readonly streams: readonly StreamConfig[];
  /** Batch restarts by the clock. */
  readonly schedule?: readonly ScheduleConfig[];
  /** Whose connections are counted; none when left out. */
  readonly providers?: readonly ProviderConfig[];
  readonly hooks?: readonly HookConfig[];
  /** Values that came from `${ENV}` and `file:` references; scrubbed from every output. */
  readonly secrets: readonly string[];
}

export interface ScheduleConfig {
  /** Five fields of crontab(5), or @daily and its kin. */
  readonly cron: string;
  /** IANA name; undefined: the system's. */
  readonly timezone?: string;
  /** What is run: the words after `iptv`. */
  readonly words: readonly string[];
  /** Nothing is begun in these hours; minutes since midnight, `toMinute` at or below `fromMinute` goes over midnight. */
  readonly quiet: readonly { readonly fromMinute: number; readonly toMinute: number }[];
}

export interface ServerConfig {
  readonly runtime: RuntimeChoice;
  /** Where jobs publish, without the stream's name. Unset: by runtime (see `endpoints`). */
  readonly rtmpUrl?: string;
  /** HLS base as seen from the jobs' side. Unset: by runtime. */
  readonly hlsUrl?: string;
  /** Base that viewers use, without a trailing slash, such as `http://localhost:8088`. */
  readonly publicUrl: string;
  /** Absolute path whose last part is `hls`: nginx serves its parent as the web root. */
  readonly hlsDirectory: string;
  readonly permissions: PermissionsMode;
  readonly ports: ServerPorts;
  /** Length of nginx's segments in seconds; also every stream's default. */
  readonly segmentSeconds: number;
  /** Segments listed in a playlist. */
  readonly windowSegments: number;
  /** Unset: 80 and 90. */
  readonly disk?: DiskConfig;
  /** Addresses and networks that may read /metrics. Unset: private ones. */
  readonly metricsFrom?: readonly string[];
  /** A cache in front of the origin, or of another house's. */
  readonly edge?: EdgeConfig;
}

export interface EdgeConfig {
  /** HTTP for viewers. */
  readonly port: number;
  /** `http://host:port` of origins that have the same channels, best first. Empty: this house's own nginx. */
  readonly upstreams: readonly string[];
  /** For the segments of popular channels. */
  readonly memoryBytes: number;
  /** Where these lie, a file system in memory. Unset: below /dev/shm. */
  readonly memoryDirectory?: string;
  /** For the segments of all other channels. */
  readonly diskBytes: number;
  /** Unset: in the state folder. */
  readonly diskDirectory?: string;
  /** Viewers from which on a channel is popular. */
  readonly popularFrom: number;
}

/** Used parts of the HLS folder's file system or of its inodes, in percent; the first is lower than the second. */
export interface DiskConfig {
  readonly warnPercent: number;
  readonly shedPercent: number;
}

export interface ServerPorts {
  /** RTMP, reachable for jobs only. */
  readonly rtmp: number;
  /** nginx's HTTP port inside its container (docker runtime). */
  readonly http: number;
  /** The HTTP port viewers use: the published one in Docker, nginx's own in the local runtime. */
  readonly publicHttp: number;
}

export interface StreamConfig {
  readonly id: string;
  readonly name: string;
  readonly sources: readonly SourceConfig[];
  readonly output: OutputConfig;
  /** Best first; unset: one picture, as the source sends it. */
  readonly renditions?: readonly RenditionConfig[];
  readonly restart: RestartConfig;
  readonly slate: SlateConfig;
  readonly failover: FailoverConfig;
  readonly checks: ContentChecks;
  /** Only where it starts with its first viewer; unset: it runs from the order to run until the order to stop. */
  readonly onDemand?: OnDemandConfig;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly group?: string;
  readonly logo?: string;
  readonly tvgId?: string;
}

export interface SourceConfig {
  readonly kind: SourceKind;
  /** The whole URL with its secrets; show `display` instead. */
  readonly url: string;
  /** The URL with credentials replaced, safe to print. */
  readonly display: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly userAgent?: string;
  readonly referer?: string;
  /** RTSP only. */
  readonly transport?: 'tcp' | 'udp';
  readonly reconnect: ReconnectConfig;
  /** Name of the provider whose connections this source uses. */
  readonly provider?: string;
  /** Where the address comes from; `url` is then a placeholder that nothing answers. */
  readonly resolve?: ResolveConfig;
  /** Extra ffmpeg input options, already checked against the allow-list; name without dash. */
  readonly inputOptions: Readonly<Record<string, string>>;
}

export interface ReconnectConfig {
  /** Let ffmpeg itself reconnect in place (HTTP kinds). */
  readonly enabled: boolean;
  /** Longest single wait in seconds before ffmpeg gives up and the supervisor takes over. */
  readonly maxDelaySeconds: number;
  /** Seconds without a byte after which a read fails. */
  readonly timeoutSeconds: number;
}

export interface OutputConfig {
  readonly segmentSeconds: number;
  readonly windowSegments: number;
  /** How far from the end players are asked to stay (EXT-X-SERVER-CONTROL:HOLD-BACK), in seconds; unset: their own choice. */
  readonly cushionSeconds?: number;
  /** `auto`: copy what FLV and TS can carry, transcode the rest. */
  readonly video: 'auto' | 'copy' | 'transcode';
  readonly audio: 'auto' | 'copy' | 'transcode' | 'none';
  /** Of the pictures of renditions. Unset: x264. */
  readonly encoder?: 'auto' | EncoderName;
  /** Where the picture is encoded. Unset: auto for renditions, else off. */
  readonly deinterlace?: 'auto' | 'on' | 'off';
  /** EBU R128 loudness in LUFS; encodes the sound. */
  readonly loudnessLufs?: number;
  /** Number of the sound, from 1, or its language. Unset: the first. */
  readonly audioTrack?: number | string;
  /** Several of them, for viewers to choose from; the first one that is there is in the picture. Never beside `audioTrack`. */
  readonly audioTracks?: WantedSounds;
  /** Subtitles that become WebVTT renditions. Unset: all are dropped. */
  readonly subtitles?: SubtitleWish;
}

/** A stream whose job runs only while somebody watches. */
export interface OnDemandConfig {
  /** Nobody asked for its playlist for so long: the job is ended. */
  readonly idleAfterMs: number;
  /** So long the first viewers wait for a picture; then they get the slate. */
  readonly firstWaitMs: number;
  /** Times in which it runs without a viewer. */
  readonly prewarm: readonly PrewarmConfig[];
  /** Unset: nothing keeps it warm but its viewers. */
  readonly keepWarm?: KeepWarmConfig;
}

export interface PrewarmConfig {
  /** When it begins: five fields of crontab(5), or @daily and its kin. */
  readonly cron: string;
  readonly forMs: number;
  /** IANA name; undefined: the system's. */
  readonly timezone?: string;
}

/** After so many watched at once it stays up for so long without a viewer, as long as its provider has a connection to spare. */
export interface KeepWarmConfig {
  readonly viewers: number;
  readonly forMs: number;
}

/** What viewers see while every source is dead. */
export interface SlateConfig {
  readonly enabled: boolean;
  /** Said below the name of the stream. Unset: "temporarily unavailable". */
  readonly text?: string;
  /** Absolute path of a clip or picture that is shown instead. */
  readonly clip?: string;
}

export interface RestartConfig {
  /** First back-off step in milliseconds. */
  readonly minDelayMs: number;
  /** Longest back-off step in milliseconds. */
  readonly maxDelayMs: number;
  /** A run this long, delivering, forgets earlier failures. */
  readonly stableAfterMs: number;
  /** No new segment in either leg for this long restarts the job. Unset: from the segment time. */
  readonly stallAfterMs?: number;
  /** `auto`: an ordered restart is carried by a second connection where the provider has one free. Unset: auto. */
  readonly seamless?: 'auto' | 'off';
}

/** Which source plays, and when another one does. */
export interface FailoverConfig {
  /** Tries of one source within the window before it gives way, after it had delivered. */
  readonly retries: number;
  readonly windowMs: number;
  /** First rest of a source that gave way, in milliseconds; grows by cause and repetition. */
  readonly cooldownMs: number;
  /** Between the end of one source and the start of another. */
  readonly pauseMs: number;
  /** A better source must be good for this long before the stream goes back to it. Unset: it does not by itself. */
  readonly failBackAfterMs?: number;
  /** A source must deliver its first segment within this time. Unset: by the number of sources. */
  readonly startGraceMs?: number;
}

export interface ProviderConfig {
  readonly name: string;
  /** Unset: connections are counted, not limited. */
  readonly maxConnections?: number;
  /** A connection that was closed counts for this long: the provider may not have noticed yet. */
  readonly releaseDelayMs: number;
}

/** Asks for a source's address before each start: a program, or a URL. */
export type ResolveConfig = {
  /** How long an answer holds when it does not say so itself. Unset: until it is refused. */
  readonly ttlMs?: number;
  readonly timeoutMs: number;
  /** `restart`: start anew with a new address at 80 % of its time. */
  readonly renew: 'off' | 'restart';
  /** Safe to print. */
  readonly display: string;
} & (
  | { readonly command: readonly string[] }
  | {
      readonly url: string;
      /** Where the address stands in a JSON answer, such as `data.url`; unset: the keys of the answer itself. */
      readonly field?: string;
      readonly headers: Readonly<Record<string, string>>;
    }
);

/** How long a bad picture or sound must last before it counts, in milliseconds; null: not looked for. */
export interface ContentChecks {
  readonly blackAfterMs: number | null;
  readonly frozenAfterMs: number | null;
  readonly silentAfterMs: number | null;
  readonly missingAfterMs: number | null;
}

/** `any` is every verdict that is worth an alarm. */
export type HookTrigger = 'any' | VerdictName | EventKind;

export interface HookConfig {
  readonly name: string;
  readonly on: readonly HookTrigger[];
  readonly target:
    | { readonly url: string; readonly headers: Readonly<Record<string, string>> }
    /** Program and arguments; run without a shell. */
    | { readonly command: readonly string[] };
  /** Host or program, safe to print. */
  readonly display: string;
  /** A verdict must last for so long before anybody is told. */
  readonly forMs: number;
  readonly minIntervalMs: number;
  /** Only streams with one of these. */
  readonly tags?: readonly string[];
}
