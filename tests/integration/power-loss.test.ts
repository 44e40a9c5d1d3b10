// A power cut and what a boot runs: the channel goes on above its numbers, with the orders that were given, and nobody is told 404.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { startFaultyOrigin, type FaultyOrigin } from '../helpers/faulty-origin.ts';
import { watchPlaylist, type PlaylistWatch } from '../helpers/playlist-watch.ts';
import { cutPower, isInevitable } from '../helpers/power-loss.ts';
import { createStack, eventually, type TestStack } from '../helpers/stack.ts';

const minuteMs = 60_000;
let origin: FaultyOrigin;
let stack: TestStack;
let watch: PlaylistWatch;

beforeAll(async () => {
  origin = await startFaultyOrigin();
  stack = await createStack({ streams: `  - id: news\n    source: ${origin.ts('a')}\n  - id: sport\n    source: ${origin.ts('b')}` });
  const started = await stack.iptv('start', 'news', '--wait', '--timeout', '60s');
  expect([started.code, started.stderr]).toEqual([0, expect.any(String)]);
  watch = watchPlaylist(`${stack.url}/live/news/index.m3u8`);
}, 2 * minuteMs);

afterAll(async () => {
  await watch?.close();
  await stack?.close();
  await origin?.close();
}, minuteMs);

const livePrefix = /^(?:news-|stream_news_)/;

it('after a power cut the channel plays again with numbers above all before', { timeout: 3 * minuteMs }, async () => {
  await eventually('the channel moves', () => watch.report().newSegments >= 3);
  const before = watch.report().lastSequence;
  await cutPower(stack, ['orders.json', 'channels.json', 'jobs/news.json']);
  const cut = watch.report().lastSequence;
  // A tmpfs is empty after a boot.
  for (const name of readdirSync(stack.hls)) rmSync(join(stack.hls, name), { recursive: true });
  const cutAt = performance.now();
  const up = await stack.iptv('up');
  expect([up.code, up.stderr]).toEqual([0, expect.any(String)]);
  await eventually('a live segment is listed', () => watch.firstSegmentAfter(cutAt, ({ uri }) => livePrefix.test(uri)) !== undefined);
  await eventually('it moves on', () => watch.report().lastSequence >= cut + 3);
  const { breaches, badStatuses, lostSegments, lastSequence } = watch.report();
  expect(breaches.filter((breach) => !isInevitable(breach))).toEqual([]);
  expect(lostSegments).toEqual([]);
  // 503, as long as nothing is there to be shown: players ask again.
  expect(Object.keys(badStatuses).filter((status) => status !== '503')).toEqual([]);
  expect(lastSequence).toBeGreaterThan(Math.max(before, cut));
  expect(stack.jobs('news')).toHaveLength(1);
  expect(stack.jobs('sport')).toEqual([]);
  expect(stack.log('backend')).toContain('orders.json.spare');
});
