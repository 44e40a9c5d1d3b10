// Fetches a media playlist like an impatient player and checks what RFC 8216 promises over time: nothing is taken back.

import type { PlaylistFinding } from '../../src/playlist/validate/finding.ts';
import { validateSegment } from '../../src/playlist/validate/segment.ts';
import { newWatch, watchReading } from '../../src/playlist/validate/watch.ts';
import { sleep } from './wait.ts';

const everyMs = 200;
const timeoutMs = 3000;
/** Measured here in seconds instead. */
const measured: readonly string[] = ['unreachable', 'stale', 'update-late', 'segment-unreachable'];

export interface Entry {
  readonly sequence: number;
  readonly uri: string;
  readonly seconds: number;
  /** Discontinuity sequence number of the segment (6.2.1). */
  readonly discontinuity: number;
}

interface Seen {
  readonly entries: readonly Entry[];
  readonly mediaSequence: number;
}

/** Numbers count from the last `mark`; the rules hold from the start. */
export interface WatchReport {
  readonly polls: number;
  /** Answers with another status than 200, by status. */
  readonly badStatuses: Readonly<Record<string, number>>;
  /** Longest time without any answer. */
  readonly unreachableSeconds: number;
  /** Longest time without a new segment. */
  readonly longestGapSeconds: number;
  readonly newSegments: number;
  /** Breaches of the RFC by kind: the first one of each, and how many there were. */
  readonly breaches: readonly string[];
  /** Not as it should be, and players cope. */
  readonly warnings: readonly string[];
  /** Segments that could not be fetched while they were listed. */
  readonly lostSegments: readonly string[];
  readonly lastSequence: number;
  readonly discontinuity: number;
}

export interface PlaylistWatch {
  report(): WatchReport;
  /** Counts from now on. */
  mark(): void;
  /** Milliseconds of `performance.now()` when the first new segment was listed after the time given; undefined: not yet. */
  firstSegmentAfter(timeMs: number, accept?: (segment: Entry) => boolean): number | undefined;
  /** The URIs of the playlist as it was last seen. */
  listed(): readonly string[];
  text(): string;
  close(): Promise<void>;
}

