// Watches one leg's playlist by content: a leg is alive when a new segment appears, whatever its modification time says.

import { legPlaylistName, type LegName } from '../core/ids.ts';
import { AppError } from '../core/errors.ts';
import type { Ports } from '../core/ports.ts';
import { createLadderWatch, type WatchedRung } from './ladder-watch.ts';
import type { LogSink } from '../observe/log-sink.ts';
import { legHead } from '../playlist/leg-head.ts';

export interface LegView {
  readonly head:
    | { readonly mediaSequence: number; readonly segments: number; readonly lastUri: string; readonly targetDurationSeconds: number }
    | undefined;
  /** Monotonic time of the last new segment; undefined when none was ever seen. */
  readonly changedAt: number | undefined;
  readonly bitrateBps: number | undefined;
  /** The whole playlist as it is now; undefined when there is none, or none with segments. */
  readonly text: string | undefined;
  /** Monotonic time of the last look. */
  readonly lookedAt: number;
}

export interface LegWatch {
  readonly leg: LegName;
  readonly view: () => LegView;
  /** One for each rung of a ladder; for any other stream itself. */
  readonly parts: () => readonly { readonly id: string; readonly view: LegView }[];
  /** Looks at the playlist once. True when a new segment has appeared since the last look. */
  look(): Promise<boolean>;
}

/** `rungs`: while the stream has renditions. */
export function createLegWatches(
  ports: Pick<Ports, 'files' | 'clock'>,
  directory: string,
  id: string,
  rungs: () => readonly WatchedRung[] | undefined = () => undefined,
): Readonly<Record<LegName, LegWatch>> {
  const single = (of: string, leg: LegName): LegWatch =>
    createLegWatch(ports, leg, directory, `${directory}/${legPlaylistName(of, leg)}`, of);
  const watch = (leg: LegName): LegWatch => createLadderWatch(leg, single(id, leg), rungs, (rung) => single(rung, leg));
  return { primary: watch('primary'), backup: watch('backup') };
}

export function createLegWatch(
  ports: Pick<Ports, 'files' | 'clock'>,
  leg: LegName,
  directory: string,
  playlistPath: string,
  id = '',
): LegWatch {
  let view: LegView = { head: undefined, changedAt: undefined, bitrateBps: undefined, text: undefined, lookedAt: -Infinity };
  let lastUri = '';
  let seenMtimeMs = -1;
  let seenSize = -1;

  async function look(): Promise<boolean> {
    view = { ...view, lookedAt: ports.clock.monotonic() };
    const stat = await ports.files.stat(playlistPath);
    if (stat === undefined) {
      // The time of the last segment stays: an age that grows tells more than none.
      view = { ...view, head: undefined, text: undefined };
      seenMtimeMs = -1;
      return false;
    }
    if (stat.mtimeMs === seenMtimeMs && stat.size === seenSize) return false;
    const text = await ports.files.readText(playlistPath);
    const head = text === undefined ? undefined : legHead(text);
    const first = seenMtimeMs === -1 && view.changedAt === undefined;
    seenMtimeMs = stat.mtimeMs;
    seenSize = stat.size;
    if (head === undefined) {
      view = { ...view, head: undefined, text: undefined };
      return false;
    }
    if (lastUri === head.lastUri) {
      view = { ...view, head, text };
      return false;
    }
    // On the first look the file may be old: its age comes from the clock on the wall.
    const age = first ? Math.max(0, ports.clock.now() - stat.mtimeMs) : 0;
    lastUri = head.lastUri;
    view = {
      ...view,
      text,
      head,
      changedAt: ports.clock.monotonic() - age,
      bitrateBps: await bitrate(head.lastUri, head.lastDurationSeconds),
    };
    return true;
  }

  async function bitrate(uri: string, seconds: number): Promise<number | undefined> {
    if (seconds <= 0 || uri.includes('/')) return undefined;
    const stat = await ports.files.stat(`${directory}/${uri}`);
    return stat === undefined ? undefined : Math.round((stat.size * 8) / seconds);
  }

  return { leg, view: () => view, parts: () => [{ id, view }], look };
}

/** For a look that failed: undefined when that lies with us (no descriptor or memory left, a disk that cannot be read). */
export function notSeen(log: Pick<LogSink, 'note'>): (error: unknown) => false | undefined {
  return (error) => {
    log.note('warning', `cannot look at the legs: ${String(error)}`);
    const isOurs = error instanceof AppError && (error.code === 'too-many-files' || /\((?:EIO|ENOMEM|EAGAIN)\)$/.test(error.message));
    return isOurs ? undefined : false;
  };
}
