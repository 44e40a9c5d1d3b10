// What repeats in the story of a stream, and what to do about it: each pattern is a small question to the events. Pure.

import type { StreamEvent } from '../../core/events.ts';
import type { StreamConfig } from '../../core/config.ts';
import { periodic } from './periodic.ts';

export interface Insight {
  /** Stable, kebab-case. */
  readonly id: string;
  /** One plain sentence that counts and names. */
  readonly what: string;
  /** One plain sentence; commands and keys stand in backticks. */
  readonly advice: string;
  readonly evidence: readonly string[];
}

export interface Story {
  readonly stream: string;
  /** Of the stream and of the house, oldest first. */
  readonly events: readonly StreamEvent[];
  /** undefined when it is no longer in the list, or the list cannot be read. */
  readonly definition: Pick<StreamConfig, 'sources' | 'failover'> | undefined;
}

type Pattern = (story: Story) => Insight | undefined;

const failuresOf = (story: Story): readonly StreamEvent[] =>
  story.events.filter(({ kind, stream }) => kind === 'job-failed' && stream === story.stream);
const withCause = (story: Story, ...causes: readonly string[]): readonly StreamEvent[] =>
  failuresOf(story).filter(({ cause }) => causes.includes(cause));
const ofHouse = (story: Story, kind: StreamEvent['kind'], test: (event: StreamEvent) => boolean): readonly StreamEvent[] =>
  story.events.filter((event) => event.stream === null && event.kind === kind && test(event));

function insight(id: string, what: string, advice: string, events: readonly StreamEvent[]): Insight {
  const evidence = [...new Set(events.toReversed().flatMap((event) => event.evidence))].slice(0, 4);
  return { id, what, advice, evidence };
}

/** The sessions of a provider that hands out tokens end after a fixed time; nothing else is so punctual. */
const tokenExpires: Pattern = (story) => {
  const cut = withCause(story, 'reset', 'ended', 'auth', 'timeout', 'hls-stale', 'rejected', 'not-found');
  const found = periodic(cut.flatMap(({ data }) => (typeof data['deliveredSeconds'] === 'number' ? [data['deliveredSeconds']] : [])));
  if (found === undefined) return undefined;
  const resolves = story.definition?.sources.some(({ resolve }) => resolve !== undefined) === true;
  const what = `the provider closed the connection ${found.count} times${spanOf(cut)}, always after about ${found.seconds} s of play`;
  const advice = resolves
    ? `its sessions end after that time: set the \`ttl\` of \`resolve:\` below ${found.seconds} s, so that the address is renewed before`
    : 'its tokens, or its sessions, expire: set `resolve:` of the source to a command or an address that gives a fresh URL';
  return insight('token-expires', what, advice, cut);
};

const refusesLogin: Pattern = (story) => {
  const refused = withCause(story, 'auth');
  const last = failuresOf(story).at(-1);
  if (refused.length === 0 || last?.cause !== 'auth') return undefined;
  const advice =
    story.definition?.sources.some(({ userAgent }) => userAgent !== undefined) === true
      ? 'check user, password and token, and whether the account is in use elsewhere; `iptv doctor sources` tries other user agents'
      : 'check user, password and token; many providers refuse unknown players: try `userAgent: VLC/3.0.21` on the source (`iptv doctor sources` tries several)';
  return insight('login-refused', `the source refused the request ${times(refused)}: ${last.message}`, advice, refused);
};

/** Providers say it in many ways; 456 and 458 are what Xtream panels use for it. */
const limitWords =
  /too many|max(?:imum)?[ _-]?(?:connections|users|streams|sessions)|connection limit|limit reached|\b(?:429|45[68]|509)\b/i;

/** Ours, from `providers:`, not what the provider said. */
const isOwnLimit = ({ cause }: StreamEvent): boolean => cause === 'provider-limit';

const waitsForConnection: Pattern = (story) => {
  const waited = failuresOf(story).filter(isOwnLimit);
  if (waited.length === 0) return undefined;
  return insight(
    'waits-for-connection',
    `it had to wait ${times(waited)}: ${waited.at(-1)?.message ?? ''}`,
    'other streams use what `maxConnections` of `providers:` allows (`iptv status --json` names them): raise it if the contract allows more, stop one, or add a source at another provider',
    waited,
  );
};

const connectionLimit: Pattern = (story) => {
  const limited = failuresOf(story).filter(
    (event) =>
      event.cause === 'rate-limited' || (!isOwnLimit(event) && [event.message, ...event.evidence].some((line) => limitWords.test(line))),
  );
  if (limited.length === 0) return undefined;
  const what = `the provider said ${times(limited)} that too many connections are open`;
  const advice =
    'set `providers:` with `maxConnections` as your contract says, and name the provider on each of its sources: streams then wait for a free one';
  return insight('connection-limit', what, advice, limited);
};

