// A TCP proxy that can lose its network: what is connected hangs for ever, what comes later gets through.

import { connect, createServer, type Socket } from 'node:net';

export interface FreezeProxy {
  readonly port: number;
  /** Nothing passes any more in either direction, and no end is signalled. */
  freeze(): void;
  close(): Promise<void>;
}

export async function startFreezeProxy(target: number): Promise<FreezeProxy> {
  const sockets = new Set<Socket>();
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    const backend = connect(target, '127.0.0.1');
    const pair = [client, backend] as const;
    pairs.add(pair);
    for (const socket of pair) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
    }
    client.on('data', (bytes: Buffer) => void (pairs.has(pair) && backend.write(bytes)));
    backend.on('data', (bytes: Buffer) => void (pairs.has(pair) && client.write(bytes)));
    client.once('close', () => void (pairs.has(pair) && backend.destroy()));
    backend.once('close', () => void (pairs.has(pair) && client.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    freeze: () => pairs.clear(),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
