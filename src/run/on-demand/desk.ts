// Where viewers of streams that start on demand are received: wakes for the first of them, answers all, and ends what nobody watches.

import { ownAgent } from '../../core/endpoints.ts';
import type { OnDemandConfig } from '../../core/config.ts';
import type { ChannelUnit } from '../channel-unit.ts';
import type { Surroundings } from '../surroundings.ts';
import type { StreamUnit } from '../unit.ts';
import { noPicture, type DeskAnswer } from './desk-answer.ts';
import { demandEvent, type DemandNews } from './demand-events.ts';
import { judgeLease } from './lease.ts';
import { createMarks } from './marks.ts';
import { createPlace, type Place as PlaceOf } from './place.ts';

type Place = PlaceOf<DeskAnswer>;

export interface Asker {
  readonly agent: string;
  /** Aborted when it hangs up. */
  readonly gone: AbortSignal;
}

export interface Desk {
  /** The units are there; whoever came before waits until then. */
  readonly open: () => void;
  /** A request for a channel playlist that nginx has no file for. Never rejects. */
  ask(id: string, asker: Asker): Promise<DeskAnswer>;
  /** A line of nginx's access log arrived, about whomever. */
  heard(): void;
  /** A viewer fetched one of the channel's playlists from nginx; so many did lately. */
  watched(id: string, viewers: number): void;
  /** The channel was written. */
  written(id: string): void;
  /** Ordered to run, and nobody watches. */
  isIdle(id: string): boolean;
  /** Somebody waits for a picture: what comes should be seen soon. */
  readonly isWaitedFor: () => boolean;
  /** Its order changed: nginx knows it, and has no old playlist of it, before whoever ordered it is told. */
  ordered(unit: StreamUnit): Promise<void>;
  /** One round, after the units looked. */
  tick(): Promise<void>;
}

export interface DeskOptions {
  readonly surroundings: Surroundings;
  readonly units: ReadonlyMap<string, StreamUnit>;
  readonly channel: (id: string) => ChannelUnit | undefined;
  /** The units are left for the next supervisor. */
  readonly isLeaving: () => boolean;
  /** Look at everything soon. */
  readonly hurry: () => void;
  readonly note: (id: string, level: 'info' | 'warning', text: string) => void;
}

/** A slate that is due is written by then. */
const graceMs = 1500;
const askForOthersEveryMs = 15_000;
const lostLogNoteEveryMs = 3_600_000;

