// The net port and the clock against real sockets and timers.

import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { createClockPort } from '../../src/platform/clock.ts';
import { createNetPort } from '../../src/platform/net.ts';
import { listeningInodes } from '../../src/platform/port-holder.ts';
import { createProcessPort } from '../../src/platform/process.ts';

const net = createNetPort();
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('get', () => {
  it('answers status, headers and body, and sends the given headers', async () => {
    const base = await serve((request, response) => {
      response.writeHead(206, { 'x-echo': request.headers['x-ask'] ?? '', 'set-cookie': ['a=1', 'b=2'] }).end(`body of ${request.url}`);
    });
    expect(await net.get(`${base}/hls?x=1`, { timeoutMs: 20_000, headers: { 'x-ask': 'yes' } })).toMatchObject({
      status: 206,
      headers: { 'x-echo': 'yes', 'set-cookie': 'a=1, b=2' },
      body: 'body of /hls?x=1',
    });
  });

  it('bounds the whole exchange: no answer, and an answer that drips', async () => {
    const silent = await serve(() => undefined);
    const dripping = await serve((_, response) => {
      const timer = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(timer));
    });
    for (const base of [silent, dripping]) {
      const begun = performance.now();
      expect(await net.get(base, { timeoutMs: 300 })).toBeUndefined();
      expect(performance.now() - begun).toBeLessThan(15_000);
    }
  });

  it('cuts the body at 4 MiB', async () => {
    const base = await serve((_, response) => {
      const flood = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
      };
      response.on('drain', flood);
      flood();
    });
    const answer = await net.get(base, { timeoutMs: 10_000 });
    expect(answer?.body.length).toBe(4 * 1024 * 1024);
  });

  it('answers undefined for refused, broken and unusable requests', async () => {
    const broken = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    expect(await net.get(broken, { timeoutMs: 20_000 })).toBeUndefined();
    expect(await net.get('http://127.0.0.1:1/', { timeoutMs: 20_000 })).toBeUndefined();
    expect(await net.get('rtmp://127.0.0.1/live', { timeoutMs: 20_000 })).toBeUndefined();
    expect(await net.get('no url', { timeoutMs: 20_000 })).toBeUndefined();
    expect(await net.get('http://127.0.0.1:1/', { timeoutMs: 20_000, headers: { 'bad name': 'x' } })).toBeUndefined();
  });

  it('does not trip over a server that restarted on the same port', async () => {
    const base = await serve((_, response) => response.end('one'));
    expect((await net.get(base, { timeoutMs: 20_000 }))?.body).toBe('one');
    const first = servers.pop() as Server;
    first.closeAllConnections();
    await new Promise((resolve) => first.close(resolve));
    const second = createServer((_, response) => response.end('two'));
    servers.push(second);
    await new Promise<void>((resolve) => second.listen(Number(new URL(base).port), '127.0.0.1', resolve));
    expect((await net.get(base, { timeoutMs: 20_000 }))?.body).toBe('two');
  });
});

describe('canConnect', () => {
  it('tells a listener from a closed port and from silence', async () => {
    const base = new URL(await serve(() => undefined));
    expect(await net.canConnect('127.0.0.1', Number(base.port), 20_000)).toBe(true);
    expect(await net.canConnect('127.0.0.1', 1, 1000)).toBe(false);
    expect(await net.canConnect('192.0.2.1', 9, 200)).toBe(false);
    expect(await net.canConnect('no-such-host.invalid', 80, 5000)).toBe(false);
  });
});

describe('portHolder', () => {
  it.each(['127.0.0.1', '::1', '0.0.0.0'])('names the process that listens on %s', async (host) => {
    const folder = await mkdtemp(join(tmpdir(), 'iptv-net-'));
    const processes = createProcessPort();
    const script = `const s = require('net').createServer().listen(0, '${host}', () => console.log(s.address().port))`;
    const daemon = await processes.startDaemon({
      file: process.execPath,
      argv: ['-e', script],
      env: {},
      cwd: '/',
      stderrPath: join(folder, 'out'),
    });
    try {
      const { readFile } = await import('node:fs/promises');
      let port = Number.NaN;
      for (let tries = 0; tries < 2000 && !(port > 0); tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 25));
        port = Number.parseInt(await readFile(join(folder, 'out'), 'utf8'), 10);
      }
      expect(await net.portHolder(port)).toEqual({ port, pid: daemon.pid, command: 'node' });
    } finally {
      processes.signalGroup(daemon.pid, daemon.startTime, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('knows nobody on a free port, nor on one that is only connected from', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await net.portHolder(port)).toBeUndefined();
  });

  it('reads only LISTEN rows of exactly that port', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F98 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0',
      '   1: 0100007F:1F98 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0',
      '   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0',
    ].join('\n');
    expect(listeningInodes(table, 8088)).toEqual(['111']);
    expect(listeningInodes(table, 80)).toEqual(['333']);
  });
});

describe('clock', () => {
  it('calls back once, unless cancelled, and holds delays that a Node timer cannot', async () => {
    const clock = createClockPort();
    const calls: string[] = [];
    const cancelLong = clock.after(2 ** 31 + 5, () => calls.push('long'));
    const cancelSoon = clock.after(10, () => calls.push('cancelled'));
    clock.after(20, () => calls.push('kept'));
    cancelSoon();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(calls).toEqual(['kept']);
    cancelLong();
    expect(clock.monotonic()).toBeLessThanOrEqual(clock.monotonic());
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
    expect(clock.random()).toBeLessThan(1);
  });
});
