// One channel playlist: looks at both legs when something is due, writes the file that viewers open, and never lets it vanish.

import type { WantedSounds } from '../core/audio-tracks.ts';
import { channelPlaylistName, type LegName } from '../core/ids.ts';
import type { Endpoints, JobPlan } from '../core/job-plan.ts';
import type { RenditionConfig } from '../core/ladder.ts';
import type { Ports } from '../core/ports.ts';
import type { ChannelStatus, Order } from '../core/status.ts';
import {
  emptyChannel,
  fileName,
  heldNames,
  lastDiscontinuity,
  mediaSequence,
  type ChannelInput,
  type ChannelSettings,
  type ChannelState,
  type LegSegment,
} from '../playlist/channel/channel-state.ts';
import { printChannel, reserveFor, restoreChannel, withEarlyView } from '../playlist/channel/channel-text.ts';
import { nextLookAt, quietUntil } from '../playlist/channel/step-channel.ts';
import { slateAfterMs } from '../playlist/channel/slate-policy.ts';
import type { BridgeView } from './bridge/crossing.ts';
import { channelEventDraft, vanishedDraft } from './channel-events.ts';
import { channelSettings, times } from './channel-settings.ts';
import { createShelf } from './channel-shelf.ts';
import { sound, type Heard } from './codec-guard.ts';
import { guardChannel } from './damage-guard.ts';
import type { LegWatch } from './leg-watch.ts';
import type { Demand } from './on-demand/demand-unit.ts';
import { sureStep } from './sure-step.ts';
import type { Surroundings } from './surroundings.ts';

export interface ChannelUnit {
  readonly id: string;
  /** Something may be new: worth a tick before the next round. */
  readonly isDue: () => boolean;
  /** One look, and the playlist written if anything changed. */
  tick(): Promise<void>;
  readonly status: () => ChannelStatus;
  /** URI of its newest entry. */
  readonly newest: () => string | undefined;
  /** Names of segments that are listed, or left the playlist and must stay for a while. */
  readonly keptNames: () => readonly string[];
  /** What viewers should get now; undefined while there is nothing to play. */
  readonly text: () => string | undefined;
  /** Keeps the file from nginx, which then asks us for each viewer; the channel goes on. */
  setAside(isAside: boolean): Promise<void>;
  /** Nobody watches: the file goes, and what comes later starts without the old entries; the numbers go on. */
  rest(): Promise<void>;
}

/** What a channel asks of its stream; a stand-in answers before the list is read (early-channels.ts). */
export interface ChannelSubject extends Partial<Heard> {
  readonly id: string;
  readonly legs: Readonly<Record<LegName, LegWatch>>;
  readonly demand?: Pick<Demand, 'firstWaitMs' | 'isIdle'>;
  readonly process: { readonly alive: () => unknown; readonly lifecycle: () => { readonly order: Order } };
  /** Keeps what is there, and knows no more of it than the names. */
  readonly isStandIn?: true;
  readonly plan?: () => (Pick<JobPlan, 'rungs' | 'sounds' | 'subtitles'> & Partial<Pick<JobPlan, 'video'>>) | undefined;
  readonly stream: () => {
    readonly renditions?: readonly RenditionConfig[];
    readonly output: Pick<ChannelSettings, 'segmentSeconds' | 'windowSegments'> & {
      readonly cushionSeconds?: number | undefined;
      readonly subtitles?: unknown;
      readonly audioTracks?: WantedSounds;
    };
    readonly restart: { readonly stallAfterMs?: number | undefined };
  };
}

/** And of the house. */
export type ChannelSurroundings = Pick<
  Surroundings,
  'checkSegment' | 'events' | 'going' | 'segmentSeconds' | 'slate' | 'ensureHlsDirectory'
> & {
  readonly ports: Pick<Ports, 'clock' | 'files'>;
  readonly endpoints: Pick<Endpoints, 'hlsDirectory' | 'publicLiveUrl'>;
  readonly stores: Pick<Surroundings['stores'], 'channels'>;
};

/** nginx's cleaner removes playlists that were not written for ten minutes or longer. */
const rewriteAfterMs = 60_000;
const checkFilesEveryMs = 10_000;
/** A playlist that somebody deleted is missed within this and a fifth of a second. */
const seeEveryMs = 500;
const justNowMs = 50;
/** A failing disk is reported so often, not with every segment. */
const complainEveryMs = 60_000;

/** Both legs' playlists as they are. */
type Texts = Readonly<Record<LegName, string | undefined>>;

