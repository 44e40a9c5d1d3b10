// Every source of every stream, asked as its job would: name, connection, TLS, HTTP status, and what it sends.

import type { SourceConfig, StreamConfig } from '../../core/config.ts';
import type { FfmpegFacts, SourceFacts } from '../../core/facts.ts';
import type { StatusDocument } from '../../core/status.ts';
import type { FailureCause } from '../../observe/failure-rules.ts';
import { decideTracks } from '../../plan/tracks.ts';
import { cannotTell, fail, isProblem, pass, warn, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { askSource, userAgents, type SourceAnswer } from '../source-probe.ts';

/** Providers side by side; each of them is asked for one stream at a time. */
const lanes = 4;

interface Asked {
  readonly stream: StreamConfig;
  readonly source: SourceConfig;
  readonly index: number;
  /** Nothing else feeds the stream. */
  readonly needed: boolean;
}

const codes: Readonly<Partial<Record<FailureCause, string>>> = {
  auth: 'source-forbidden',
  'not-found': 'source-not-found',
  'rate-limited': 'source-busy',
  rejected: 'source-rejected',
  'upstream-5xx': 'source-error',
  dns: 'source-dns',
  refused: 'source-refused',
  unreachable: 'source-unreachable',
  tls: 'source-tls',
  timeout: 'source-silent',
  'not-media': 'source-not-media',
  'hls-stale': 'source-stale',
  blocked: 'source-blocked',
};

export const sourcesCheck: DoctorCheck = {
  id: 'sources',
  title: 'sources',
  group: 'Streams',
  layer: 'source',
  severity: 'error',
  dependsOn: [],
  onDemand: true,
  timeoutMs: 10 * 60_000,
  about:
    'Each source of the list, with its own headers, from where its job runs, one at a time for each host: DNS, TCP, TLS, HTTP status, codecs, and what will be encoded anew. A source that plays right now is not asked, because many providers count connections. On 403 a few user agents are tried, and the one that works is named.',
  finds: {
    'source-dns': 'the name of the server cannot be resolved',
    'source-refused': 'nobody listens at the address',
    'source-unreachable': 'there is no way to the network',
    'source-silent': 'it does not answer in time, or takes the connection and sends nothing',
    'source-tls': 'no secure connection: certificate or handshake',
    'source-forbidden': 'it asks for a login, or denies access',
    'source-user-agent': 'it denies access to the user agent of the list, and lets another one in',
    'source-not-found': '404 or 410, or a file that is not there',
    'source-busy': '429: it is asked too often',
    'source-rejected': 'another refusal (4xx)',
    'source-error': 'its server reports an error of its own (5xx)',
    'source-stale': 'its playlist stands still, or lists segments that are not there',
    'source-blocked': 'it points at something that must not be opened',
    'source-not-media': 'it sends something that is no media: a web page, a login form',
    'source-unusable': 'it cannot be read for another reason',
    'source-codec': 'RTMP cannot carry what it sends, and the list says to copy it: there is no primary leg',
  },
  async run(context, facts) {
    const document = await facts.status();
    const ffmpeg = context.runtime === 'local' ? await facts.ffmpeg() : undefined;
    const asked = context.config.streams
      .filter(({ id, enabled }) => (context.onlyStream === undefined ? enabled : id === context.onlyStream))
      .flatMap((stream) => stream.sources.map((source, index) => ({ stream, source, index, needed: isNeeded(stream, index, document) })));
    const findings = await oneByHost(asked, (one) => judge(context, one, document, ffmpeg));
    const problems = findings.filter((finding) => isProblem(finding) || finding.code === 'cannot-tell');
    if (problems.length > 0) return problems;
    return [
      pass(`${asked.length} ${asked.length === 1 ? 'source answers' : 'sources answer'}`, findings.map(({ what }) => what).slice(0, 20)),
    ];
  },
};

/** A spare that is down is worth a warning while the stream plays from another source. */
function isNeeded(stream: StreamConfig, index: number, document: StatusDocument | undefined): boolean {
  const status = document?.streams.find(({ id }) => id === stream.id);
  if (status === undefined || status.state !== 'running') return stream.sources.length === 1 || index === 0;
  return status.source.index === index;
}

async function judge(
  context: DoctorContext,
  asked: Asked,
  document: StatusDocument | undefined,
  ffmpeg: FfmpegFacts | undefined,
): Promise<Finding> {
  const { stream, source, index } = asked;
  const name = stream.sources.length === 1 ? stream.id : `${stream.id}, source ${index + 1}`;
  if (source.kind === 'test') return pass(`${name}: made by ffmpeg itself`);
  const status = document?.streams.find(({ id }) => id === stream.id);
  const plays = status?.state === 'running' && status.source.index === index && status.definition === 'current';
  if (plays && status.legs.backup.state === 'fresh')
    return pass(`${name}: plays now (video ${status.video ?? 'unknown'}, audio ${status.audio ?? 'unknown'})`);
  const looked = await lookWithin(context, asked, name);
  if (looked !== undefined) return looked;
  const answer = await askSource(context, source, ffmpeg);
  if (answer.state === 'unasked') return cannotTell(answer.why);
  if (answer.state === 'answers') return judgeCodecs(asked, name, answer.facts);
  return refused(context, asked, name, answer, ffmpeg);
}

/** Connections to a provider are counted by the supervisor, and addresses that are resolved are known there; undefined: ask here. */
async function lookWithin(context: DoctorContext, asked: Asked, name: string): Promise<Finding | undefined> {
  const { stream, source, index } = asked;
  if (source.provider === undefined && source.resolve === undefined) return undefined;
  const look = await context.lookAtSource?.(stream.id, index);
  if (look === undefined) {
    return source.resolve === undefined
      ? undefined
      : cannotTell(`${name}: its address is resolved by the supervisor, which cannot be asked`);
  }
  if (look.facts !== null) return judgeCodecs(asked, name, look.facts);
  if (look.result !== 'bad') return pass(`${name}: ${look.message}`);
  const say = asked.needed ? fail : warn;
  const code = codes[look.cause as FailureCause] ?? 'source-unusable';
  return say({
    code,
    subject: stream.id,
    what: `${name}: ${look.message}`,
    evidence: [source.display],
    why: '',
    next: `iptv failover ${stream.id}`,
  });
}

function judgeCodecs({ stream }: Asked, name: string, facts: SourceFacts): Finding {
  const sent = [facts.video, facts.audio].flatMap((track) => (track === undefined ? [] : [describe(track)])).join(', ');
  const tracks = decideTracks(stream.output, facts);
  if (tracks.legs.includes('primary')) return pass(`${name}: ${sent}${tracks.notes.length === 0 ? '' : `; ${tracks.notes.join('; ')}`}`);
  return fail({
    code: 'source-codec',
    subject: stream.id,
    what: `${name} sends ${sent}, which RTMP cannot carry, and the list says to copy it`,
    evidence: tracks.notes,
    why: 'there is only the backup leg, and many browsers cannot play such sound or picture; in streams.yaml, output.audio: auto (and output.video: auto) makes another one',
    next: 'iptv apply   # after the edit',
  });
}

function describe(track: NonNullable<SourceFacts['video']> | NonNullable<SourceFacts['audio']>): string {
  if ('width' in track && track.width !== undefined) return `${track.codec} ${track.width}x${track.height ?? 0}`;
  return track.codec;
}

async function refused(
  context: DoctorContext,
  asked: Asked,
  name: string,
  answer: Extract<SourceAnswer, { state: 'refused' }>,
  ffmpeg: FfmpegFacts | undefined,
): Promise<Finding> {
  const { stream, source } = asked;
  const { failure, status } = answer;
  const say = asked.needed ? fail : warn;
  const agent = status === 403 ? await findUserAgent(context, source, ffmpeg) : undefined;
  if (agent !== undefined)
    return say({
      code: 'source-user-agent',
      subject: stream.id,
      what: `${name}: the source lets in only players that it knows; with another user agent it answers`,
      evidence: [...failure.evidence, `403 with "${source.userAgent ?? "ffmpeg's own"}", media with "${agent}"`],
      why: `many providers judge by the User-Agent header; write userAgent: "${agent}" under this source in streams.yaml`,
      next: 'iptv apply   # after the edit',
    });
  return say({
    code: codes[failure.cause] ?? 'source-unusable',
    subject: stream.id,
    what: `${name}: ${failure.message}`,
    evidence: [source.display, ...failure.evidence],
    why: reasons[failure.cause] ?? '',
    next: nextOf(failure.cause, source, stream.id),
  });
}

const reasons: Readonly<Partial<Record<FailureCause, string>>> = {
  auth: 'the account or a token has expired, is used elsewhere, or the provider blocks this address; other user agents were tried, so ask the provider',
  dns: 'the name is wrong or has expired, or this machine has no working DNS; other sources of the same name fail as well',
  'rate-limited': 'too many connections for this account: look for another player or a second stream of the same provider',
  'not-media': 'providers answer so when an account has ended',
  timeout: 'the server is overloaded, or something on the way drops packets',
};

function nextOf(cause: FailureCause, source: SourceConfig, id: string): string {
  const host = /^[a-z]+:\/\/(?:[^/@]*@)?\[?([^\]/:?]+)/i.exec(source.display)?.[1] ?? '';
  return cause === 'dns' ? `getent hosts ${host}` : `iptv plan ${id} --probe`;
}

async function findUserAgent(context: DoctorContext, source: SourceConfig, ffmpeg: FfmpegFacts | undefined): Promise<string | undefined> {
  for (const userAgent of userAgents) {
    if (userAgent === source.userAgent) continue;
    const answer = await askSource(context, { ...source, userAgent }, ffmpeg);
    if (answer.state === 'answers') return userAgent;
    // Anything else than the same refusal is no reason to go on knocking.
    if (answer.state !== 'refused' || answer.status !== 403) return undefined;
  }
  return undefined;
}

/** Providers count connections: one at a time for each host, several hosts side by side; answers in the order of the list. */
async function oneByHost(all: readonly Asked[], ask: (one: Asked) => Promise<Finding>): Promise<readonly Finding[]> {
  const groups = Map.groupBy(all, ({ source }) => (URL.canParse(source.url) ? new URL(source.url).host : source.url));
  const found = new Map<Asked, Finding>();
  const queue = groups.values();
  const lane = async (): Promise<void> => {
    for (const group of queue) for (const one of group) found.set(one, await ask(one));
  };
  await Promise.all(Array.from({ length: Math.min(lanes, groups.size) }, lane));
  return all.flatMap((one) => found.get(one) ?? []);
}
