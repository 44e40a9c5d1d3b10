// The channel playlist with real ffmpeg and nginx while everything around it breaks: what a viewer polls never goes back.

import { rmSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import type { ChannelStatus } from '../../src/core/status.ts';
import { startFaultyOrigin, type FaultyOrigin } from '../helpers/faulty-origin.ts';
import { startFreezeProxy, type FreezeProxy } from '../helpers/freeze-proxy.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { watchPlaylist, type Entry, type PlaylistWatch } from '../helpers/playlist-watch.ts';
import { createStack, eventually, isRunning, kill, type TestStack } from '../helpers/stack.ts';

/** Hangs only: what is measured is asserted as a bound far above what was seen. */
const patienceSeconds = 60;

let stack: TestStack;
let origin: FaultyOrigin;
let proxy: FreezeProxy | undefined;
let watch: PlaylistWatch;

afterEach(async () => {
  await watch?.close();
  await stack?.close();
  await proxy?.close();
  await origin?.close();
  proxy = undefined;
});

async function playing(more = ''): Promise<void> {
  origin = await startFaultyOrigin();
  let rtmpPort = 0;
  stack = await createStack({
    streams: `  - id: news\n    source: ${origin.ts('a')}${more}`,
    server: () => (rtmpPort === 0 ? '' : `  rtmpUrl: rtmp://127.0.0.1:${rtmpPort}/live`),
  });
  proxy = await startFreezeProxy(stack.ports.rtmp);
  rtmpPort = proxy.port;
  stack.list(`  - id: news\n    source: ${origin.ts('a')}${more}`);
  const ran = await stack.iptv('start', 'news', '--wait', '--timeout', '60s');
  expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 /);
  watch = watchPlaylist(`${stack.url}/live/news/index.m3u8`);
  await eventually('both legs move', async () => {
    const { legs } = await stack.stream('news');
    return legs.primary.state === 'fresh' && legs.backup.state === 'fresh' && legs.primary.segments >= 3;
  });
}

const channel = async (): Promise<ChannelStatus | undefined> => (await stack.stream('news')).channel;
const isLeg =
  (leg: 'primary' | 'backup') =>
  ({ uri }: Entry): boolean =>
    uri.startsWith(leg === 'backup' ? 'stream_news_' : 'news-');
const isLive = (entry: Entry): boolean => !entry.uri.startsWith('slate-');

/** Seconds until a viewer is told of a new segment. */
async function newSegment(what: string, accept = isLive): Promise<number> {
  const began = performance.now();
  const at = await eventually(what, () => watch.firstSegmentAfter(began, accept), 1000 * patienceSeconds);
  return (at - began) / 1000;
}

function expectSound(): void {
  const { breaches, lostSegments } = watch.report();
  expect({ breaches, lostSegments }).toEqual({ breaches: [], lostSegments: [] });
}

async function nextJobPlays(before: number): Promise<void> {
  await eventually('the next job feeds both legs', async () => {
    const { pid, state, legs } = await stack.stream('news');
    return pid !== null && pid !== before && state === 'running' && legs.primary.state === 'fresh';
  });
}

async function job(): Promise<number> {
  return eventually('a job runs', () => stack.jobs('news').at(0));
}

describe.skipIf(!hasNginxRtmp)('the channel playlist', () => {
  it(
    'goes on over a killed job, a dead primary leg, a killed nginx and a killed supervisor, as one list',
    { timeout: 480_000 },
    async () => {
      await playing();
      // It begins with whichever leg was there first.
      const live = await eventually('it plays the primary leg', async () => {
        const seen = await channel();
        return seen?.state === 'live' && seen.leg === 'primary' && seen;
      });
      expect(live.url).toBe(`http://localhost:${stack.ports.http}/live/news/index.m3u8`);

      const killed = await job();
      kill(killed);
      await newSegment('a segment after the job was killed');
      await nextJobPlays(killed);

      const { origin: nginx, supervisor } = await stack.status();
      if (nginx.pid === null) throw new Error('no nginx');
      kill(-nginx.pid);
      await newSegment('a segment after nginx was killed');

      const before = await job();
      kill(supervisor.pid);
      await eventually('the supervisor is gone', () => !isRunning(supervisor.pid));
      expect((await stack.iptv('up')).code).toBe(0);
      await newSegment('a segment after the supervisor was killed');
      expect((await stack.stream('news')).pid).toBe(before);

      await newSegment('a segment of the primary leg', isLeg('primary'));
      proxy?.freeze();
      await newSegment('a segment of the backup leg', isLeg('backup'));
      expect(await channel()).toMatchObject({ state: 'live', leg: 'backup' });
      // Only new connections get through.
      kill(before);
      await nextJobPlays(before);
      await newSegment('the primary leg again', isLeg('primary'));

      expectSound();
      expect(watch.report().badStatuses).toEqual({});
      expect(watch.report().longestGapSeconds).toBeLessThan(patienceSeconds);
    },
  );

  it('comes back by itself when the whole HLS folder is deleted', { timeout: 360_000 }, async () => {
    await playing();
    const before = watch.report().lastSequence;
    for (const name of readdirSync(stack.hls)) rmSync(join(stack.hls, name), { recursive: true, force: true });
    await newSegment('a segment after the folder was emptied');
    rmSync(stack.hls, { recursive: true, force: true });
    await newSegment('a segment after the folder was deleted');
    await eventually('only what is there is listed', () => watch.listed().every((uri) => readdirSync(stack.hls).includes(uri)));
    expect(watch.report().breaches).toEqual([]);
    expect(watch.report().lastSequence).toBeGreaterThan(before);
    expect((await stack.iptv('events', '--json')).stdout).toContain('segments-vanished');
  });

  it('shows the slate while the source is silent, and the live picture by itself', { timeout: 360_000 }, async () => {
    await playing('\n    restart: {minDelay: 200ms, maxDelay: 1s}');
    await eventually('the slate is made', () => readdirSync(join(stack.hls, 'news')).some((name) => name.startsWith('slate-')));
    await origin.behave('a', { answer: 'silent', open: 'silence' });
    await newSegment('a slate', (entry) => !isLive(entry));
    await newSegment('one more slate', (entry) => !isLive(entry));
    expect((await channel())?.state).toBe('slate');
    expect((await stack.iptv('status', 'news')).code).not.toBe(0);
    await origin.behave('a', { answer: 'live' });
    await newSegment('the live picture');
    await eventually('it is live', async () => (await channel())?.state === 'live');
    expectSound();
    expect(watch.report().badStatuses).toEqual({});
  });

  it('continues its numbers over stop and start, and over the loss of the folder while nothing ran', { timeout: 360_000 }, async () => {
    await playing();
    expect((await stack.iptv('stop', 'news')).code).toBe(0);
    const { lastSequence, discontinuity } = watch.report();
    expect((await stack.iptv('start', 'news', '--wait', '--timeout', '60s')).code).toBe(0);
    await eventually('a later segment', () => watch.report().lastSequence > lastSequence);
    expectSound();
    await watch.close();
    const used = watch.report();
    expect((await stack.iptv('down')).code).toBe(0);
    rmSync(stack.hls, { recursive: true, force: true });
    expect((await stack.iptv('start', 'news', '--wait', '--timeout', '60s')).code).toBe(0);
    watch = watchPlaylist(`${stack.url}/live/news/index.m3u8`);
    await eventually('it plays', () => watch.listed().length > 0);
    expect(watch.report().lastSequence).toBeGreaterThan(used.lastSequence);
    expect(watch.report().discontinuity).toBeGreaterThan(discontinuity);
  });
});
