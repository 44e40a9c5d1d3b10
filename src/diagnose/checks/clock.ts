// Do all clocks agree: this host's, both containers', the sources', and the dates in the playlists?

import type { SourceConfig } from '../../core/config.ts';
import { parseMediaPlaylist, type MediaPlaylist } from '../../playlist/media-playlist.ts';
import { pass, warn, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import type { Place } from '../place.ts';

/** HTTP dates have whole seconds, and a crowded machine answers late. */
const tolerableMs = 2000;
/** Tokens in URLs and headers usually live for minutes; a provider's clock matters only from here on. */
const tolerableOfSourceMs = 30_000;
const sourceTimeoutMs = 4000;
/** ffmpeg reads the first segments of an HLS source as fast as it can, and dates them as if they took their time. */
const tolerableOfDatesMs = 90_000;

interface Skew {
  /** Positive: it is ahead of this host. */
  readonly ms: number;
  /** Half of the time that asking took: it may be off by so much more or less. */
  readonly slackMs: number;
}

export const clockCheck: DoctorCheck = {
  id: 'clock',
  title: 'clocks',
  group: 'Machine',
  layer: 'host',
  severity: 'warning',
  dependsOn: [],
  about:
    'The clock of this host against those of both containers and of nginx (its Date header), and the dates in the playlists against the clock. When it is named, also against the HTTP sources (one short request each).',
  finds: {
    'clock-off': 'a container or nginx has another time than this host',
    'clock-off-source': 'a source has another time: links and tokens that expire are refused too early or too late',
    'dates-off': 'the dates in a playlist (EXT-X-PROGRAM-DATE-TIME) are not the time at which it was written',
  },
  async run(context, facts) {
    const sources = context.asked.has('clock') ? httpSources(context) : [];
    const [places, origin, dates, ...remote] = await Promise.all([
      Promise.all(placesToAsk(context).map((place) => judgePlace(context, place))),
      judgeOrigin(context),
      judgeDates(facts),
      ...sources.map((source) => judgeSource(context, source)),
    ]);
    const findings = [...places, origin, ...dates, ...remote].filter((finding) => finding !== undefined);
    return findings.length > 0 ? findings : [pass('all clocks agree')];
  },
};

/** Locally both places are this host. */
function placesToAsk({ places, runtime, inside }: DoctorContext): readonly Place[] {
  return runtime === 'local' || inside === true
    ? []
    : [places.backend, places.origin].filter(({ unreachable }) => unreachable === undefined);
}

async function judgePlace(context: DoctorContext, place: Place): Promise<Finding | undefined> {
  const before = context.ports.clock.now();
  const { exitCode, stdout } = await place.run(['date', '+%s%3N']);
  const after = context.ports.clock.now();
  const theirs = Number(stdout.trim());
  if (exitCode !== 0 || !Number.isFinite(theirs) || theirs === 0) return undefined;
  const skew = { ms: theirs - (before + after) / 2, slackMs: (after - before) / 2 };
  return isOff(skew, tolerableMs) ? clockOff(place.name, skew, place.describe(['date', '--iso-8601=ns'])) : undefined;
}

async function judgeOrigin(context: DoctorContext): Promise<Finding | undefined> {
  const url = `${context.originUrl}/healthz`;
  const skew = await askDate(context, url, {}, 3000);
  return skew !== undefined && isOff(skew, tolerableMs) ? clockOff('nginx', skew, `curl -sI ${url}`) : undefined;
}

function clockOff(subject: string, skew: Skew, next: string): Finding {
  return warn({
    code: 'clock-off',
    subject,
    what: `the clock of ${subject} is ${said(skew)} this host`,
    why: 'dates in playlists, ages of segments and times in logs do not fit together',
    next,
  });
}

/** One request a host: every source of a provider has the same clock. */
function httpSources({ config }: DoctorContext): readonly SourceConfig[] {
  const all = config.streams.filter(({ enabled }) => enabled).flatMap(({ sources }) => sources);
  const http = all.filter(({ url, resolve }) => resolve === undefined && /^https?:/i.test(url) && URL.canParse(url));
  return [...new Map(http.map((source) => [new URL(source.url).host, source])).values()];
}

async function judgeSource(context: DoctorContext, source: SourceConfig): Promise<Finding | undefined> {
  const headers = { ...(source.userAgent === undefined ? {} : { 'user-agent': source.userAgent }), ...source.headers };
  const skew = await askDate(context, source.url, headers, sourceTimeoutMs);
  if (skew === undefined || !isOff(skew, tolerableOfSourceMs)) return undefined;
  const { host } = new URL(source.url);
  return warn({
    code: 'clock-off-source',
    subject: host,
    what: `the clock of ${host} is ${said(skew)} this host`,
    why: 'links and tokens that expire are refused too early or stay valid too long; if several sources differ by as much, it is the clock here',
    next: 'timedatectl',
  });
}

/** HEAD transfers no picture and is answered by a server that takes no more connections to the stream. */
async function askDate(
  { ports }: DoctorContext,
  url: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Skew | undefined> {
  const before = ports.clock.now();
  const answer = await ports.net.get(url, { timeoutMs, headers, method: 'HEAD' });
  const after = ports.clock.now();
  const theirs = Date.parse(answer?.headers['date'] ?? '');
  // Truncated to the second: on average half of one is missing.
  return Number.isNaN(theirs) ? undefined : { ms: theirs + 500 - (before + after) / 2, slackMs: 500 + (after - before) / 2 };
}

async function judgeDates(facts: DoctorFacts): Promise<readonly Finding[]> {
  return (await facts.served()).flatMap(({ id, status, legs }) => {
    const { answer, askedAtMs } = legs.backup;
    const playlist = answer?.status === 200 ? parseMediaPlaylist(answer.body) : undefined;
    const end = playlist === undefined ? undefined : endOf(playlist);
    // Of a leg that stands still the dates are old by right.
    if (playlist === undefined || end === undefined || status.legs.backup.state !== 'fresh') return [];
    const offMs = end - askedAtMs;
    if (Math.abs(offMs) <= tolerableOfDatesMs) return [];
    return [
      warn({
        code: 'dates-off',
        subject: id,
        what: `the playlist of ${id} is dated ${said({ ms: offMs, slackMs: 0 })} the clock`,
        evidence: [`its end is ${new Date(end).toISOString()}, it was read at ${new Date(askedAtMs).toISOString()}`],
        why: 'ffmpeg counts on from its start: the clock was set since, or the source runs faster or slower than real time',
        next: `iptv restart ${id}`,
        consequenceOf: ['clock/clock-off'],
      }),
    ];
  });
}

function endOf({ segments }: MediaPlaylist): number | undefined {
  const index = segments.findLastIndex(({ programDateTimeMs }) => programDateTimeMs !== undefined);
  const start = segments[index]?.programDateTimeMs;
  return start === undefined ? undefined : segments.slice(index).reduce((ms, { durationSeconds }) => ms + durationSeconds * 1000, start);
}

function isOff({ ms, slackMs }: Skew, limitMs: number): boolean {
  return Math.abs(ms) > limitMs + slackMs;
}

function said({ ms }: Skew): string {
  const seconds = Math.abs(ms) / 1000;
  const amount =
    seconds < 120 ? `${seconds.toFixed(1)} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
  return `${amount} ${ms > 0 ? 'ahead of' : 'behind'}`;
}