export function createDesk(options: DeskOptions): Desk {
  const { surroundings, units } = options;
  const { clock } = surroundings.ports;
  const { providers } = surroundings.sources;
  const marks = createMarks(surroundings);
  const places = new Map<string, Place>();
  let lostLogToldAt = -Infinity;
  let heardAt = -Infinity;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));

  function placeOf(id: string): Place {
    const known = places.get(id);
    if (known !== undefined) return known;
    const place = createPlace<DeskAnswer>(clock);
    places.set(id, place);
    return place;
  }

  const tell = (id: string, news: DemandNews): void => surroundings.events.record(demandEvent(id, news));
  const providerOf = (unit: StreamUnit): string | undefined =>
    unit.sources.effective(unit.stream()).sources[unit.sources.index()]?.provider;

  async function wake(unit: StreamUnit, place: Place, why: 'viewer' | 'prewarm'): Promise<void> {
    const now = clock.monotonic();
    Object.assign(place, {
      seenAt: now,
      wokenAt: now,
      wasSeen: why === 'viewer',
      mostViewers: 0,
      askingSince: undefined,
      warmth: undefined,
    });
    // Not before its first picture may nginx find a file.
    await options.channel(unit.id)?.rest();
    if (!unit.demand.isIdle()) return;
    tell(unit.id, { kind: why });
    unit.demand.wake();
    options.hurry();
  }

  async function rest(unit: StreamUnit, place: Place, news: DemandNews): Promise<void> {
    place.askingSince = undefined;
    tell(unit.id, news);
    unit.demand.rest();
    place.waiters.answer(noPicture(unit));
    await options.channel(unit.id)?.rest();
  }

  async function ask(id: string, asker: Asker): Promise<DeskAnswer> {
    await opened;
    if (options.isLeaving()) return { kind: 'wait', why: 'the supervisor is leaving' };
    const unit = units.get(id);
    const config = unit?.demand.config();
    // Nothing is kept, and no file is touched, for a name that anybody may make up.
    if (unit === undefined) return { kind: 'none' };
    if (config === undefined || unit.demand.order() !== 'run') {
      await marks.keep(id, false).catch(() => undefined);
      if (unit.process.lifecycle().order !== 'run') return { kind: 'none' };
      // Its file was deleted a moment ago, or is not written yet after a boot: nginx asks us until it is there. Players ask again
      // after a 503, and give up at a 404.
      const text = options.channel(id)?.text();
      return text === undefined ? noPicture(unit) : { kind: 'playlist', text };
    }
    const isOurs = asker.agent === ownAgent;
    const place = placeOf(id);
    if (!isOurs && unit.demand.isIdle()) await wake(unit, place, 'viewer');
    if (!isOurs) {
      if (place.askingSince !== undefined && place.askingSince > place.askedForOthersAt) tellLostLog(unit);
      seen(place);
    }
    const text = unit.demand.isIdle() ? undefined : options.channel(id)?.text();
    if (text !== undefined) return { kind: 'playlist', text };
    // Our own looks are no viewers.
    if (isOurs) return { kind: 'wait', why: `${id} is idle: it starts with its first viewer` };
    return place.waiters.add({ limitMs: config.firstWaitMs + graceMs, gone: asker.gone, late: () => noPicture(unit) });
  }

  /** Nobody was said to watch, and here somebody comes; or nothing was said at all. */
  function tellLostLog({ id }: StreamUnit): void {
    if (clock.monotonic() - lostLogToldAt < lostLogNoteEveryMs) return;
    lostLogToldAt = clock.monotonic();
    options.note(id, 'warning', "nginx's access log does not arrive: viewers are not counted, and some streams stay up for nobody");
  }

  function seen(place: Place): void {
    place.seenAt = clock.monotonic();
    place.wasSeen = true;
  }

  /** Nobody waits who can be served, and nobody for what will not come. */
  function serve(unit: StreamUnit, place: Place): void {
    if (place.waiters.count() === 0) return;
    const channel = options.channel(unit.id);
    const text = channel?.text();
    if (text !== undefined) {
      const { count, longestMs } = place.waiters.answer({ kind: 'playlist', text });
      tell(unit.id, { kind: 'answered', isSlate: channel?.status().state === 'slate', waitedMs: longestMs, viewers: count });
    } else if (unit.demand.firstWaitMs() === 0 && surroundings.slate(unit.id) === undefined) place.waiters.answer(noPicture(unit));
  }

  async function look(unit: StreamUnit, config: OnDemandConfig, contended: ReadonlySet<string>): Promise<void> {
    const place = placeOf(unit.id);
    const now = clock.monotonic();
    const provider = providerOf(unit);
    const isIdle = unit.demand.isIdle();
    const isContended = provider !== undefined && contended.has(provider) && unit.process.alive() !== undefined;
    const warmth = place.warm.look({
      config,
      now,
      wallMs: clock.now(),
      seenAt: place.wasSeen && !isIdle ? place.seenAt : undefined,
      mostViewers: place.mostViewers,
      slotsFree: providers.slotsFree(provider),
    });
    if (isIdle) {
      if (!place.isSettled) await options.channel(unit.id)?.rest();
      place.isSettled = true;
      if (warmth?.why === 'prewarm' && providers.slotsFree(provider) > 0) await wake(unit, place, 'prewarm');
      return;
    }
    place.isSettled = false;
    serve(unit, place);
    const channel = options.channel(unit.id);
    if (channel?.text() === undefined) {
      // Whoever waits is there.
      if (place.waiters.count() > 0) seen(place);
    } else if (place.askingSince === undefined) await channel.setAside(false);
    await followLease(unit, place, { config, warmth: isContended ? undefined : warmth?.why, isContended });
  }

  async function followLease(
    unit: StreamUnit,
    place: Place,
    about: { readonly config: OnDemandConfig; readonly warmth: string | undefined; readonly isContended: boolean },
  ): Promise<void> {
    const now = clock.monotonic();
    const channel = options.channel(unit.id);
    if (place.askingSince !== undefined && place.seenAt > place.askingSince) {
      place.askingSince = undefined;
      await channel?.setAside(false);
      return;
    }
    const targetDurationSeconds = Math.max(unit.stream().output.segmentSeconds, surroundings.segmentSeconds(), ...targets(unit));
    const mayAskForOthers = place.askingSince !== undefined || now - place.askedForOthersAt > askForOthersEveryMs;
    const isContended = about.isContended && mayAskForOthers;
    const verdict = judgeLease({
      now,
      seenAt: place.seenAt,
      askingSince: place.askingSince,
      idleAfterMs: about.config.idleAfterMs,
      targetDurationSeconds,
      byLogAlone: unit.stream().renditions !== undefined,
      heardAt,
      isContended,
    });
    if (verdict === 'watched') return;
    if (verdict === 'blind') return tellLostLog(unit);
    if (about.warmth !== undefined) {
      if (place.warmth !== about.warmth && about.warmth === 'keep-warm') tell(unit.id, { kind: 'keep-warm', viewers: place.mostViewers });
      place.warmth = about.warmth;
      return;
    }
    if (verdict === 'ask') {
      if (place.askingSince === undefined || place.askingSince < place.seenAt) {
        place.askingSince = now;
        if (isContended) place.askedForOthersAt = now;
        await channel?.setAside(true);
      }
      return;
    }
    const unwatchedMs = now - place.seenAt;
    await rest(unit, place, {
      kind: isContended ? 'gave-way' : 'idle',
      unwatchedMs,
      ranMs: now - place.wokenAt,
      mostViewers: place.mostViewers,
    });
  }

  const targets = (unit: StreamUnit): readonly number[] =>
    [unit.legs.primary, unit.legs.backup].flatMap((leg) => leg.view().head?.targetDurationSeconds ?? []);

  return {
    open,
    ask: (id, asker) =>
      ask(id, asker).catch((error: unknown): DeskAnswer => ({ kind: 'wait', why: `the supervisor failed: ${String(error)}` })),
    heard: () => void (heardAt = clock.monotonic()),
    watched(id, viewers) {
      const place = places.get(id);
      if (place === undefined) return;
      seen(place);
      place.mostViewers = Math.max(place.mostViewers, viewers);
    },
    written(id) {
      const unit = units.get(id);
      const place = places.get(id);
      if (unit === undefined || place === undefined || unit.demand.isIdle()) return;
      serve(unit, place);
    },
    isIdle: (id) => units.get(id)?.demand.isIdle() ?? false,
    isWaitedFor: () => [...places.values()].some(({ waiters }) => waiters.count() > 0),
    async ordered(unit) {
      if (unit.demand.isIdle()) await options.channel(unit.id)?.rest();
      await mark(unit);
    },
    async tick() {
      for (const id of places.keys()) if (!units.has(id)) places.delete(id);
      const contended = new Set(providers.status().flatMap(({ name, waiting }) => (waiting > 0 ? [name] : [])));
      const problems: unknown[] = [];
      for (const unit of units.values()) {
        try {
          const config = unit.demand.config();
          await mark(unit);
          if (config !== undefined && isOffered(unit)) await look(unit, config, contended);
          else if (places.has(unit.id)) await close(unit);
        } catch (error) {
          problems.push(error);
        }
      }
      if (problems.length > 0) throw problems[0];
    },
  };

  function mark(unit: StreamUnit): Promise<void> {
    return marks.keep(unit.id, isOffered(unit));
  }

  /** It no longer starts on demand, or was ordered to stop. */
  async function close(unit: StreamUnit): Promise<void> {
    places.get(unit.id)?.waiters.answer({ kind: 'wait', why: `${unit.id} was ordered to stop` });
    places.delete(unit.id);
    await options.channel(unit.id)?.setAside(false);
  }
}

/** Viewers may start it. */
function isOffered({ demand }: StreamUnit): boolean {
  return demand.config() !== undefined && demand.order() === 'run';
}
