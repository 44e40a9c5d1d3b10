// The edge as a part of the local runtime's nginx: `server.edge` in streams.yaml, and nothing else to do.

import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { hashText } from '../../src/core/state-paths.ts';
import { ask } from '../docker/http-behaviour.ts';
import { freePort } from '../helpers/free-port.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { createStack, eventually, kill, type TestStack } from '../helpers/stack.ts';

const streams = '  - { id: news, source: "test:?size=160x90&fps=10" }';

describe.skipIf(!hasNginxRtmp)('server.edge', () => {
  let stack: TestStack;
  let port = 0;
  const edge = (path: string) => ask(`http://127.0.0.1:${port}${path}`, { headers: { 'user-agent': 'player' } });
  const memory = (): string => `/dev/shm/iptv-edge-${hashText(stack.state)}`;

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

  it('comes back with nginx, and keeps what it has', async () => {
    const name = /^.*\.ts$/m.exec((await edge('/live/news/index.m3u8')).text)?.[0] ?? '';
    expect((await edge(`/live/news/${name}`)).status).toBe(200);
    const { pid } = (await stack.status()).origin;
    kill(pid);
    await eventually('another nginx answers', async () => {
      const { origin } = await stack.status();
      return origin.answers && origin.pid !== pid;
    });
    await eventually('the edge answers', async () => edge('/live/news/index.m3u8').catch(() => undefined));
    // The channel has to become popular again.
    for (let round = 0; round < 5; round += 1) await edge('/live/news/index.m3u8');
    const again = await edge(`/live/news/${name}`);
    expect([again.status, again.header('x-cache')]).toEqual([200, 'HIT']);
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
