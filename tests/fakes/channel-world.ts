// Two legs, a slate and a clock for a channel playlist: faults at will, and a record of everything a viewer was ever told.

import type { LegName } from '../../src/core/ids.ts';
import type { SlateClip } from '../../src/core/slate.ts';
import {
  fileName,
  lastDiscontinuity,
  mediaSequence,
  type ChannelEvent,
  type ChannelSettings,
  type ChannelState,
  type LegSegment,
} from '../../src/playlist/channel/channel-state.ts';
import { printChannel, reserveFor, restoreChannel, type ChannelReserve } from '../../src/playlist/channel/channel-text.ts';
import { stepChannel } from '../../src/playlist/channel/step-channel.ts';
import { compareReadings } from '../../src/playlist/validate/reload.ts';
import { takeSnapshot } from '../../src/playlist/validate/snapshot.ts';
import type { ReadPlaylist } from '../../src/playlist/validate/strict-reader.ts';

export interface ListedOnce {
  readonly uri: string;
  readonly durationSeconds: number;
  readonly dateMs: number;
  /** Absolute number of its continuous piece. */
  readonly piece: number;
}

export interface WorldOptions {
  readonly settings?: Partial<ChannelSettings>;
  readonly slate?: SlateClip;
}

export interface ChannelWorld {
  readonly settings: ChannelSettings;
  readonly legs: Record<LegName, LegSegment[]>;
  readonly state: () => ChannelState;
  readonly events: ChannelEvent[];
  /** Everything that was ever listed, by media sequence. */
  readonly history: ReadonlyMap<number, ListedOnce>;
  /** What RFC 8216 or the record says against it. */
  readonly complaints: string[];
  readonly missing: Set<string>;
  slate: SlateClip | undefined;
  bridge: 'away' | 'back' | undefined;
  now: number;
  wallMs: number;
  /** A new segment that ends now. */
  segment(leg: LegName, more?: { seconds?: number; discontinuity?: boolean }): string;
  /** The writer began anew: it says so with its next segment. */
  readonly begunAnew: Set<LegName>;
  /** Time passes, with a look five times a second. */
  pass(ms: number): void;
  look(): void;
  /** A new supervisor: from the playlist that is there, or from the reserve alone. */
  restart(keep: 'playlist' | 'reserve' | 'nothing'): void;
  listed(): readonly { readonly uri: string; readonly discontinuity: boolean }[];
}

export const clip = (...seconds: readonly number[]): SlateClip => ({
  segments: seconds.map((durationSeconds, index) => ({ uri: `slate-ab12-${index}.ts`, durationSeconds })),
});

const legWindow = 10;

export function createChannelWorld(options: WorldOptions = {}): ChannelWorld {
  const settings: ChannelSettings = {
    segmentSeconds: 2,
    windowSegments: 10,
    cushionSeconds: undefined,
    stallAfterMs: undefined,
    ...options.settings,
  };
  const history = new Map<number, ListedOnce>();
  const numberOf = new Map<string, number>();
  const numbers = { primary: 0, backup: 0 };
  let reserve: ChannelReserve | undefined;
  let last: ReadPlaylist | undefined;
  let text: string | undefined;
  let writtenMs = 0;
  /** The list began anew, as after a reboot: then it may be short. */
  let isNewList = true;

  const world: ChannelWorld = {
    settings,
    legs: { primary: [], backup: [] },
    state: () => state,
    events: [],
    history,
    complaints: [],
    missing: new Set(),
    begunAnew: new Set(),
    slate: options.slate,
    bridge: undefined,
    now: 1_000_000,
    wallMs: Date.UTC(2026, 0, 1),
    segment(leg, more = {}) {
      numbers[leg] += 1;
      const uri = leg === 'primary' ? `news-${1_700_000_000_000 + numbers.primary}.ts` : `stream_news_${numbers.backup}.ts`;
      const added = {
        uri,
        durationSeconds: more.seconds ?? 2,
        discontinuity: world.begunAnew.delete(leg) || (more.discontinuity ?? false),
        endedAt: world.now,
      };
      world.legs[leg] = [...world.legs[leg].slice(1 - legWindow), added];
      return uri;
    },
    pass(ms) {
      for (let left = ms; left > 0; left -= 200) {
        world.now += Math.min(200, left);
        world.wallMs += Math.min(200, left);
        world.look();
      }
    },
    look() {
      const step = stepChannel(state, {
        now: world.now,
        wallMs: world.wallMs,
        settings,
        legs: world.legs,
        slate: world.slate,
        missing: world.missing,
        ...(world.bridge === undefined ? {} : { bridge: world.bridge }),
      });
      state = step.state;
      world.events.push(...step.events);
      reserve = reserveFor(state, lastDiscontinuity(state), settings.segmentSeconds, reserve);
      publish(printChannel(state, settings));
    },
    restart(keep) {
      if (keep !== 'playlist') {
        text = undefined;
        isNewList = true;
      }
      if (keep === 'nothing') {
        reserve = undefined;
        last = undefined;
      }
      state = restored();
    },
    listed: () => state.entries.map(({ uri, discontinuity }) => ({ uri, discontinuity })),
  };

  function restored(): ChannelState {
    return restoreChannel({ id: 'news', text, writtenMs, reserve, settings, now: world.now, wallMs: world.wallMs });
  }

  function publish(next: string): void {
    if (next === text) return;
    text = next;
    writtenMs = world.wallMs;
    const { playlist, findings } = takeSnapshot(next, { producer: 'channel' });
    const found = [...findings, ...(last === undefined || playlist === undefined ? [] : compareReadings(last, playlist, 'channel'))];
    for (const { rule, message } of found) {
      if (rule === 'target-duration-changed' && (playlist?.targetDurationSeconds ?? 0) > (last?.targetDurationSeconds ?? 0)) continue;
      if (['segments-missed', 'no-segments', 'too-short'].includes(rule)) continue;
      if (rule === 'removed-too-early' && isNewList) continue;
      world.complaints.push(`${rule}: ${message}`);
    }
    if (playlist === undefined) world.complaints.push('unreadable');
    else record(playlist);
  }

  function record(playlist: ReadPlaylist): void {
    const whole = playlist.segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
    if (whole >= 3 * (playlist.targetDurationSeconds ?? 0)) isNewList = false;
    last = playlist;
    let piece = playlist.discontinuitySequence ?? 0;
    playlist.segments.forEach((segment, index) => {
      if (segment.discontinuity) piece += 1;
      const number = mediaSequence(state) + index;
      const now: ListedOnce = { uri: segment.uri, durationSeconds: segment.durationSeconds, dateMs: segment.dateMs ?? Number.NaN, piece };
      const before = history.get(number);
      if (before !== undefined && JSON.stringify(before) !== JSON.stringify(now)) {
        world.complaints.push(`segment ${number} was ${JSON.stringify(before)} and is now ${JSON.stringify(now)}`);
      }
      const earlier = numberOf.get(segment.uri);
      if (earlier !== undefined && earlier !== number) world.complaints.push(`${segment.uri} was ${earlier} and is now ${number}`);
      numberOf.set(segment.uri, number);
      history.set(number, now);
      if (world.missing.has(fileName(segment.uri)) && before === undefined) world.complaints.push(`${segment.uri} is listed and not there`);
    });
  }

  let state = restored();
  return world;
}
