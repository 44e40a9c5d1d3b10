// The checked stream list, as every other folder sees it. `config/` makes it from streams.yaml.

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
  readonly restart: RestartConfig;
  readonly slate: SlateConfig;
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
}
