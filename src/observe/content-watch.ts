// When what samples show counts: k of n over a time, so that a fade to black or a pause for breath is no news. Pure.

import type { ContentChecks } from '../core/config.ts';
import type { ContentSample } from './content-sample.ts';

export const contentKinds = ['black', 'frozen', 'silent', 'no-video', 'no-audio'] as const;
export type ContentKind = (typeof contentKinds)[number];

export interface ContentWatch {
  /** Takes a sample in; `now` is monotonic. What began and what is over. */
  take(sample: ContentSample, checks: ContentChecks, expects: Expected, now: number): readonly ContentChange[];
  /** What is wrong now, in plain words. */
  readonly reasons: (now: number) => readonly string[];
  /** The last sample raised a suspicion that is not settled: look again soon. */
  readonly isUnsettled: () => boolean;
  /** Tracks that were ever there since the last `reset`. */
  reset(): void;
}

/** The tracks that the job carries as far as its plan knows. */
export interface Expected {
  readonly video: boolean;
  readonly audio: boolean;
}

export interface ContentChange {
  readonly kind: ContentKind;
  readonly isOver: boolean;
  readonly seconds: number;
  readonly message: string;
}

const words: Readonly<Record<ContentKind, string>> = {
  black: 'the picture is black',
  frozen: 'the picture stands still',
  silent: 'there is no sound, only silence',
  'no-video': 'the picture is missing',
  'no-audio': 'the sound is missing',
};

/** Of the samples within the time, so many at least, and this part of them, must show it. */
const leastPositive = 3;
const positiveShare = 0.75;
/** So many samples in a row without it end it. */
const cleanToEnd = 2;
const mostRemembered = 60;

interface Track {
  seen: { readonly at: number; readonly bad: boolean }[];
  since: number | undefined;
}

export function createContentWatch(): ContentWatch {
  const tracks = new Map<ContentKind, Track>(contentKinds.map((kind) => [kind, { seen: [], since: undefined }]));
  let everVideo = false;
  let everAudio = false;

  function judge(kind: ContentKind, bad: boolean | undefined, afterMs: number | null, now: number): ContentChange | undefined {
    const track = tracks.get(kind);
    if (track === undefined) return undefined;
    if (afterMs === null) {
      track.seen = [];
      return end(kind, track, now);
    }
    if (bad === undefined) return undefined;
    track.seen = [...track.seen, { at: now, bad }].slice(-mostRemembered);
    const last = track.seen.slice(-cleanToEnd);
    if (track.since !== undefined) {
      return last.length === cleanToEnd && last.every((look) => !look.bad) ? end(kind, track, now) : undefined;
    }
    const window = inWindow(track.seen, now - afterMs);
    const positives = window.filter((look) => look.bad);
    const [first] = positives;
    if (first === undefined || !bad || positives.length < leastPositive || positives.length / window.length < positiveShare)
      return undefined;
    if (now - first.at < afterMs) return undefined;
    track.since = first.at;
    return { kind, isOver: false, seconds: Math.round((now - first.at) / 1000), message: say(kind, first.at, now) };
  }

  function end(kind: ContentKind, track: Track, now: number): ContentChange | undefined {
    if (track.since === undefined) return undefined;
    const seconds = Math.round((now - track.since) / 1000);
    track.since = undefined;
    track.seen = [];
    return { kind, isOver: true, seconds, message: `over after ${seconds} s: ${words[kind]}` };
  }

  const say = (kind: ContentKind, since: number, now: number): string => `${words[kind]} for ${Math.round((now - since) / 1000)} s`;

  return {
    take(sample, checks, expects, now) {
      everVideo ||= sample.hasVideo;
      everAudio ||= sample.hasAudio;
      const looks: readonly (readonly [ContentKind, boolean | undefined, number | null])[] = [
        ['black', sample.isBlack, checks.blackAfterMs],
        ['frozen', sample.isFrozen, checks.frozenAfterMs],
        ['silent', sample.isSilent, checks.silentAfterMs],
        // Radio has no picture, and a test card may have no sound: only what was there, or is planned, can be missing.
        ['no-video', !sample.hasVideo && (expects.video || everVideo), checks.missingAfterMs],
        ['no-audio', !sample.hasAudio && (expects.audio || everAudio), checks.missingAfterMs],
      ];
      return looks.flatMap(([kind, bad, afterMs]) => judge(kind, bad, afterMs, now) ?? []);
    },
    reasons: (now) => [...tracks].flatMap(([kind, { since }]) => (since === undefined ? [] : say(kind, since, now))),
    isUnsettled: () =>
      [...tracks.values()].some(({ seen, since }) => {
        const last = seen.at(-1);
        return last !== undefined && last.bad !== (since !== undefined);
      }),
    reset() {
      everVideo = false;
      everAudio = false;
      for (const track of tracks.values()) {
        track.seen = [];
        track.since = undefined;
      }
    },
  };
}

/** The samples since a time, and the one before it: it shows how things were when the time began. */
function inWindow<T extends { readonly at: number }>(seen: readonly T[], from: number): readonly T[] {
  const first = seen.findIndex((look) => look.at >= from);
  return first === -1 ? seen.slice(-1) : seen.slice(Math.max(0, first - 1));
}
