// A provider for many channels: one looped clip at the speed of life, the same bytes for everybody who is connected.

import { spawn } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LiveFeed {
  readonly url: (channel: string) => string;
  /** The most connections that were open at once. */
  readonly mostOpen: () => number;
  close(): Promise<void>;
}

export async function startLiveFeed(clip: string): Promise<LiveFeed> {
  const open = new Set<ServerResponse>();
  let most = 0;
  const server = createServer((request, response) => {
    response.writeHead(200, { 'Content-Type': 'video/mp2t' });
    response.flushHeaders();
    open.add(response);
    most = Math.max(most, open.size);
    request.socket.setNoDelay(true);
    response.once('close', () => open.delete(response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const words = [
    '-v',
    'error',
    '-nostdin',
    '-re',
    '-stream_loop',
    '-1',
    '-i',
    clip,
    '-c',
    'copy',
    '-f',
    'mpegts',
    '-flush_packets',
    '1',
    'pipe:1',
  ];
  const player = spawn('ffmpeg', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => player.once('close', done));
  player.stdout.on('data', (data: Buffer) => open.forEach((response) => response.write(data)));
  return {
    url: (channel) => `http://127.0.0.1:${port}/${channel}.ts`,
    mostOpen: () => most,
    async close() {
      player.kill('SIGKILL');
      await ended;
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
    },
  };
}
