// Ports that nobody listens on, and that nobody gets by chance before they are used.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Below it the kernel gives no port to whoever connects, or listens anywhere (ip(7), ip_local_port_range). */
const ephemeralFrom = lowestEphemeral();
const lowest = Math.min(12_000, ephemeralFrom - 4000);
const given = new Set<number>();

export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (ephemeralFrom - lowest));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

/** Two different ones. */
export async function freePorts(): Promise<readonly [number, number]> {
  return [await freePort(), await freePort()];
}

/** An even port whose odd neighbour is free as well: RTP and its RTCP (RFC 3550, 11). */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const port = (await freePort()) & ~1;
    given.add(port).add(port + 1);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

/** On every address: one that is taken on another one is not free for a server that listens everywhere. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

function lowestEphemeral(): number {
  try {
    return Math.max(8000, Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/)[0]));
  } catch {
    return 32_768;
  }
}
