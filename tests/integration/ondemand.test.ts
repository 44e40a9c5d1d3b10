// Streams that start with their first viewer: real nginx, real ffmpeg, a provider that counts its connections.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import type { StreamEvent } from '../../src/core/events.ts';
import { parseMediaPlaylist } from '../../src/playlist/media-playlist.ts';
import { startFaultyOrigin, type FaultyOrigin } from '../helpers/faulty-origin.ts';
import { createStack, eventually, type TestStack } from '../helpers/stack.ts';

/** A liveness bound for a crowded machine. */
const limitMs = 240_000;

let origin: FaultyOrigin;
let stack: TestStack;
let listener: Socket | undefined;

beforeEach(async () => {
  origin = await startFaultyOrigin();
});

afterEach(async () => {
  listener?.close();
  listener = undefined;
  await stack.close();
  await origin.close();
});

interface Got {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const agent = new Agent({ keepAlive: false, maxSockets: Infinity });

/** As a player asks; waits for the answer as long as it takes. */
function view(path: string, headers: Readonly<Record<string, string>> = { 'user-agent': 'player' }): Promise<Got> {
  return new Promise((done, reject) => {
    const request = get(`${stack.url}${path}`, { agent, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => done({ status: response.statusCode ?? 0, body, headers: response.headers }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

const playlist = (id: string): string => `/live/${id}/index.m3u8`;
const namesIn = (body: string): readonly string[] => parseMediaPlaylist(body)?.segments.map(({ uri }) => uri) ?? [];
const requests = async (channel: string): Promise<number> => (await origin.counts())[channel]?.requests ?? 0;

function events(): readonly StreamEvent[] {
  const path = join(stack.state, 'events.jsonl');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  return lines.map((line) => JSON.parse(line) as StreamEvent);
}

async function start(streams: string, ids: readonly string[], prepare?: () => Promise<void>): Promise<void> {
  stack = await createStack({ streams });
  await prepare?.();
  const ran = await stack.iptv('start', ...ids);
  expect(ran.stderr).not.toContain('error:');
  expect(ran.code).toBe(0);
}

/** Somebody else has the port to which nginx sends its access log. */
async function loseLog(): Promise<void> {
  listener = createSocket('udp4');
  listener.bind(stack.ports.http, '127.0.0.1');
  await once(listener, 'listening');
}

const stateOf = async (id: string): Promise<string> => (await stack.stream(id)).state;

it(
  'starts once for 200 first viewers, plays while it is watched, rests afterwards, and goes on with its numbers',
  async () => {
    await start(`  - id: news\n    source: ${origin.ts('news')}\n    start: ondemand\n    idleAfter: 15s\n    firstWait: 60s`, ['news']);
    const idle = await stack.stream('news');
    expect(idle).toMatchObject({ order: 'run', state: 'idle', pid: null, channel: { state: 'none' } });
    expect(stack.jobs()).toEqual([]);
    // Paths that name no channel, and those that do, but no playlist of it, start nothing.
    const strange = ['/live/nobody/index.m3u8', '/live/news/other.m3u8', '/live/news/x.ts', '/live/../news/index.m3u8'];
    for (const path of strange) expect((await view(path)).status).toBe(404);
    // Neither do our own looks.
    expect((await view(playlist('news'), { 'user-agent': 'iptv' })).status).toBe(503);
    expect((await stack.iptv('is-healthy', 'news')).code).toBe(0);
    expect(await requests('news')).toBe(0);
    expect(await stateOf('news')).toBe('idle');

    const got = await Promise.all(Array.from({ length: 200 }, (_, at) => view(playlist('news'), { 'user-agent': `player ${at}` })));
    expect(got.map(({ status }) => status)).toEqual(Array.from({ length: 200 }, () => 200));
    const [first] = got;
    expect(first?.headers['content-type']).toBe('application/vnd.apple.mpegurl');
    expect(first?.headers['cache-control']).toBe('no-cache');
    expect(first?.headers['access-control-allow-origin']).toBe('*');
    const names = namesIn(first?.body ?? '');
    expect(names.length).toBeGreaterThan(0);
    expect(names.every((name) => /news/.test(name))).toBe(true);
    for (const name of names) expect((await view(`/live/news/${name}`)).body.length).toBeGreaterThan(188);
    expect(await requests('news')).toBe(1);

    // Watched: for longer than idleAfter it stays.
    const pid = (await stack.stream('news')).pid;
    const until = Date.now() + 20_000;
    let last = 0;
    while (Date.now() < until) {
      const { status, body } = await view(playlist('news'));
      expect(status).toBe(200);
      const sequence = parseMediaPlaylist(body)?.mediaSequence ?? 0;
      expect(sequence).toBeGreaterThanOrEqual(last);
      last = sequence;
      await new Promise((done) => setTimeout(done, 1000));
    }
    expect((await stack.stream('news')).pid).toBe(pid);

    await eventually('nobody watches, so it rests', async () => (await stateOf('news')) === 'idle', limitMs / 2);
    await eventually(
      'its job is gone, and its playlist',
      () => stack.jobs().length === 0 && !existsSync(join(stack.hls, 'news/index.m3u8')),
    );
    await eventually('the provider is left', async () => (await origin.counts())['news']?.open === 0);

    const again = await view(playlist('news'));
    expect(again.status).toBe(200);
    expect(parseMediaPlaylist(again.body)?.mediaSequence).toBeGreaterThan(last);
    expect(namesIn(again.body).some((name) => names.includes(name))).toBe(false);
    expect(await requests('news')).toBe(2);
    const causes = (): readonly (string | null)[] => events().flatMap(({ kind, cause }) => (kind === 'demand' ? [cause] : []));
    await eventually('all of it is told', () => causes().length >= 5);
    expect(causes()).toEqual(['viewer', 'answered', 'idle', 'viewer', 'answered']);
    expect(events().some(({ kind, cause }) => kind === 'job-failed' || (kind === 'verdict' && cause === 'source-dead'))).toBe(false);

    await stack.iptv('stop', 'news');
    await eventually('stopped by order it is not to be had', async () => (await view('/live/news/index.m3u8')).status !== 503);
    expect(await stateOf('news')).toBe('stopped');
  },
  limitMs,
);

it(
  'shows the slate of a source that refuses, soon, and needs no access log to know who watches',
  async () => {
    await start(
      [
        `  - id: dead\n    source: ${origin.fixed('code/404')}\n    start: ondemand\n    firstWait: 60s`,
        `  - id: bare\n    source: ${origin.fixed('code/404/bare')}\n    start: ondemand\n    slate: off\n    firstWait: 60s`,
        `  - id: quiet\n    source: ${origin.ts('quiet')}\n    start: ondemand\n    idleAfter: 15s\n    firstWait: 60s`,
      ].join('\n'),
      ['dead', 'bare', 'quiet'],
      loseLog,
    );
    await eventually('the slate lies there', () => existsSync(join(stack.hls, 'dead/on-demand')) && hasSlate('dead'), limitMs / 2);
    const begun = Date.now();
    const [slate, nothing] = await Promise.all([view(playlist('dead')), view(playlist('bare'))]);
    expect(slate.status).toBe(200);
    expect(namesIn(slate.body).every((name) => name.startsWith('slate-'))).toBe(true);
    expect(nothing.status).toBe(503);
    expect(nothing.headers['cache-control']).toBe('no-store');
    expect(nothing.headers['retry-after']).toBeDefined();
    expect(nothing.body).toContain('404');
    // Far below the limit of 60 s, however crowded the machine is.
    expect(Date.now() - begun).toBeLessThan(50_000);

    // Watched for longer than idleAfter, and no line of the access log arrives: whoever comes for the playlist is seen all the same.
    expect((await view(playlist('quiet'))).status).toBe(200);
    const { pid, viewers } = await stack.stream('quiet');
    expect(viewers ?? 0).toBe(0);
    const until = Date.now() + 20_000;
    while (Date.now() < until) {
      const asked = await view(playlist('quiet'));
      expect(asked.status).toBe(200);
      expect(namesIn(asked.body).length).toBeGreaterThan(0);
      await new Promise((done) => setTimeout(done, 1000));
    }
    expect((await stack.stream('quiet')).pid).toBe(pid);
    await eventually('it says so', () => stack.log('quiet').includes("nginx's access log does not arrive"));

    // A supervisor that was killed leaves it to its viewers.
    rmSync(join(stack.hls, 'quiet/index.m3u8'), { force: true });
    await stack.loseSupervisor();
    await stack.iptv('up');
    expect((await view(playlist('quiet'))).status).toBe(200);
    expect((await stack.stream('quiet')).pid).toBe(pid);
  },
  limitMs,
);

const hasSlate = (id: string): boolean =>
  existsSync(join(stack.hls, id)) && readdirSync(join(stack.hls, id)).some((name) => name.startsWith('slate-'));
