// Sorts the record of events into the life of each stream, with what hit the whole house. Pure.

import { beganMs, type StreamEvent } from '../core/events.ts';
import { calmVerdicts, type VerdictName } from '../core/verdict.ts';
import { createTrack, type Known, type Track, type TrackRecorder } from './report-track.ts';

export interface Tracks {
  readonly tracks: ReadonlyMap<string, Track>;
  /** When the oldest kept event happened; undefined: there is none. */
  readonly firstAt: number | undefined;
  /** Older events were rotated away. */
  readonly isCut: boolean;
  /** Numbers that are missing between the first and the last. */
  readonly missing: number;
  /** Times the supervisor came back without having said that it goes. */
  readonly lostSupervisors: number;
}

export interface TracksOptions {
  readonly now: number;
  /** The present order of each stream. */
  readonly orders: Readonly<Record<string, string>>;
  /** undefined: the list cannot be read. */
  readonly listed: readonly string[] | undefined;
}

export function followTracks(events: readonly StreamEvent[], options: TracksOptions): Tracks {
  const first = events.at(0);
  const firstAt = first === undefined ? undefined : Date.parse(first.at);
  const isCut = first !== undefined && first.seq > 1;
  const ids = new Set<string>(isCut ? Object.keys(options.orders) : []);
  const lastOf = new Map<string, number>();
  for (const { stream, at } of events) {
    if (stream === null) continue;
    ids.add(stream);
    lastOf.set(stream, Date.parse(at));
  }
  const recorders = new Map<string, TrackRecorder>(
    [...ids].map((id) => [id, createTrack(isCut ? earlier(id, events, options) : undefined, firstAt ?? options.now)]),
  );
  const everyone = [...recorders.values()];
  /** Whom a verdict of the house holds. */
  const held = new Map<string, readonly TrackRecorder[]>();
  let isWatched = !isCut;
  let everStarted = false;
  let lostSupervisors = 0;

  for (const event of events) {
    const at = Date.parse(event.at);
    if (event.stream !== null) recorders.get(event.stream)?.take(event);
    else if (event.kind === 'supervisor' && event.cause === 'started') {
      if (everStarted && isWatched) lostSupervisors += 1;
      everStarted = isWatched = true;
      for (const [name, whom] of held) for (const one of whom) one.houseUp(name, at);
      held.clear();
      for (const one of everyone) one.resume(at);
    } else if (event.kind === 'supervisor' && event.cause === 'leaving') {
      isWatched = false;
      if (event.data['jobs'] === 'stop') for (const one of everyone) one.suspend(at);
    } else if (event.kind === 'verdict') house(event, at);
  }

  function house(event: StreamEvent, at: number): void {
    if (calmVerdicts.has(event.cause as VerdictName)) {
      const name = String(event.data['from']);
      for (const one of held.get(name) ?? []) one.houseUp(name, beganMs(event));
      held.delete(name);
      return;
    }
    const names = event.cause === 'nginx-down' ? undefined : namesIn(event);
    const whom = names === undefined ? everyone : names.flatMap((name) => recorders.get(name) ?? []);
    held.set(event.cause, whom);
    for (const one of whom) one.houseDown(event.cause, at);
  }

  const tracks = new Map<string, Track>();
  for (const [id, recorder] of recorders) {
    const isGone = options.listed !== undefined && !options.listed.includes(id);
    tracks.set(id, recorder.end(isGone || options.orders[id] === 'stop' ? (lastOf.get(id) ?? options.now) : options.now));
  }
  return { tracks, firstAt, isCut, missing: missingIn(events), lostSupervisors };
}

/** What was ordered before the oldest kept event, as the first order after it shows, or the present one. */
function earlier(id: string, events: readonly StreamEvent[], { orders, listed }: TracksOptions): Known {
  const order = events.find((event) => event.stream === id && (event.kind === 'order' || event.kind === 'demand'));
  // Who is woken was idle.
  if (order?.kind === 'demand') return order.cause === 'viewer' || order.cause === 'prewarm' ? 'stop' : 'run';
  if (order !== undefined) return order.data['state'] === 'stopped' ? 'stop' : 'run';
  if (listed !== undefined && !listed.includes(id)) return events.some((event) => event.stream === id) ? 'run' : 'stop';
  return orders[id] === 'run' ? 'run' : 'stop';
}

/** The streams a verdict of the house names; undefined when it does not name them all. */
function namesIn(event: StreamEvent): readonly string[] | undefined {
  const line = event.evidence.find((text) => text.startsWith('streams: '));
  const names = line?.slice('streams: '.length).split(', ') ?? [];
  return names.length === event.data['streams'] && names.every((name) => /^[a-z0-9_-]+$/i.test(name)) ? names : undefined;
}

function missingIn(events: readonly StreamEvent[]): number {
  let missing = 0;
  events.forEach(({ seq }, at) => {
    const before = events[at - 1]?.seq;
    if (before !== undefined && seq > before + 1) missing += seq - before - 1;
  });
  return missing;
}
