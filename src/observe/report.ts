// Availability, MTBF, MTTR, slate and restarts of streams and providers over a window, from the record of events. Pure.

import type { StreamEvent } from '../core/events.ts';
import type { Reason, Track } from './report-track.ts';
import { followTracks, type Tracks } from './report-tracks.ts';
import { intersect, secondsOf, subtract, union, type Span } from './spans.ts';

/** Seconds; null: nothing to make it from. */
export interface Figures {
  /** Time in which it was ordered to run, without `startingSeconds`. */
  readonly orderedSeconds: number;
  /** From an order to the first segment: counted neither way. */
  readonly startingSeconds: number;
  readonly downSeconds: number;
  /** 0 to 1. */
  readonly availability: number | null;
  /** That began in the window. */
  readonly outages: number;
  /** Time up per outage. */
  readonly mtbfSeconds: number | null;
  /** Mean length of the outages that ended in the window, each from its beginning. */
  readonly mttrSeconds: number | null;
  readonly slateSeconds: number;
  readonly restarts: number;
  readonly restartsByCause: Readonly<Record<string, number>>;
}

export interface Outage {
  /** RFC 3339. */
  readonly from: string;
  /** null: it lasts. */
  readonly to: string | null;
  readonly seconds: number;
  readonly cause: string;
  readonly provider: string | null;
}

export interface StreamReport extends Figures {
  readonly id: string;
  readonly outageList: readonly Outage[];
  /** For plots; within the window, without overlaps. */
  readonly spans: Readonly<Record<'ordered' | 'starting' | 'down' | 'slate', readonly Span[]>>;
}

export interface ProviderReport extends Figures {
  readonly provider: string;
  readonly streams: readonly string[];
}

export interface Report {
  readonly since: string;
  readonly until: string;
  /** Later than `since` when older events are gone: the figures begin here. */
  readonly knownSince: string;
  readonly notes: readonly string[];
  readonly total: Figures;
  readonly streams: readonly StreamReport[];
  readonly providers: readonly ProviderReport[];
}

export interface ReportOptions {
  readonly sinceMs: number;
  readonly now: number;
  readonly orders: Readonly<Record<string, string>>;
  readonly listed: readonly string[] | undefined;
  /** Who is behind a source, by the URL that is shown; empty: not known, most likely the first source. */
  readonly providerOf: (id: string, url: string) => string;
  /** Whether a cause speaks of the source: what this machine did wrong is not the provider's. */
  readonly isSources: (cause: string) => boolean;
}

interface Incident extends Span {
  readonly cause: string;
  readonly provider: string | null;
  readonly isOpen: boolean;
}

interface Part {
  readonly ordered: readonly Span[];
  readonly starting: readonly Span[];
  readonly incidents: readonly Incident[];
  readonly slate: readonly Span[];
  readonly restarts: readonly { readonly at: number; readonly cause: string }[];
}

export function makeReport(events: readonly StreamEvent[], options: ReportOptions): Report {
  const followed = followTracks(events, options);
  const begin = followed.isCut && followed.firstAt !== undefined ? Math.max(options.sinceMs, followed.firstAt) : options.sinceMs;
  const window = { from: Math.min(begin, options.now), to: options.now };
  const parts = new Map<string, Part>();
  const byProvider = new Map<string, { readonly ids: Set<string>; readonly parts: Part[] }>();
  for (const [id, track] of followed.tracks) {
    const provider = (url: string): string => options.providerOf(id, url);
    const part = partOf(track, provider, options.now);
    if (secondsOf(intersect(track.ordered, [window])) === 0) continue;
    parts.set(id, part);
    for (const name of new Set(track.uses.map(({ url }) => provider(url)))) {
      const own = ofProvider(name, track, part, provider, options.isSources);
      if (secondsOf(intersect(own.ordered, [window])) === 0) continue;
      const group = byProvider.get(name) ?? { ids: new Set<string>(), parts: [] };
      group.ids.add(id);
      group.parts.push(own);
      byProvider.set(name, group);
    }
  }
  return {
    since: iso(options.sinceMs),
    until: iso(options.now),
    knownSince: iso(window.from),
    notes: notesOf(followed, options, window.from),
    total: figuresOf([...parts.values()], window),
    streams: [...parts].map(([id, part]) => streamReport(id, part, window)).toSorted(worstFirst((one) => one.id)),
    providers: [...byProvider]
      .map(([provider, group]) => ({ provider, streams: [...group.ids].toSorted(), ...figuresOf(group.parts, window) }))
      .toSorted(worstFirst((one) => one.provider)),
  };
}

