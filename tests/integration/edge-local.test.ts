// The edge as a part of the local runtime's nginx: `server.edge` in streams.yaml, and nothing else to do.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { hashText } from '../../src/core/state-paths.ts';
import { ask } from '../docker/http-behaviour.ts';
import { freePort } from '../helpers/free-port.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { createStack, eventually, kill, type TestStack } from '../helpers/stack.ts';

const source = 'source: "test:?size=160x90&fps=10"';
const rung = (name: string, height: number): string => `{ name: ${name}, video: { height: ${height}, bitrate: 50k } }`;
const streams = [
  `  - { id: news, ${source} }`,
  `  - { id: cold, ${source}, start: ondemand }`,
  `  - { id: rungs, ${source}, renditions: [${rung('high', 90)}, ${rung('low', 64)}] }`,
].join('\n');
/** Longer than an edge waits for a channel that starts. */
const firstWaitMs = 95_000;

describe.skipIf(!hasNginxRtmp)('server.edge', () => {
  let stack: TestStack;
  let port = 0;
  const edge = (path: string) => ask(`http://127.0.0.1:${port}${path}`, { headers: { 'user-agent': 'player' } });
  const memory = (): string => `/dev/shm/iptv-edge-${hashText(stack.state)}`;

  /** Of its file: another one would have another inode. */
  const inMemory = (name: string): number | undefined =>
    readdirSync(join(memory(), 'popular'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /^[0-9a-f]{32}$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => readFileSync(path, 'latin1').includes(`\nKEY: /live/news/${name}\n`))
      .map((path) => statSync(path).ino)[0];

  beforeAll(async () => {
    port = await freePort();
    stack = await createStack({
      streams,
      server: () => `  segment: 1s\n  edge: { port: ${port}, popular: 1 }`,
    });
    expect(await stack.iptv('up')).toMatchObject({ code: 0 });
    expect(await stack.iptv('start', 'news', '--wait', '--timeout', '60s')).toMatchObject({ code: 0 });
  });

  afterAll(async () => {
    await stack.close();
  });

  it('plays the channel, counts its viewers once, and tells how much came from the cache', async () => {
    for (let round = 0; round < 4; round += 1) {
      const playlist = await edge('/live/news/index.m3u8');
      expect([playlist.status, playlist.header('x-cache')]).toEqual([200, expect.stringMatching(/^[A-Z]+$/)]);
    }
    const name = /^.*\.ts$/m.exec((await edge('/live/news/index.m3u8')).text)?.[0] ?? '';
    const [first, second, atOrigin] = [
      await edge(`/live/news/${name}`),
      await edge(`/live/news/${name}`),
      await ask(`${stack.url}/live/news/${name}`),
    ];
    expect([first.status, first.bytes.length > 1000, first.bytes.equals(atOrigin.bytes)]).toEqual([200, true, true]);
    expect([second.header('x-cache'), second.bytes.equals(first.bytes)]).toEqual(['HIT', true]);
    // Our one viewer asks on, the question of ours at the origin had another name.
    const metrics = await eventually('the viewer is counted', async () => {
      await edge('/live/news/index.m3u8');
      const { text } = await ask(`${stack.url}/metrics`);
      return /^iptv_edge_requests_total\{cache="hit"\} [1-9]/m.test(text) && /^iptv_channel_viewers\S* 1$/m.test(text) ? text : false;
    });
    expect(metrics).toMatch(/^iptv_edge_hit_ratio 0\.\d+$/m);
    expect(readdirSync(memory()).sort()).toEqual(['gather', 'playlists', 'popular', 'room']);
  });

  it('lets the first viewers of a channel that starts on demand wait together', async () => {
    expect(await stack.iptv('start', 'cold')).toMatchObject({ code: 0 });
    const view = async (): Promise<string> => {
      const signal = AbortSignal.timeout(firstWaitMs);
      const answer = await fetch(`http://127.0.0.1:${port}/live/cold/index.m3u8`, { headers: { 'user-agent': 'player' }, signal });
      return `${answer.status} ${await answer.text()}`;
    };
    const answers = await Promise.all(Array.from({ length: 20 }, view));
    // On a busy machine the slate may come before the picture.
    expect(answers.filter((answer) => !/^200 #EXTM3U[^]*#EXTINF/.test(answer))).toEqual([]);
    const name = await eventually('the picture', async () => /^cold\S*\.ts$/m.exec(await view())?.[0]);
    expect(await edge(`/live/cold/${name}`)).toMatchObject({ status: 200 });
    const { stdout } = await stack.iptv('events', 'cold', '--kind', 'demand', '--json');
    expect(stdout.match(/"cause": ?"viewer"/g)).toHaveLength(1);
    expect(await stack.iptv('stop', 'cold')).toMatchObject({ code: 0 });
  });

  it('keeps a master playlist and those of its rungs, and none of them for long', async () => {
    expect(await stack.iptv('start', 'rungs', '--wait', '--timeout', '90s')).toMatchObject({ code: 0 });
    const master = '/live/rungs/index.m3u8';
    const text = await eventually('both rungs', async () => {
      const answer = await edge(master);
      return /high\/index\.m3u8[^]*low\/index\.m3u8/.test(answer.text) && answer.header('content-type') === 'application/vnd.apple.mpegurl'
        ? answer.text
        : undefined;
    });
    for (const path of [master, ...text.split('\n').filter((line) => line.endsWith('.m3u8'))]) {
      const url = new URL(path, `http://127.0.0.1${master}`).pathname;
      const cacheSays = (pattern: RegExp) =>
        eventually(`${url} is ${pattern}`, async () => pattern.test((await edge(url)).header('x-cache') ?? ''));
      await cacheSays(/^HIT$/);
      await cacheSays(/^(?:EXPIRED|UPDATING|STALE|MISS)$/);
    }
    const low = new URL('low/index.m3u8', `http://127.0.0.1${master}`).pathname;
    const names = async (): Promise<readonly string[]> => (await edge(low)).text.split('\n').filter((line) => line.endsWith('.ts'));
    const before = (await names()).at(-1);
    const newest = await eventually('the rung moves on', async () => {
      const last = (await names()).at(-1);
      return last === before ? undefined : last;
    });
    const segment = new URL(newest, `http://127.0.0.1${low}`).pathname;
    const [here, there] = [await edge(segment), await ask(`${stack.url}${segment}`)];
    expect([here.status, here.bytes.length > 1000, here.bytes.equals(there.bytes)]).toEqual([200, true, true]);
    expect(await stack.iptv('stop', 'rungs')).toMatchObject({ code: 0 });
  });

  it('comes back with nginx, and keeps what it has', async () => {
    const name = await eventually('a segment', async () => (await edge('/live/news/index.m3u8')).text.match(/^.*\.ts$/gm)?.at(-1));
    // The channel has to become popular again, after a while and with another nginx.
    const watch = async () => {
      await edge('/live/news/index.m3u8');
      return edge(`/live/news/${name}`);
    };
    const before = await eventually('the segment is in memory', async () => ((await watch()).status === 200 ? inMemory(name) : undefined));
    const { pid } = (await stack.status()).origin;
    kill(pid);
    await eventually('another nginx answers', async () => {
      const { origin } = await stack.status();
      return origin.answers && origin.pid !== pid;
    });
    await eventually('the segment comes from the cache', async () => (await watch().catch(() => undefined))?.header('x-cache') === 'HIT');
    expect(inMemory(name)).toBe(before);
  });

  it('is looked at by the doctor', async () => {
    const codes = async (): Promise<readonly string[]> => {
      const { stdout } = await stack.iptv('doctor', 'edge', '--json');
      const { checks } = JSON.parse(stdout) as { checks: readonly { id: string; findings: readonly { code: string }[] }[] };
      return checks.filter(({ id }) => id === 'edge').flatMap(({ findings }) => findings.map(({ code }) => code));
    };
    expect(await codes()).toEqual(['ok']);
    // Where nobody listens: the list was changed behind the back of nginx.
    const before = port;
    port = await freePort();
    stack.list(streams);
    expect(await codes()).toEqual(['edge-silent']);
    port = before;
    stack.list(streams);
  });

  it('leaves no memory behind', async () => {
    expect(await stack.iptv('down')).toMatchObject({ code: 0 });
    expect(existsSync(memory())).toBe(false);
  });
});