export function watchPlaylist(url: string): PlaylistWatch {
  const known = new Map<number, Entry>();
  const heads: { readonly at: number; readonly entry: Entry }[] = [];
  const breaches = createTally();
  const warnings = createTally();
  const lost = new Set<string>();
  const producer = new URL(url).pathname.startsWith('/live/') ? 'channel' : 'leg';
  let validator = newWatch({ producer });
  const background = new Set<Promise<void>>();
  let last: Seen | undefined;
  let lastText = '';
  let open = true;
  let counts = fresh();
  let lastNewAt = performance.now();
  let silentSince: number | undefined;

  function fresh(): { polls: number; bad: Record<string, number>; unreachableMs: number; gapMs: number; added: number } {
    return { polls: 0, bad: {}, unreachableMs: 0, gapMs: 0, added: 0 };
  }

  async function poll(): Promise<void> {
    counts.polls += 1;
    const answer = await get(url);
    const now = performance.now();
    if (last !== undefined) counts.gapMs = Math.max(counts.gapMs, now - lastNewAt);
    if (answer === undefined) {
      silentSince ??= now;
      counts.unreachableMs = Math.max(counts.unreachableMs, now - silentSince);
      return;
    }
    if (silentSince !== undefined) counts.unreachableMs = Math.max(counts.unreachableMs, now - silentSince);
    silentSince = undefined;
    if (answer.status !== 200) {
      counts.bad[answer.status] = (counts.bad[answer.status] ?? 0) + 1;
      return;
    }
    if (answer.text === lastText) return;
    lastText = answer.text;
    const judged = watchReading(validator, { content: answer.body, atMs: now, nowMs: Date.now() });
    validator = judged.watch;
    take(judged.findings);
    const seen = parse(answer.text);
    if (seen !== undefined) compare(seen, now);
  }

  function take(findings: readonly PlaylistFinding[]): void {
    for (const { rule, severity, message } of findings) {
      if (!measured.includes(rule)) (severity === 'error' ? breaches : warnings).add(rule, message);
    }
  }

  /** What must hold over the whole time, checked here once more without the help of what is tested. */
  function compare(seen: Seen, now: number): void {
    if (last !== undefined && seen.mediaSequence < last.mediaSequence) {
      breaches.add('went back', `media sequence from ${last.mediaSequence} to ${seen.mediaSequence}`);
    }
    const lastHead = last?.entries.at(-1)?.sequence ?? -1;
    if ((seen.entries.at(-1)?.sequence ?? lastHead) < lastHead) breaches.add('taken back', `segment ${lastHead}`);
    for (const entry of seen.entries) {
      const before = known.get(entry.sequence);
      if (before !== undefined && before.uri !== entry.uri) {
        breaches.add('renamed', `segment ${entry.sequence} was ${before.uri}, is ${entry.uri}`);
      }
      if (before !== undefined && before.discontinuity !== entry.discontinuity) {
        breaches.add('renumbered', `segment ${entry.sequence} was in discontinuity ${before.discontinuity}, is in ${entry.discontinuity}`);
      }
      if (before !== undefined) continue;
      known.set(entry.sequence, entry);
      if (last === undefined) continue;
      heads.push({ at: now, entry });
      counts.added += 1;
      lastNewAt = now;
      look(entry, true);
    }
    // The oldest ones are the first to be deleted too early; a player that pauses needs them (6.2.2).
    const [oldest] = seen.entries;
    if (oldest !== undefined) look(oldest, false);
    if (last === undefined) lastNewAt = now;
    last = seen;
  }

  function look(entry: Entry, isNew: boolean): void {
    const check = async (): Promise<void> => {
      const answer = await get(new URL(entry.uri, url).href);
      if (answer === undefined) return;
      const { status, body } = answer;
      if (status !== 200 || body.length === 0) lost.add(`${status} ${entry.uri}${body.length === 0 ? ' (empty)' : ''}`);
      else if (isNew && entry.uri.endsWith('.ts'))
        take(validateSegment({ uri: entry.uri, status, bytes: body, announcedSeconds: entry.seconds }, producer));
    };
    const running = check().finally(() => background.delete(running));
    background.add(running);
  }

  const polling = (async () => {
    while (open) {
      await poll();
      await sleep(everyMs);
    }
  })();

  return {
    report: () => ({
      polls: counts.polls,
      badStatuses: { ...counts.bad },
      unreachableSeconds: counts.unreachableMs / 1000,
      longestGapSeconds: counts.gapMs / 1000,
      newSegments: counts.added,
      breaches: breaches.list(),
      warnings: warnings.list(),
      lostSegments: [...lost],
      lastSequence: last?.entries.at(-1)?.sequence ?? -1,
      discontinuity: last?.entries.at(-1)?.discontinuity ?? 0,
    }),
    mark() {
      counts = fresh();
      for (const each of [breaches, warnings, lost]) each.clear();
      lastNewAt = Math.max(lastNewAt, performance.now() - everyMs);
    },
    firstSegmentAfter: (timeMs, accept = () => true) => heads.find(({ at, entry }) => at > timeMs && accept(entry))?.at,
    listed: () => (last?.entries ?? []).map((entry) => entry.uri),
    text: () => lastText,
    async close() {
      open = false;
      await polling;
      await Promise.all(background);
    },
  };
}

interface Tally {
  add(kind: string, example: string): void;
  list(): readonly string[];
  clear(): void;
}

function createTally(): Tally {
  const seen = new Map<string, { count: number; readonly example: string }>();
  return {
    add(kind, example) {
      const before = seen.get(kind);
      if (before === undefined) seen.set(kind, { count: 1, example });
      else before.count += 1;
    },
    list: () => [...seen].map(([kind, { count, example }]) => `${kind}: ${example}${count === 1 ? '' : ` (${count} times)`}`),
    clear: () => seen.clear(),
  };
}

async function get(url: string): Promise<{ readonly status: number; readonly text: string; readonly body: Buffer } | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const body = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, text: url.endsWith('.m3u8') ? body.toString('utf8') : '', body };
  } catch {
    return undefined;
  }
}

function parse(text: string): Seen | undefined {
  if (!text.startsWith('#EXTM3U')) return undefined;
  const number = (tag: string): number => Number(new RegExp(`^#EXT-X-${tag}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  const mediaSequence = number('MEDIA-SEQUENCE');
  let discontinuity = number('DISCONTINUITY-SEQUENCE');
  let seconds = 0;
  const entries: Entry[] = [];
  for (const line of text.split('\n')) {
    if (line === '#EXT-X-DISCONTINUITY') discontinuity += 1;
    else if (line.startsWith('#EXTINF:')) seconds = Number.parseFloat(line.slice('#EXTINF:'.length));
    else if (line !== '' && !line.startsWith('#')) {
      entries.push({ sequence: mediaSequence + entries.length, uri: line, seconds, discontinuity });
    }
  }
  return { entries, mediaSequence };
}
