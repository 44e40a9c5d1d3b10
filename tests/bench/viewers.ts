// Viewers of channel playlists that only read them: how long nothing new was listed, and how long a player would have stood still.

import { Agent, get } from 'node:http';

import { parseMediaPlaylist } from '../../src/playlist/media-playlist.ts';

export interface Viewing {
  readonly id: string;
  /** Longest time without a new segment in the playlist. */
  readonly longestSilenceSeconds: number;
  /** Longest stop of a player that began three segments behind the end and fetches at once what is listed. */
  readonly longestStallSeconds: number;
  readonly segments: number;
  /** Answers other than a playlist, and sequences that went back. */
  readonly errors: number;
}

export interface Viewers {
  /** Counts from now on; every player begins anew. */
  mark(): void;
  read(): readonly Viewing[];
  close(): Promise<void>;
}

const everyMs = 250;
const cushionSegments = 3;

export function watchChannels(base: string, ids: readonly string[]): Viewers {
  const agent = new Agent({ keepAlive: true });
  const viewers = ids.map((id) => createViewer(id));
  let open = true;

  async function follow(viewer: ReturnType<typeof createViewer>, offsetMs: number): Promise<void> {
    await sleep(offsetMs);
    while (open) {
      viewer.take(await fetchText(`${base}/live/${viewer.id}/index.m3u8`, agent), performance.now());
      await sleep(everyMs);
    }
  }

  const following = viewers.map((viewer, index) => follow(viewer, (index * everyMs) / viewers.length));
  return {
    mark: () => viewers.forEach((viewer) => viewer.mark()),
    read: () => viewers.map((viewer) => viewer.read(performance.now())),
    async close() {
      open = false;
      await Promise.all(following);
      agent.destroy();
    },
  };
}

function createViewer(id: string) {
  let head = -1;
  let lastNewAt: number | undefined;
  /** Until then the player has something to show. */
  let playsUntil = 0;
  let counts = { silenceMs: 0, stallMs: 0, segments: 0, errors: 0 };
  return {
    id,
    mark() {
      counts = { silenceMs: 0, stallMs: 0, segments: 0, errors: 0 };
      head = -1;
      lastNewAt = undefined;
    },
    take(text: string | undefined, now: number) {
      const playlist = text === undefined ? undefined : parseMediaPlaylist(text);
      if (playlist === undefined) {
        counts.errors += 1;
        return;
      }
      const newest = playlist.mediaSequence + playlist.segments.length - 1;
      if (newest < head) counts.errors += 1;
      if (newest <= head) return;
      const added = head < 0 ? playlist.segments.slice(-cushionSegments) : playlist.segments.slice(head - newest);
      const addedMs = 1000 * added.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
      if (lastNewAt === undefined) playsUntil = now + addedMs;
      else {
        counts.silenceMs = Math.max(counts.silenceMs, now - lastNewAt);
        counts.stallMs = Math.max(counts.stallMs, now - playsUntil);
        playsUntil = Math.max(now, playsUntil) + addedMs;
        counts.segments += added.length;
      }
      head = newest;
      lastNewAt = now;
    },
    read: (now: number): Viewing => ({
      id,
      longestSilenceSeconds: Math.max(counts.silenceMs, lastNewAt === undefined ? 0 : now - lastNewAt) / 1000,
      longestStallSeconds: Math.max(0, counts.stallMs, lastNewAt === undefined ? 0 : now - playsUntil) / 1000,
      segments: counts.segments,
      errors: counts.errors,
    }),
  };
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((done) => setTimeout(done, delayMs));
}

function fetchText(url: string, agent: Agent): Promise<string | undefined> {
  return new Promise((done) => {
    const request = get(url, { agent, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('error', () => done(undefined));
      response.on('end', () => done(response.statusCode === 200 ? text : undefined));
    });
    request.on('timeout', () => request.destroy()).on('error', () => done(undefined));
  });
}