/** Overlapping reasons are one outage; a slate alone does not say why, so another word in it is taken first. */
function partOf(track: Track, provider: (url: string) => string, now: number): Part {
  const incidents = union(track.reasons).map((span): Incident => {
    const within = track.reasons
      .filter(({ from, to }) => from >= span.from && to <= span.to)
      .toSorted((left, right) => left.from - right.from);
    const named: Reason | undefined = within.find(({ isSlate, to, from }) => !isSlate && to > from) ?? within[0];
    const used = track.uses.findLast(({ from }) => from <= span.from);
    return {
      ...span,
      cause: named?.cause ?? 'unknown',
      provider: used === undefined ? null : provider(used.url),
      isOpen: span.to >= now,
    };
  });
  const down = union(track.reasons);
  return { ordered: track.ordered, starting: subtract(track.starting, down), incidents, slate: track.slate, restarts: track.restarts };
}

/** The time in which one provider was in use, and what is its own fault: an outage is that of the source it began with. */
function ofProvider(
  name: string,
  track: Track,
  part: Part,
  provider: (url: string) => string,
  isSources: (cause: string) => boolean,
): Part {
  const used = track.uses.filter(({ url }) => provider(url) === name);
  const blamed = part.incidents.filter((incident) => incident.provider === name && isSources(incident.cause));
  const others = part.incidents.filter((incident) => !blamed.includes(incident));
  const ordered = subtract(union([...intersect(part.ordered, used), ...blamed]), others);
  return {
    ordered,
    starting: intersect(part.starting, ordered),
    incidents: blamed,
    slate: intersect(part.slate, blamed),
    restarts: track.restarts.filter(({ url, cause }) => provider(url) === name && isSources(cause)),
  };
}

function figuresOf(parts: readonly Part[], window: Span): Figures {
  const inWindow = (spans: readonly Span[]): number => secondsOf(intersect(spans, [window]));
  const total = (of: (part: Part) => number): number => parts.reduce((sum, part) => sum + of(part), 0);
  const startingSeconds = total((part) => inWindow(part.starting));
  const orderedSeconds = total((part) => inWindow(part.ordered)) - startingSeconds;
  const downSeconds = total((part) => inWindow(intersect(part.incidents, part.ordered)));
  const incidents = parts.flatMap((part) => part.incidents);
  const begun = incidents.filter(({ from }) => from >= window.from && from < window.to).length;
  const ended = incidents.filter(({ to, isOpen }) => !isOpen && to > window.from && to <= window.to);
  const restarts = parts.flatMap((part) => part.restarts).filter(({ at }) => at >= window.from && at <= window.to);
  const byCause = new Map<string, number>();
  for (const { cause } of restarts) byCause.set(cause, (byCause.get(cause) ?? 0) + 1);
  return {
    orderedSeconds: tenths(orderedSeconds),
    startingSeconds: tenths(startingSeconds),
    downSeconds: tenths(downSeconds),
    availability: orderedSeconds > 0 ? Math.max(0, 1 - downSeconds / orderedSeconds) : null,
    outages: begun,
    mtbfSeconds: begun === 0 ? null : tenths(Math.max(0, orderedSeconds - downSeconds) / begun),
    mttrSeconds: ended.length === 0 ? null : tenths(ended.reduce((sum, { from, to }) => sum + (to - from), 0) / 1000 / ended.length),
    slateSeconds: tenths(total((part) => inWindow(part.slate))),
    restarts: restarts.length,
    restartsByCause: Object.fromEntries([...byCause].toSorted(([, left], [, right]) => right - left)),
  };
}

function streamReport(id: string, part: Part, window: Span): StreamReport {
  const clip = (spans: readonly Span[]): readonly Span[] => intersect(spans, [window]);
  return {
    id,
    ...figuresOf([part], window),
    outageList: part.incidents
      .filter(({ from, to, isOpen }) => from < window.to && (to > window.from || isOpen))
      .map(({ from, to, cause, provider, isOpen }) => ({
        from: iso(from),
        to: isOpen ? null : iso(to),
        seconds: tenths((to - from) / 1000),
        cause,
        provider,
      })),
    spans: { ordered: clip(part.ordered), starting: clip(part.starting), down: clip(part.incidents), slate: clip(part.slate) },
  };
}

function notesOf(
  { firstAt, isCut, missing, lostSupervisors }: Tracks,
  { sinceMs, listed }: ReportOptions,
  from: number,
): readonly string[] {
  const notes: string[] = [];
  if (firstAt === undefined) notes.push('nothing was recorded yet');
  if (isCut && from > sinceMs) notes.push(`events before ${iso(from)} are gone (the record is rotated): the figures begin there`);
  if (missing > 0)
    notes.push(`${missing} events are missing within the record (the disk refused them, or a file of it is gone): outages may be missing`);
  if (lostSupervisors > 0) {
    const times = lostSupervisors === 1 ? 'once' : `${lostSupervisors} times`;
    notes.push(`the supervisor was lost ${times} without a word: until it was back nobody watched, and that time counts as it was before`);
  }
  if (listed === undefined) notes.push('streams.yaml cannot be read: sources are grouped by host');
  return notes;
}

function worstFirst<T extends Figures>(name: (one: T) => string): (left: T, right: T) => number {
  return (left, right) => (left.availability ?? 2) - (right.availability ?? 2) || name(left).localeCompare(name(right), 'en');
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