const nginxDies: Pattern = (story) => {
  const dead = ofHouse(story, 'origin', ({ cause }) => cause === 'nginx-exited' || cause === 'nginx-hung');
  if (dead.length === 0) return undefined;
  const killed = dead.some(({ message }) => message.includes('SIGKILL'));
  const advice = killed
    ? 'somebody, or the kernel for lack of memory, killed it: `dmesg | grep -i oom`, then `iptv logs nginx-rtmp`'
    : 'it is started again by itself each time; `iptv logs nginx-rtmp` and `iptv doctor nginx` say why';
  return insight('nginx-dies', `nginx died or hung ${times(dead)}: ${dead.at(-1)?.message ?? ''}`, advice, dead);
};

const diskFull: Pattern = (story) => {
  const full = [...ofHouse(story, 'verdict', ({ cause }) => cause === 'volume-full'), ...withCause(story, 'disk-full')];
  if (full.length === 0) return undefined;
  const advice =
    'make room on the disk of the HLS folder (`df -h`, `df -i`), or list fewer segments (`output.window`); `iptv doctor disk` says what it takes';
  return insight('disk-full', `the disk of the HLS folder was full ${times(full)}`, advice, full);
};

const notWritable: Pattern = (story) => {
  const denied = [...ofHouse(story, 'verdict', ({ cause }) => cause === 'volume-denied'), ...withCause(story, 'permission', 'read-only')];
  if (denied.length === 0) return undefined;
  return insight(
    'not-writable',
    `the HLS folder took no files ${times(denied)}`,
    '`iptv doctor` finds who owns it and what it is mounted as, `iptv doctor --fix` mends it',
    denied,
  );
};

const tooSlow: Pattern = (story) => {
  const slow = story.events.filter(
    ({ stream, kind, message }) => stream === story.stream && kind === 'verdict' && message.includes('% of real time'),
  );
  const trickled = withCause(story, 'stalled').filter(({ message }) => message.includes('% of real time'));
  const all = [...slow, ...trickled];
  if (all.length === 0) return undefined;
  const advice = 'the line to the provider, or the provider, is too slow: choose a smaller quality, or put another source first';
  return insight('too-slow', `it ran slower than real time ${times(all)}: ${all.at(-1)?.message ?? ''}`, advice, all);
};

const goesSilent: Pattern = (story) => {
  const silent = withCause(story, 'stalled').filter(({ message }) => !message.includes('% of real time'));
  if (silent.length < 2) return undefined;
  const more =
    (story.definition?.sources.length ?? 1) < 2
      ? 'add a second entry under `sources`: it takes over while the first one is silent'
      : 'the sources after it take over; put a better one first';
  return insight('goes-silent', `the source kept the connection open and sent nothing ${times(silent)}${spanOf(silent)}`, more, silent);
};

const codec: Pattern = (story) => {
  const failed = withCause(story, 'codec');
  if (failed.length === 0) return undefined;
  return insight(
    'codec',
    `${failed.at(-1)?.message ?? ''} (${times(failed)})`,
    'set `output.video: transcode` or `output.audio: transcode`; `iptv plan <id> --probe` asks the source again',
    failed,
  );
};

const cannotRun: Pattern = (story) => {
  const failed = withCause(story, 'config', 'ffmpeg-lacks', 'ffmpeg-missing');
  if (failed.length === 0) return undefined;
  return insight(
    'cannot-run',
    `ffmpeg cannot run the command (${times(failed)}): ${failed.at(-1)?.message ?? ''}`,
    '`iptv plan <id>` shows the command and the reason of each word; `iptv doctor ffmpeg` checks the program',
    failed,
  );
};

const killed: Pattern = (story) => {
  const dead = withCause(story, 'killed', 'crashed');
  if (dead.length === 0) return undefined;
  const crashed = dead.filter(({ cause }) => cause === 'crashed').length;
  const advice =
    crashed > dead.length / 2
      ? 'an ffmpeg that crashes is worth another version: `iptv doctor ffmpeg`'
      : 'short of memory, the kernel kills the largest process: `dmesg | grep -i oom`; if it was nobody by hand, give the machine more, or transcode less';
  return insight('job-killed', `the job was killed or crashed ${times(dead)}: ${dead.at(-1)?.message ?? ''}`, advice, dead);
};

