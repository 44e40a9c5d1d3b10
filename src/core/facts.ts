// What was found out about the installed ffmpeg and about a source; input of the planner.

/** What one ffmpeg binary says it can do (`-version`, `-protocols`, `-muxers`, `-encoders`, `-h`). */
export interface FfmpegFacts {
  readonly path: string;
  /** As printed, such as `5.1.9-0+deb12u1`. */
  readonly version: string;
  readonly protocols: ReadonlySet<string>;
  readonly muxers: ReadonlySet<string>;
  readonly demuxers: ReadonlySet<string>;
  readonly encoders: ReadonlySet<string>;
  readonly filters: ReadonlySet<string>;
  /** Option names without dash, per protocol or demuxer, such as `http` -> `reconnect_max_retries`. */
  readonly options: ReadonlyMap<string, ReadonlySet<string>>;
  /** Hardware encoders that were tried: '' works, otherwise why not. */
  readonly trials?: ReadonlyMap<string, string>;
}

export interface AudioFacts {
  readonly codec: string;
  readonly sampleRate?: number;
  readonly channels?: number;
  readonly profile?: string;
  /** ISO 639, as the source says it. */
  readonly language?: string;
}

export interface SubtitleFacts {
  readonly codec: string;
  /** ISO 639, as the source says it. */
  readonly language?: string;
}

/** Codec names are ffmpeg's: h264, hevc, aac, ac3, mp2, mp3 ... */
export interface SourceFacts {
  readonly video?: {
    readonly codec: string;
    readonly width?: number;
    readonly height?: number;
    readonly fps?: number;
    /** Width by height as shown, where pixels are not square. */
    readonly aspect?: number;
    /** Shown upright: turned by a quarter. */
    readonly isTurned?: true;
    readonly isInterlaced?: true;
  };
  readonly audio?: AudioFacts;
  /** All of them, in order, where there are several. */
  readonly audioTracks?: readonly AudioFacts[];
  /** All of them, in order. */
  readonly subtitleTracks?: readonly SubtitleFacts[];
}