export function createChannelUnit(options: {
  readonly unit: ChannelSubject;
  readonly surroundings: ChannelSurroundings;
  readonly note: (message: string) => void;
  /** Stands in for the backup leg while the job is restarted. */
  readonly bridge: () => BridgeView | undefined;
  /** There is news for those who wait. */
  readonly onText?: (id: string) => void;
}): ChannelUnit {
  const { unit, surroundings } = options;
  const { endpoints, stores, events } = surroundings;
  const { clock, files } = surroundings.ports;
  const { id } = unit;
  const path = `${endpoints.hlsDirectory}/${id}/${channelPlaylistName}`;
  const url = `${endpoints.publicLiveUrl}/${id}/${channelPlaylistName}`;
  const shelf = createShelf(unit, surroundings, (message) => complain(message));
  const damage = guardChannel(unit, surroundings);
  let state: ChannelState | undefined;
  let isOrdered = false;
  let dueAt = 0;
  /** Until then, and as long as the primary leg says the same, there is nothing to decide. */
  let quiet: { readonly untilAt: number; readonly primary: string | undefined } | undefined;
  let seenThereAt = -Infinity;
  let written = { text: '', at: -Infinity, isPlayable: false };
  let missing: ReadonlySet<string> = new Set();
  let checkedAt = -Infinity;
  let complainedAt = -Infinity;
  let isAside = false;
  let isRested = false;

  const settings = (): ChannelSettings => channelSettings(unit, surroundings.segmentSeconds());

  async function restore(): Promise<ChannelState> {
    const input = { id: shelf.entryId(), reserve: stores.channels.get(id), settings: settings(), ...times(clock) };
    const restored = restoreChannel({ ...input, ...(await shelf.restore()) });
    // After a reboot the folder may be empty, or hold the playlist and not its segments: nobody could play that.
    return (await hasNewest(restored)) ? restored : startAgain(restored);
  }

  async function hasNewest({ entries }: ChannelState): Promise<boolean> {
    const newest = entries.at(-1);
    return newest === undefined || shelf.has(newest.uri);
  }

  /** A list without its old segments; the numbers go on. */
  function startAgain(old: ChannelState): ChannelState {
    const { nextSequence, targetDurationSeconds } = old;
    const numbers = { nextSequence, targetDurationSeconds, begun: true, discontinuitySequence: lastDiscontinuity(old) };
    return { ...emptyChannel(numbers, clock.monotonic()), departed: old.departed };
  }

  async function present(): Promise<ChannelState> {
    const known = state ?? (await restore());
    if (isOrdered) return known;
    isOrdered = true;
    const fit = !isRested && (await hasNewest(known)) ? known : startAgain(known);
    if (isRested) written = { text: '', at: -Infinity, isPlayable: false };
    isRested = false;
    // Silence counts from the order: the time for which it was stopped was not silent but wanted.
    return state === undefined && unit.process.alive() !== undefined ? fit : { ...fit, silentSinceAt: clock.monotonic(), slate: undefined };
  }

  async function findMissing(of: ChannelState): Promise<void> {
    checkedAt = clock.monotonic();
    const gone = new Set<string>();
    for (const { uri } of of.entries) if (!gone.has(fileName(uri)) && !(await shelf.has(uri))) gone.add(fileName(uri));
    const news = [...gone].filter((name) => !missing.has(name));
    missing = gone;
    if (news.length > 0) events.record(vanishedDraft(id, news));
  }

  async function tick(): Promise<void> {
    if (unit.process.lifecycle().order !== 'run') {
      isOrdered = false;
      dueAt = Infinity;
      return;
    }
    const began = clock.monotonic();
    await look(began);
    const texts = { primary: unit.legs.primary.view().text, backup: unit.legs.backup.view().text };
    const isThere = await isStillThere(began);
    const isWritten = isThere && began - written.at < rewriteAfterMs;
    const bridge = options.bridge();
    const isQuiet = isCalm(began) && texts.primary === quiet?.primary;
    if (bridge === undefined && isWritten && began - checkedAt < checkFilesEveryMs && isQuiet) return;

    const before = await present();
    if (before.entries.length > 0 && (!isThere || began - checkedAt > checkFilesEveryMs)) await findMissing(before);
    const at = times(clock);
    const backup = bridge === undefined ? read('backup', texts, at) : bridge.read(at.now, at.wallMs);
    const primary = sound(await read('primary', texts, at), unit.spoilt?.());
    const legs = { primary: damage.fit('primary', primary), backup: damage.fit('backup', sound(await backup, unit.spoilt?.())) };
    const onBridge = bridge === undefined ? {} : { bridge: bridge.mode };
    const input: ChannelInput = { ...at, settings: settings(), legs, slate: shelf.slate(), missing, ...onBridge };
    const step = await sureStep(before, input, shelf.isStaying, (next) => void (state = next));
    state = step.state;
    dueAt = nextLookAt(state, input);
    quiet = { primary: texts.primary, untilAt: quietUntil(state, input) };
    for (const event of step.events) events.record(channelEventDraft(id, event));
    if (isWritten && state === before) return;
    reserve(state, input.settings);
    await publish(printChannel(state, input.settings), isThere, state, input.settings);
  }

  /** The unit's own look a moment ago will do; between rounds the backup is of interest only when the primary is late. */
  async function look(now: number): Promise<void> {
    const { primary, backup } = unit.legs;
    try {
      for (const leg of isCalm(now) ? [primary] : [primary, backup]) if (now - leg.view().lookedAt >= justNowMs) await leg.look();
      // Before anything is listed it must be known what its job said of it.
      if (!isCalm(now) || primary.view().text !== quiet?.primary) await unit.output?.hear();
    } catch (error) {
      complain(`cannot look at the legs: ${String(error)}`);
    }
  }

  function isCalm(now: number): boolean {
    return isOrdered && quiet !== undefined && now < quiet.untilAt && !damage.isWaiting();
  }

  async function isStillThere(now: number): Promise<boolean> {
    if (isAside || now - seenThereAt < seeEveryMs) return true;
    const isThere = await shelf.isThere();
    if (isThere) seenThereAt = now;
    return isThere;
  }

  function read(leg: LegName, texts: Texts, { now, wallMs }: ReturnType<typeof times>): Promise<readonly LegSegment[]> {
    return shelf.read(leg, texts[leg], now, wallMs);
  }

  function reserve(of: ChannelState, settings: ChannelSettings): void {
    const before = stores.channels.get(id);
    const needed = reserveFor(of, lastDiscontinuity(of), settings.segmentSeconds, before);
    const next = withEarlyView(needed, before, { ...settings, hlsDirectory: endpoints.hlsDirectory, ...shelf.early() });
    if (next !== before) stores.channels.set(id, next);
  }

  async function publish(text: string, isThere: boolean, of: ChannelState, as: ChannelSettings): Promise<void> {
    if (isThere && text === written.text && clock.monotonic() - written.at < rewriteAfterMs) return;
    try {
      await shelf.publish(text, of, as, isAside);
      // Set aside meanwhile: nobody may find it.
      if (areWeAside()) await files.remove(path);
      tell(text, of.entries.length > 0);
    } catch (error) {
      complain(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  function tell(text: string, isPlayable: boolean): void {
    written = { text, at: clock.monotonic(), isPlayable };
    options.onText?.(id);
  }

  const areWeAside = (): boolean => isAside;

  function complain(message: string): void {
    if (clock.monotonic() - complainedAt < complainEveryMs) return;
    complainedAt = clock.monotonic();
    options.note(message);
  }

  function status(): ChannelStatus {
    const age = state?.addedAt === undefined || unit.demand?.isIdle() === true ? undefined : clock.monotonic() - state.addedAt;
    const lostSounds = shelf.lostSounds();
    const numbers = {
      ageSeconds: age === undefined ? null : Math.round(age / 100) / 10,
      mediaSequence: state === undefined ? null : mediaSequence(state),
      discontinuitySequence: state?.discontinuitySequence ?? null,
      url,
      ...(lostSounds.length === 0 ? {} : { lostSounds }),
    };
    if (state === undefined || unit.process.lifecycle().order !== 'run') return { state: 'none', leg: null, ...numbers };
    if (state.slate !== undefined) return { state: 'slate', leg: null, ...numbers };
    const input = { now: clock.monotonic(), settings: settings(), legs: { primary: [], backup: [] } };
    const bound = Math.max(slateAfterMs(state, input), 3000 * state.targetDurationSeconds);
    const isLive = state.addedAt !== undefined && input.now - state.silentSinceAt <= bound;
    return isLive ? { state: 'live', leg: state.following ?? null, ...numbers } : { state: 'holding', leg: null, ...numbers };
  }

  return {
    id,
    isDue: () => clock.monotonic() >= dueAt || damage.isWaiting() || options.bridge() !== undefined,
    tick,
    status,
    newest: () => state?.entries.at(-1)?.uri,
    text: () => (isOrdered && !isRested && written.isPlayable ? shelf.viewText(written.text) : undefined),
    async setAside(aside) {
      if (aside === isAside) return;
      isAside = aside;
      if (isAside) await files.remove(path);
      // Written again with the next pulse, by the one writer that it has.
      else Object.assign(written, { at: -Infinity });
      seenThereAt = -Infinity;
      dueAt = -Infinity;
    },
    async rest() {
      isRested = isAside = true;
      isOrdered = false;
      await files.remove(path);
      await shelf.rest();
    },
    keptNames: () => heldNames(state, isOrdered, clock.monotonic()).flatMap((name) => shelf.namesOf(name)),
  };
}
