// The faulty origin itself: what tests build on must misbehave exactly as ordered.

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startFaultyOrigin, type FaultyOrigin } from '../helpers/faulty-origin.ts';
import { eventually, sleep } from '../helpers/wait.ts';

let origin: FaultyOrigin;

beforeAll(async () => {
  origin = await startFaultyOrigin(['h264-aac.ts', 'h264-aac-large.ts']);
});

afterAll(async () => {
  await origin.close();
});

interface Watched {
  readonly answer: IncomingMessage;
  bytes: number;
  over: 'eof' | 'broken' | undefined;
}

async function open(url: string): Promise<Watched> {
  const request = get(url).on('error', () => undefined);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const watched: Watched = { answer, bytes: 0, over: undefined };
  answer.on('data', (bytes: Buffer) => (watched.bytes += bytes.length));
  answer.once('end', () => (watched.over ??= 'eof'));
  answer.once('error', () => (watched.over ??= 'broken'));
  return watched;
}

const grows = async (watched: Watched): Promise<void> => {
  const before = watched.bytes;
  await eventually(
    () => watched.bytes,
    (bytes) => bytes > before,
  );
};

/** What was on its way when the origin fell silent has arrived: nothing came for longer than a clip goes without a key frame. */
const standsStill = (watched: Watched): Promise<boolean> =>
  eventually(
    async () => {
      const before = watched.bytes;
      await sleep(3000);
      return watched.bytes === before;
    },
    (still) => still,
  );

/** A channel of its own for each try: one left silent or broken would fail the next. */
let channels = 0;
const newChannel = (): string => `channel${(channels += 1)}`;

describe('a channel', () => {
  it('plays, stalls with the connection open, plays on, and is broken off', async () => {
    const one = newChannel();
    const viewer = await open(origin.ts(one));
    await grows(viewer);
    await origin.behave(one, { answer: 'silent' });
    await standsStill(viewer);
    expect(viewer.over).toBeUndefined();
    await origin.behave(one, { answer: 'live', clip: 'h264-aac-large.ts' });
    await grows(viewer);
    expect((await origin.counts())[one]).toEqual({ open: 1, mostOpen: 1, requests: 1 });
    await origin.behave(one, { answer: 'code', status: 403, open: 'eof' });
    await eventually(
      () => viewer.over,
      (over) => over === 'eof',
    );
    expect((await fetch(origin.ts(one))).status).toBe(403);
  });

  it('resets, and is live again after as many requests as ordered', async () => {
    const two = newChannel();
    const viewer = await open(origin.ts(two));
    await grows(viewer);
    await origin.behave(two, { answer: 'code', status: 500, open: 'rst', requests: 2 });
    await eventually(
      () => viewer.over,
      (over) => over === 'broken',
    );
    expect((await fetch(origin.ts(two))).status).toBe(500);
    expect((await fetch(origin.ts(two))).status).toBe(500);
    await grows(await open(origin.ts(two)));
  });

  it('serves HLS, freezes its playlist, loses its segments', async () => {
    const three = newChannel();
    const text = async (): Promise<string> => (await fetch(origin.hls(three))).text();
    const segment = await eventually(text, (body) => body.includes('.ts'));
    expect(segment).toContain('#EXTM3U');
    await origin.behave(three, { answer: 'stale' });
    const before = await text();
    await sleep(1500);
    expect(await text()).toBe(before);
    await origin.behave(three, { answer: 'segments404' });
    const name = (await text()).split('\n').findLast((line) => line.endsWith('.ts')) ?? '';
    expect((await fetch(new URL(name, origin.hls(three)))).status).toBe(404);
  });

  it('is refused while the process is dead, and has its address again afterwards', async () => {
    const url = origin.fixed('code/404');
    await origin.kill();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    await origin.restart();
    expect((await fetch(url)).status).toBe(404);
  });
});

it('has fixed paths', async () => {
  expect((await fetch(origin.fixed('code/410'))).status).toBe(410);
  expect(await (await fetch(origin.fixed('html'))).text()).toContain('Log in');
  expect(await (await fetch(origin.fixed('empty'))).text()).toBe('');
  expect((await fetch(origin.fixed('503once'))).status).toBe(503);
  const second = await open(origin.fixed('503once'));
  await grows(second);
  second.answer.destroy();
  const redirected = await fetch(origin.fixed('loop'), { redirect: 'manual' });
  expect(redirected.headers.get('location')).toBe('/loop');
  const silent = new AbortController();
  setTimeout(() => silent.abort(), 500);
  await expect(fetch(origin.fixed('hang'), { signal: silent.signal })).rejects.toThrow('aborted');
});
