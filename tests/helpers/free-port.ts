// Ports that nobody listens on.

import { createServer, type Server } from 'node:net';

export async function freePort(): Promise<number> {
  const server = await listen();
  return release(server);
}

/** Two different ones: both are held until both are known. */
export async function freePorts(): Promise<readonly [number, number]> {
  const servers = await Promise.all([listen(), listen()]);
  return [await release(servers[0]), await release(servers[1])];
}

async function listen(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return server;
}

async function release(server: Server): Promise<number> {
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
