// One word for how a stream is, and which layer is to blame when it is not well.

/**
 * `stopped`, `idle` and `starting` say that there is nothing to judge yet. All others are judged from witnesses: ffmpeg's progress,
 * nginx's /stat, both legs and the channel playlist (DESIGN.md 4.3).
 */
export const verdictNames = [
  'stopped',
  /** Ordered to run on demand, and nobody watches. */
  'idle',
  'starting',
  'healthy',
  /** It plays, and not as it should: slow, one leg down, a black picture ... */
  'degraded',
  'source-dead',
  'source-silent',
  'job-hung',
  /** The job ends again and again for a reason of its own: a crash, a command that this ffmpeg cannot run. */
  'job-failing',
  'rtmp-refused',
  'nginx-down',
  'volume-full',
  'volume-denied',
  'http-broken',
] as const;

export type VerdictName = (typeof verdictNames)[number];

export type VerdictLayer = 'source' | 'job' | 'rtmp' | 'volume' | 'http' | 'playlist';

export interface Verdict {
  readonly name: VerdictName;
  /** null while nothing is wrong. */
  readonly layer: VerdictLayer | null;
  /** One plain sentence. */
  readonly reason: string;
  readonly evidence: readonly string[];
  /** RFC 3339: since when it is so. */
  readonly since: string;
}

/** What is wrong with the house is one alarm, however many streams it takes down. */
export const houseVerdicts: ReadonlySet<VerdictName> = new Set(['nginx-down', 'volume-full', 'volume-denied']);

/** Nothing to alarm anybody about. */
export const calmVerdicts: ReadonlySet<VerdictName> = new Set(['stopped', 'idle', 'starting', 'healthy']);
