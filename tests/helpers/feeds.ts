// Senders of a looped file over every protocol that a source may use, each on a port of its own.

import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { freePort, freePortPair } from './free-port.ts';

export interface Feed {
  readonly url: string;
  close(): void;
}

function loop(file: string, output: readonly string[], stdout: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
  const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file, '-map', '0', '-c', 'copy'];
  return spawn('ffmpeg', [...input, ...output], { stdio: ['ignore', stdout, 'ignore'] });
}

export async function feedUdp(file: string): Promise<Feed> {
  const port = await freePort();
  const sender = loop(file, ['-f', 'mpegts', `udp://127.0.0.1:${port}?pkt_size=1316`]);
  return { url: `udp://127.0.0.1:${port}`, close: () => sender.kill('SIGKILL') };
}

/** RTCP takes the odd port above an even RTP port. */
export async function feedRtp(file: string): Promise<Feed> {
  const port = await freePortPair();
  const sender = loop(file, ['-f', 'rtp_mpegts', `rtp://127.0.0.1:${port}?pkt_size=1316`]);
  return { url: `rtp://127.0.0.1:${port}`, close: () => sender.kill('SIGKILL') };
}

/** Listens for one caller. */
export async function feedSrt(file: string): Promise<Feed> {
  const port = await freePort();
  const sender = loop(file, ['-f', 'mpegts', `srt://127.0.0.1:${port}?mode=listener`]);
  return { url: `srt://127.0.0.1:${port}?mode=caller`, close: () => sender.kill('SIGKILL') };
}

/** Publishes to an RTMP server, from where others may pull. Wants an MP4: with AAC from TS a plain FLV output breaks where the loop closes. */
export function feedRtmp(file: string, url: string): Feed {
  const sender = loop(file, ['-f', 'flv', url]);
  return { url, close: () => sender.kill('SIGKILL') };
}

/** The smallest RTSP server that ffmpeg accepts: MPEG-TS in RTP (RFC 2250), interleaved in the TCP connection (RFC 2326 10.12). */
export async function serveRtsp(file: string): Promise<Feed> {
  const senders = new Set<ChildProcess>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    let pending = '';
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1');
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const request = pending.slice(pending.search(/[A-Z_]+ rtsp:/), end);
        pending = pending.slice(end + 4);
        if (answer(socket, request) === 'PLAY') senders.add(stream(socket, file));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `rtsp://127.0.0.1:${port}/channel`,
    close() {
      for (const sender of senders) sender.kill('SIGKILL');
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function answer(socket: Socket, request: string): string {
  const method = /^[A-Z_]+/.exec(request)?.[0] ?? '';
  const description =
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track\r\n';
  const headers = {
    OPTIONS: 'Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n',
    DESCRIBE: `Content-Type: application/sdp\r\nContent-Length: ${description.length}\r\n`,
    SETUP: 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n',
  }[method];
  const sequence = /^CSeq: *(\d+)/im.exec(request)?.[1] ?? '0';
  socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${sequence}\r\nSession: 1\r\n${headers ?? ''}\r\n${method === 'DESCRIBE' ? description : ''}`);
  return method;
}

function stream(socket: Socket, file: string): ChildProcess {
  const sender = loop(file, ['-f', 'mpegts', 'pipe:1'], 'pipe');
  const began = performance.now();
  let rest = Buffer.alloc(0);
  let sequence = 0;
  sender.stdout?.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (; rest.length >= 1316; rest = rest.subarray(1316)) {
      const header = Buffer.alloc(16);
      header.write('$\0', 'latin1');
      header.writeUInt16BE(12 + 1316, 2);
      header.writeUInt8(0x80, 4);
      header.writeUInt8(33, 5);
      header.writeUInt16BE(sequence & 0xffff, 6);
      header.writeUInt32BE(Math.round((performance.now() - began) * 90) % 2 ** 32, 8);
      header.writeUInt32BE(1, 12);
      sequence += 1;
      if (!socket.destroyed) socket.write(Buffer.concat([header, rest.subarray(0, 1316)]));
    }
  });
  socket.once('close', () => sender.kill('SIGKILL'));
  return sender;
}
