// Where a viewer sits: a player in a browser and a suspicious reader of the playlist, on whatever serves the stream `news`.

import type { StreamStatus } from '../../src/core/status.ts';
import type { Player, PlayerHouse } from '../helpers/browser-player.ts';
import { watchPlaylist, type PlaylistWatch } from '../helpers/playlist-watch.ts';
import { sleep } from '../helpers/wait.ts';

export interface Stage {
  readonly player: () => Player;
  readonly watch: () => PlaylistWatch;
  /** Opens the viewers; waits until the picture moves. */
  openViewers(): Promise<void>;
  /** The viewers count from now on. */
  mark(): Promise<void>;
  /** Reloads since the viewers came, whatever was marked in between. */
  reloads(): Promise<number>;
  /** The stream `news`. */
  news(): Promise<StreamStatus>;
  /** Resolves with seconds waited. Throws after the limit. */
  until(what: string, holds: () => Promise<boolean> | boolean, limitSeconds?: number): Promise<number>;
  /** Fails the fault, and lets it go on. */
  expect(holds: boolean, what: string): void;
  note(text: string): void;
  sleep(seconds: number): Promise<void>;
  /** Seconds from now until a segment, or a slate, is listed that the channel did not have. */
  newSegment(limitSeconds?: number): Promise<number>;
  /** Done when the stage is closed, last one first. */
  defer(undo: () => unknown): void;
  readonly notes: readonly string[];
  readonly problems: readonly string[];
  close(): Promise<void>;
}

export function createStage(house: PlayerHouse, news: () => Promise<StreamStatus>): Stage {
  const undos: (() => unknown)[] = [];
  const notes: string[] = [];
  const problems: string[] = [];
  let earlierReloads = 0;
  let player: Player | undefined;
  let watch: PlaylistWatch | undefined;
  const must = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) throw new Error(`no ${what} yet`);
    return value;
  };
  const stage: Stage = {
    notes,
    problems,
    news,
    player: () => must(player, 'player'),
    watch: () => must(watch, 'watch'),
    async openViewers() {
      const { channel } = await news();
      const url = must(channel, 'channel playlist').url.replace('localhost', '127.0.0.1');
      watch = watchPlaylist(url);
      undos.push(() => watch?.close());
      player = await house.open(url);
      undos.push(() => player?.close());
      await stage.until('the picture moves', async () => (await stage.player().report()).playedSeconds > 1, 30);
    },
    async mark() {
      earlierReloads = await stage.reloads();
      await stage.player().mark();
      stage.watch().mark();
    },
    async reloads() {
      const { reloads, mediaRecoveries } = await stage.player().report();
      return earlierReloads + reloads + mediaRecoveries;
    },
    async until(what, holds, limitSeconds = 60) {
      const began = performance.now();
      let last = '';
      for (;;) {
        try {
          if (await holds()) return (performance.now() - began) / 1000;
        } catch (error) {
          last = error instanceof Error ? ` (${error.message})` : '';
        }
        if (performance.now() - began > limitSeconds * 1000) throw new Error(`not within ${limitSeconds} s: ${what}${last}`);
        await sleep(100);
      }
    },
    expect(holds, what) {
      if (!holds) problems.push(what);
    },
    note: (text) => void notes.push(text),
    sleep: (seconds) => sleep(seconds * 1000),
    async newSegment(limitSeconds = 60) {
      const began = performance.now();
      let at: number | undefined;
      await stage.until('a new segment', () => (at = stage.watch().firstSegmentAfter(began)) !== undefined, limitSeconds);
      return ((at ?? began) - began) / 1000;
    },
    defer: (undo) => void undos.push(undo),
    async close() {
      for (const undo of undos.splice(0).toReversed()) {
        try {
          await undo();
        } catch (error) {
          problems.push(`cleaning up: ${String(error)}`);
        }
      }
    },
  };
  return stage;
}
