// The faulty origin as a process of its own, so that it can be stopped and killed: `node server.ts <OriginOptions as JSON>`.
// Prints its port in one line; ends when its standard input ends, so that nothing outlives a test that was killed.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';

import { serve, type Connection } from './connection.ts';
import { createFeed, type Feed } from './feed.ts';
import { createHlsChannel, type HlsChannel } from './hls-channel.ts';
import { fixedMode, live, turningMode, type OriginCounts, type OriginMode, type OriginOptions } from './mode.ts';

interface Channel {
  mode: OriginMode;
  mostOpen: number;
  requests: number;
  readonly open: Set<Connection>;
  hls: HlsChannel | undefined;
}

const options = JSON.parse(process.argv[2] ?? '{}') as OriginOptions;
const [firstClip] = Object.values(options.clips);
const feeds = new Map<string, Feed>();
const channels = new Map<string, Channel>();

const clip = (name: string | undefined): string => options.clips[name ?? ''] ?? firstClip ?? '';

function feedOf(mode: OriginMode): Feed {
  const file = clip(mode.clip);
  const shift = mode.shiftSeconds ?? 0;
  const key = `${file} ${shift}`;
  let feed = feeds.get(key);
  if (feed === undefined) feeds.set(key, (feed = createFeed(file, shift, feeds.size % 32)));
  return feed;
}

function channelOf(name: string): Channel {
  let channel = channels.get(name);
  if (channel === undefined) channels.set(name, (channel = { mode: live, mostOpen: 0, requests: 0, open: new Set(), hls: undefined }));
  return channel;
}

/** Paths are `/<channel>/live.ts`, `/<channel>/live.m3u8`, or a fixed behaviour such as `/code/404`. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (path.startsWith('/_control')) return control(request, response, path);
  const [, name = '', ...rest] = path.split('/');
  const channel = channelOf(name);
  const turn = turningMode(path, channel.requests);
  const mode = turn ?? fixedMode(path) ?? channel.mode;
  channel.requests += 1;
  if (mode === channel.mode && mode.requests !== undefined) {
    channel.mode = mode.requests <= 1 ? live : { ...mode, requests: mode.requests - 1 };
  }
  const file = rest.at(-1) ?? '';
  if (file !== 'live.ts' && /\.(m3u8|ts)$/.test(file)) {
    channel.hls ??= createHlsChannel(clip(mode.clip), join(options.scratch, encodeURIComponent(name)));
    if (channel.hls.answer(file, mode, response)) return;
  }
  const connection = serve(request, response, mode, feedOf, () => channel.open.delete(connection));
  channel.open.add(connection);
  channel.mostOpen = Math.max(channel.mostOpen, channel.open.size);
}

/** GET: counts. POST `/_control/<channel>`: a mode as JSON. */
function control(request: IncomingMessage, response: ServerResponse, path: string): void {
  if (request.method === 'GET') {
    const counts: OriginCounts = Object.fromEntries(
      [...channels].map(([name, { open, mostOpen, requests }]) => [name, { open: open.size, mostOpen, requests }]),
    );
    response.end(JSON.stringify(counts));
    return;
  }
  let text = '';
  request.setEncoding('utf8').on('data', (more: string) => (text += more));
  request.once('end', () => {
    const channel = channelOf(path.split('/')[2] ?? '');
    channel.mode = JSON.parse(text) as OriginMode;
    if (channel.mode.answer === 'stale') channel.hls?.freeze();
    for (const connection of channel.open) connection.follow(channel.mode);
    response.end('{}');
  });
}

function end(): void {
  for (const feed of feeds.values()) feed.close();
  for (const channel of channels.values()) channel.hls?.close();
  process.exit(0);
}

const server = createServer(answer);
server.listen(options.port, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${address !== null && typeof address === 'object' ? address.port : 0}\n`);
});
process.stdin.resume().once('end', end);