const hangs: Pattern = (story) => {
  const hung = withCause(story, 'job-hung', 'no-output');
  if (hung.length === 0) return undefined;
  return insight(
    'job-hangs',
    `the job hung ${times(hung)}: ${hung.at(-1)?.message ?? ''}`,
    'it was ended and started again; when it repeats, `iptv logs <id>` and another version of ffmpeg',
    hung,
  );
};

const away: Pattern = (story) => {
  const gone = withCause(story, 'dns', 'unreachable', 'refused', 'upstream-5xx', 'not-found', 'not-media');
  const last = failuresOf(story).at(-1);
  if (gone.length === 0 || last === undefined || !gone.includes(last)) return undefined;
  const advice: Readonly<Record<string, string>> = {
    dns: "check the spelling of the host and this machine's DNS: `iptv doctor sources`",
    unreachable: 'check the network of this machine, and a VPN if the source needs one',
    refused: 'check host and port; the server may be down, so a second entry under `sources` helps',
    'upstream-5xx': "the provider's server is ill: wait, or use another entry under `sources`",
    'not-found': 'ask the provider for the new address',
    'not-media': 'open the address in a browser: it often shows what the provider wants (a login, a payment)',
  };
  return insight('source-away', `${last.message} (${times(gone)})`, advice[last.cause] ?? '', gone);
};

const badContent: Pattern = (story) => {
  const bad = story.events.filter(({ stream, kind, cause }) => stream === story.stream && kind === 'content' && cause !== 'recovered');
  if (bad.length === 0) return undefined;
  const kinds = [...new Set(bad.map(({ cause }) => cause))].join(', ');
  return insight(
    'content',
    `the provider sent bad content ${times(bad)} (${kinds}): ${bad.at(-1)?.message ?? ''}`,
    'that is in the source: watch it directly; where it is meant so (radio, a test card), switch the check off with `checks:`',
    bad,
  );
};

const rtmpRefused: Pattern = (story) => {
  const refused = story.events.filter(
    ({ stream, kind, cause }) =>
      stream === story.stream &&
      ((kind === 'verdict' && cause === 'rtmp-refused') || (kind === 'job-failed' && (cause === 'leg-dead' || cause === 'output'))),
  );
  if (refused.length === 0) return undefined;
  return insight(
    'rtmp-refused',
    `nginx did not get the primary leg ${times(refused)}: ${refused.at(-1)?.message ?? ''}`,
    'viewers were served by the backup leg; `iptv logs nginx-rtmp` and `iptv doctor nginx` say why',
    refused,
  );
};

/** Evenings when everybody watches: the provider is short of something then. */
const primeTime: Pattern = (story) => {
  const failed = failuresOf(story).filter(({ cause }) =>
    ['stalled', 'timeout', 'reset', 'upstream-5xx', 'ended', 'hls-stale'].includes(cause),
  );
  const days = new Set(failed.map(({ at }) => new Date(at).toDateString()));
  if (failed.length < 6 || days.size < 3) return undefined;
  const hours = failed.map(({ at }) => new Date(at).getHours());
  const best = Array.from({ length: 24 }, (_, from) => ({
    from,
    count: hours.filter((hour) => (hour - from + 24) % 24 < 3).length,
  })).reduce((left, right) => (right.count > left.count ? right : left));
  if (best.count < failed.length * 0.7) return undefined;
  const what = `${best.count} of ${failed.length} interruptions on ${days.size} days were between ${best.from}:00 and ${(best.from + 3) % 24}:00`;
  return insight(
    'prime-time',
    what,
    'the provider, or your line, is overloaded at that time: put another source first, or move other load away',
    failed,
  );
};

/** Root causes before their consequences; at most one per id. */
const patterns: readonly Pattern[] = [
  nginxDies,
  diskFull,
  notWritable,
  tokenExpires,
  connectionLimit,
  waitsForConnection,
  refusesLogin,
  away,
  goesSilent,
  tooSlow,
  codec,
  cannotRun,
  killed,
  hangs,
  rtmpRefused,
  badContent,
  primeTime,
];

export function findInsights(story: Story): readonly Insight[] {
  return patterns.flatMap((pattern) => pattern(story) ?? []);
}

function times(events: readonly StreamEvent[]): string {
  return events.length === 1 ? 'once' : events.length === 2 ? 'twice' : `${events.length} times`;
}

/** ` in 3 h`: from the first to the last. */
function spanOf(events: readonly StreamEvent[]): string {
  const ms = Date.parse(events.at(-1)?.at ?? '') - Date.parse(events[0]?.at ?? '');
  if (!(ms >= 60_000)) return '';
  const hours = ms / 3_600_000;
  return hours >= 1 ? ` in ${Math.max(1, Math.round(hours))} h` : ` in ${Math.round(ms / 60_000)} min`;
}
