// Tells the story of a stream from its events: how it is, what interrupted it, what repeats, and what to do. Pure.

import type { StreamEvent } from '../../core/events.ts';
import type { Verdict } from '../../core/verdict.ts';
import { explainLine } from '../../observe/explanations.ts';
import { toEpisodes, type Episode } from './episodes.ts';
import { findInsights, type Insight, type Story } from './patterns.ts';

export interface WhyInput extends Story {
  /** Of now, where a supervisor answers. */
  readonly verdict: Verdict | undefined;
  /** Its job delivers, and the channel shows that: a verdict that is bad all the same waits for it to last. */
  readonly isPlaying?: boolean;
  readonly fromMs: number;
  readonly nowMs: number;
}

export interface WhyReport {
  readonly stream: string;
  /** How it is now, in one sentence. */
  readonly now: string;
  readonly isWell: boolean;
  readonly verdict: Verdict | null;
  readonly period: { readonly from: string; readonly to: string };
  readonly figures: {
    readonly interruptions: number;
    /** Seconds that it was off air. */
    readonly offAirSeconds: number;
    readonly longestSeconds: number;
    readonly restarts: number;
    /** Mean time between interruptions, seconds; null with fewer than two. */
    readonly betweenSeconds: number | null;
  };
  /** What repeats or explains the rest, the most telling first. */
  readonly insights: readonly Insight[];
  /** Newest first; those with one cause that follow each other are one. */
  readonly story: readonly Chapter[];
  readonly orders: readonly { readonly at: string; readonly message: string }[];
}

export interface Chapter {
  readonly from: string;
  /** null: it goes on. */
  readonly to: string | null;
  readonly count: number;
  readonly cause: string;
  readonly message: string;
  readonly offAirSeconds: number;
  readonly failures: number;
  readonly actions: readonly string[];
  readonly outcome: string | null;
  readonly evidence: readonly string[];
  /** What a line of the evidence means, where it is known. */
  readonly explained: readonly string[];
}

const houseKinds: ReadonlySet<string> = new Set(['origin', 'verdict', 'disk', 'supervisor', 'list']);
const mostOrders = 5;

export function explainStream(input: WhyInput): WhyReport {
  const { stream, nowMs, fromMs } = input;
  const events = input.events.filter((event) => event.stream === stream || (event.stream === null && houseKinds.has(event.kind)));
  const episodes = toEpisodes(events);
  const offAir = episodes.filter(({ isMild }) => !isMild);
  const secondsOf = (episode: Episode): number => Math.max(0, ((episode.untilMs ?? nowMs) - episode.fromMs) / 1000);
  const last = episodes.at(-1);
  const verdict = input.verdict ?? pastVerdict(events, stream);
  const insights = findInsights({ ...input, events });
  return {
    stream,
    now: sentence(input, verdict, last, events),
    isWell:
      verdict === undefined
        ? last?.untilMs !== undefined || last === undefined
        : ['healthy', 'stopped', 'idle', 'starting'].includes(verdict.name),
    verdict: verdict ?? null,
    period: { from: iso(fromMs), to: iso(nowMs) },
    figures: {
      interruptions: offAir.length,
      offAirSeconds: Math.round(offAir.reduce((sum, episode) => sum + secondsOf(episode), 0)),
      longestSeconds: Math.round(Math.max(0, ...offAir.map(secondsOf))),
      restarts: events.filter(({ kind, cause }) => kind === 'job-started' && cause === 'retry').length,
      betweenSeconds: between(offAir),
    },
    insights,
    story: chapters(episodes, secondsOf).toReversed(),
    orders: events
      .filter(({ kind, outcome }) => kind === 'order' && outcome === null)
      .slice(-mostOrders)
      .map(({ at, message }) => ({ at, message }))
      .toReversed(),
  };
}

function sentence(input: WhyInput, verdict: Verdict | undefined, last: Episode | undefined, events: readonly StreamEvent[]): string {
  const { stream, nowMs } = input;
  if (verdict === undefined)
    return events.some((event) => event.stream === stream)
      ? `${stream}: how it is now is not known`
      : `nothing was recorded about ${stream}`;
  const for_ = `for ${long((nowMs - Date.parse(verdict.since)) / 1000)}`;
  switch (verdict.name) {
    case 'healthy':
      return `${stream} plays, ${last === undefined ? 'and nothing has interrupted it' : `${for_} without interruption`}`;
    case 'degraded':
      return `${stream} plays, but not as it should, ${for_}: ${verdict.reason}`;
    case 'stopped':
      return `${stream} was ordered to stop ${long((nowMs - Date.parse(verdict.since)) / 1000)} ago`;
    case 'idle':
      return `${stream} is idle ${for_}: ${verdict.reason}`;
    case 'starting':
      return `${stream} is starting ${for_}: ${verdict.reason}`;
    case 'source-dead':
    case 'source-silent':
    case 'job-hung':
    case 'job-failing':
      if (input.isPlaying === true)
        return `${stream} plays again, and counts as well when that lasts (${verdict.name} ${for_}): ${verdict.reason}`;
      return `${stream} is off air ${for_} (${verdict.name}): ${verdict.reason}`;
    default:
      return `${stream} is off air ${for_} (${verdict.name}): ${verdict.reason}`;
  }
}

/** Without a supervisor the last recorded change tells how it was. */
function pastVerdict(events: readonly StreamEvent[], stream: string): Verdict | undefined {
  const found = events.findLast((event) => event.kind === 'verdict' && event.stream === stream);
  if (found === undefined) return undefined;
  return { name: found.cause as Verdict['name'], layer: null, reason: found.message, evidence: found.evidence, since: found.at };
}

function chapters(episodes: readonly Episode[], secondsOf: (episode: Episode) => number): readonly Chapter[] {
  const groups: Episode[][] = [];
  for (const episode of episodes) {
    const group = groups.at(-1);
    if (group?.[0] !== undefined && group[0].cause === episode.cause && group[0].isMild === episode.isMild) group.push(episode);
    else groups.push([episode]);
  }
  return groups.map((group): Chapter => {
    const newest = group.at(-1) ?? group[0];
    if (newest === undefined) throw new Error('a group has an episode');
    const evidence = [...new Set(group.toReversed().flatMap((episode) => episode.evidence))].slice(0, 4);
    const explained = [...new Set(evidence.flatMap((line) => explainLine(line)?.meaning ?? []))].slice(0, 2);
    return {
      from: iso(group[0]?.fromMs ?? 0),
      to: newest.untilMs === undefined ? null : iso(newest.untilMs),
      count: group.length,
      cause: newest.cause,
      message: newest.message,
      offAirSeconds: newest.isMild ? 0 : Math.round(group.reduce((sum, episode) => sum + secondsOf(episode), 0)),
      failures: group.reduce((sum, { failures }) => sum + failures, 0),
      actions: [...new Set(group.flatMap(({ actions }) => actions))].slice(-4),
      outcome: newest.outcome ?? null,
      evidence,
      explained,
    };
  });
}

function between(episodes: readonly Episode[]): number | null {
  const [first] = episodes;
  const last = episodes.at(-1);
  return first === undefined || last === undefined || episodes.length < 2
    ? null
    : Math.round((last.fromMs - first.fromMs) / 1000 / (episodes.length - 1));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function long(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.round(whole / 60)} min`;
  return whole < 172_800 ? `${Math.round(whole / 3600)} h` : `${Math.round(whole / 86_400)} days`;
}
