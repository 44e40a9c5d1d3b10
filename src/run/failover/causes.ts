// What each cause of a failure says about the source: whether it counts, may be repeated at once, and how long it should rest. Pure.

interface CauseRule {
  /** One more try of the same source is worth it when it had delivered. */
  readonly repeat: boolean;
  /** Times the policy's cooldown. */
  readonly rest: number;
  /** A new address may help: an expired token answers so. */
  readonly renew: boolean;
}

const passing: CauseRule = { repeat: true, rest: 1, renew: false };
/** Trying again costs a whole timeout, which the viewer would wait for. */
const silent: CauseRule = { repeat: false, rest: 1, renew: false };
/** A provider that says no says so again, and bans those who keep asking (iptvnator #682). */
const refused: CauseRule = { repeat: false, rest: 10, renew: true };
const useless: CauseRule = { repeat: false, rest: 10, renew: false };

const rules: Readonly<Record<string, CauseRule>> = {
  reset: passing,
  // A live source never ends: a clean end is a failure like any other (m3u-editor #746).
  ended: passing,
  'hls-stale': passing,
  crashed: passing,
  unknown: passing,
  'upstream-5xx': silent,
  stalled: silent,
  timeout: silent,
  refused: silent,
  unreachable: silent,
  dns: silent,
  'rate-limited': { repeat: false, rest: 4, renew: false },
  auth: refused,
  'not-found': refused,
  rejected: refused,
  'not-media': { ...useless, renew: true },
  tls: useless,
  blocked: useless,
  codec: useless,
  config: useless,
  'ffmpeg-lacks': useless,
  'resolve-failed': { repeat: false, rest: 1, renew: false },
  'resolve-refused': { repeat: false, rest: 4, renew: false },
};

/** These lie with this machine, with nginx or with somebody's order, or are mended by a start; another source helps nobody. */
const local: ReadonlySet<string> = new Set([
  'lock-held',
  'leg-dead',
  'codec-changed',
  'job-hung',
  'cancelled',
  'killed',
  'output',
  'permission',
  'read-only',
  'disk-full',
  'provider-limit',
  'ffprobe-missing',
]);

/** Made before anything was opened, so most of these are our own; what the source needs of us is not. */
const beforeTheStart: ReadonlySet<string> = new Set(['ffmpeg-lacks', 'resolve-failed', 'resolve-refused']);

export function isSourcesFault(cause: string, neverStarted: boolean): boolean {
  return neverStarted ? beforeTheStart.has(cause) : !local.has(cause);
}

export function ruleOf(cause: string): CauseRule {
  return Object.hasOwn(rules, cause) ? (rules[cause] ?? silent) : silent;
}

const longestRestMs = 30 * 60_000;

/** Doubles with each rest in a row. */
export function restMs(cause: string, earlierRests: number, cooldownMs: number): number {
  return Math.min(longestRestMs, cooldownMs * ruleOf(cause).rest * 2 ** Math.min(earlierRests, 10));
}

/** Without a Retry-After of its own (RFC 9110 10.2.3) a 429 means this long. */
const usualBarMs = 60_000;
const longestBarMs = 60 * 60_000;

/** How long a source must not be asked at all; 0 for all causes but 429 (RFC 6585 section 4). */
export function barMs(cause: string, retryAfterMs: number | undefined): number {
  if (cause !== 'rate-limited') return 0;
  return Math.min(longestBarMs, Math.max(1000, retryAfterMs ?? usualBarMs));
}
