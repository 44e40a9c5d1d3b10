// Every running stream, live: does its job work, do both legs and the channel playlist hold RFC 8216, can segments be played?

import type { SourceFacts } from '../../core/facts.ts';
import { cannotTell, isProblem, pass, type Finding } from '../check.ts';
import { isLookedAt, type DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { readServedStream, type ServedStream } from '../facts/served.ts';
import type { FolderListing } from '../place.ts';
import { judgePlaylists, judgeReload, type JudgedPlaylist } from '../stream-playlists.ts';
import { judgeDecoding, judgeSegments, judgeSizes } from '../stream-segments.ts';
import { judgeState } from '../stream-state.ts';

/** Streams looked at side by side: nginx has one worker, and the machine has work to do. */
const lanes = 6;
/** So much later a live playlist has grown (RFC 8216 6.2.1: within 1.5 target durations). */
const reloadFactor = 1.6;
/** Of the whole check; a closer look fetches and decodes, which takes as long as there are streams. */
const limitMs = 60_000;
const closerLookMs = 5000;

/** A job that lives and does nothing. */
const mendedByRestart: ReadonlySet<string> = new Set(['job-stopped', 'stream-silent']);

export const streamsCheck: DoctorCheck = {
  id: 'streams',
  title: 'streams',
  group: 'Streams',
  layer: 'playlist',
  severity: 'error',
  dependsOn: ['supervisor'],
  timeoutMs: ({ asked, config }) => limitMs + (asked.has('streams') ? config.streams.length * closerLookMs : 0),
  about:
    'Each stream that is ordered to run: its job delivers, both legs and the channel playlist hold the rules of RFC 8216 for live playlists, the newest segment is served and is a transport stream. When it is named: two readings apart, every listed segment, and one segment of each leg decoded.',
  finds: {
    'stream-failing': 'the job ends again and again; what it said is shown',
    'job-stopped': 'the process of the job is frozen',
    'stream-silent': 'the job lives, but neither leg has a new segment',
    'leg-silent': 'one leg has no new segment; the other plays',
    'codec-not-carried': 'there is no primary leg, because RTMP cannot carry what is copied',
    'playlist-not-served': 'a playlist is in the folder, but is not served',
    'playlist-broken': 'a playlist breaks a rule of RFC 8216',
    'playlist-went-back': 'a playlist took back what it said before',
    'segment-broken': 'a listed segment is missing, empty, cut off, or no transport stream',
    'segment-undecodable': 'a segment is a transport stream, and cannot be decoded',
  },
  async run(context, facts) {
    const [document, served, folders, { jobs = [] }, sources] = await Promise.all([
      facts.status(),
      facts.served(),
      facts.folders(),
      facts.processes(),
      facts.sources(),
    ]);
    if (document === undefined) return [cannotTell('no supervisor answers, so nobody knows what should run', 'iptv up')];
    const states = new Map(jobs.map(({ pid, state }) => [pid, state]));
    const first = served[0]?.id;
    const findings = await inLanes(served, (stream) =>
      judgeStream(context, stream, { states, sources, folder: folders.backend, decode: stream.id === first }),
    );
    if (findings.some(isProblem)) return findings.filter(isProblem);
    const count = served.length;
    const idle = document.streams.filter(({ id, state }) => state === 'idle' && isLookedAt(context, id)).length;
    const resting = idle === 0 ? [] : [`${idle} idle`];
    const playing = count === 0 ? [] : [`${count} ${count === 1 ? 'stream plays' : 'streams play'}, all rules hold`];
    const words = [...playing, ...resting].join('; ');
    return [pass(words === '' ? 'no stream is ordered to run' : words)];
  },
};

/** What was looked at once for all streams. */
interface Surroundings {
  readonly states: ReadonlyMap<number, string>;
  readonly sources: Readonly<Record<string, SourceFacts>>;
  readonly folder: FolderListing | undefined;
  /** One picture is enough in passing: decoding is what costs. */
  readonly decode: boolean;
}

async function judgeStream(context: DoctorContext, known: ServedStream, around: Surroundings): Promise<LaterFindings> {
  const { id, status } = known;
  const { folder } = around;
  const thorough = context.asked.has('streams');
  // With a hundred streams a turn comes so late that what was listed at first is gone.
  const stream = thorough ? await readServedStream(context, status) : known;
  const found = judgeState({
    status,
    config: context.config.streams.find((one) => one.id === id),
    processState: status.pid === null ? undefined : around.states.get(status.pid),
    source: around.sources[`${id} ${status.source.url}`],
  });
  const restart = { action: `iptv restart ${id}`, apply: () => context.actions.restartStream(id) };
  const state = found.map((finding) => (mendedByRestart.has(finding.code) ? { ...finding, fixable: true, fix: restart } : finding));
  if (status.state === 'starting' || status.state === 'stopping') return async () => state;
  const judged = judgePlaylists(stream);
  const findings = [...state, ...judged.flatMap((one) => one.findings)];
  const readable = judged.filter(({ playlist }) => (playlist?.segments.length ?? 0) > 0);
  for (const one of readable) {
    const sizes = judgeSizes(id, one, folder);
    findings.push(...(sizes.length > 0 ? sizes : await judgeSegments(context, id, one, thorough ? 'all' : 'newest')));
  }
  const toDecode = thorough ? readable.filter(({ name }) => name !== 'channel') : readable.slice(0, around.decode ? 1 : 0);
  for (const one of toDecode) findings.push(...(await judgeDecoding(context, id, one)));
  const again = thorough ? readAgain(context, id, readable) : [];
  return async () => oneCauseEach([...findings, ...(await again)]);
}

/** The second reading comes some seconds later; whoever waits for it is in nobody's way. */
type LaterFindings = () => Promise<readonly Finding[]>;

async function readAgain(context: DoctorContext, id: string, judged: readonly JudgedPlaylist[]): Promise<readonly Finding[]> {
  const target = Math.max(0, ...judged.map(({ playlist }) => playlist?.targetDurationSeconds ?? 0));
  if (target === 0) return [];
  await new Promise<void>((done) => context.ports.clock.after(target * 1000 * reloadFactor, done));
  const again = await Promise.all(judged.map(({ url }) => context.ports.net.get(url, { timeoutMs: 5000 })));
  return judged.flatMap((one, index) => judgeReload(id, one, again[index]?.status === 200 ? again[index].body : undefined));
}

/** The channel lists the segments of a leg: one broken segment would be told twice. */
function oneCauseEach(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, subject }) => {
    const key = `${code} ${subject ?? ''}`;
    if (code === 'leg-silent' || !seen.has(key)) {
      seen.add(key);
      return true;
    }
    return false;
  });
}

async function inLanes(
  served: readonly ServedStream[],
  judge: (stream: ServedStream) => Promise<LaterFindings>,
): Promise<readonly Finding[]> {
  const found = new Map<string, LaterFindings>();
  const queue = served.values();
  const lane = async (): Promise<void> => {
    for (const stream of queue) found.set(stream.id, await judge(stream));
  };
  await Promise.all(Array.from({ length: Math.min(lanes, served.length) }, lane));
  const all = await Promise.all(served.map(async ({ id }) => (await found.get(id)?.()) ?? []));
  return all.flat();
}
