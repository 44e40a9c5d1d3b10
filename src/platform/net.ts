// The net port: bounded HTTP reads, TCP probes, and who holds a port.

import type { ClientRequest, IncomingMessage } from 'node:http';

import { ownAgent } from '../core/endpoints.ts';
import type { GetOptions, HttpAnswer, NetPort } from '../core/ports.ts';
import { findPortHolder } from './port-holder.ts';

const maxBodyBytes = 4 * 1024 * 1024;

export function createNetPort(): NetPort {
  return {
    get: httpExchange,
    post: (url, { body, ...options }) => httpExchange(url, options, body),
    canConnect,
    portHolder: (port) => Promise.resolve(findPortHolder(port)),
  };
}

/** One connection per request (`agent: false`): a kept one may be that of a server which has restarted since. */
async function httpExchange(url: string, options: GetOptions, body?: string): Promise<HttpAnswer | undefined> {
  if (!URL.canParse(url)) return undefined;
  // Not an import: that would read every export of node:http, one of which loads undici.
  const { request } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http');
  return new Promise((resolve) => {
    let exchange: ClientRequest | undefined;
    const settle = (answer: HttpAnswer | undefined): void => {
      clearTimeout(timer);
      resolve(answer);
      exchange?.destroy();
    };
    // The whole exchange is bounded, not each read: a server that drips bytes must not hold us.
    const timer = setTimeout(() => settle(undefined), options.timeoutMs);
    try {
      const method = body === undefined ? (options.method ?? 'GET') : 'POST';
      const asked = { agent: false, method, headers: { 'user-agent': ownAgent, ...options.headers } };
      exchange = request(url, asked, (response) => collect(response, options.encoding ?? 'utf8', settle));
      exchange.on('error', () => settle(undefined));
      exchange.end(body);
    } catch {
      // Node refuses some URLs and header values before it connects.
      settle(undefined);
    }
  });
}

function collect(response: IncomingMessage, encoding: 'utf8' | 'latin1', settle: (answer: HttpAnswer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (): void => settle(toAnswer(response, Buffer.concat(chunks).subarray(0, maxBodyBytes).toString(encoding)));
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBodyBytes) finish();
  });
  response.on('end', finish);
  // The connection ended before the announced length.
  response.on('error', () => settle(undefined));
}

function toAnswer(response: IncomingMessage, body: string): HttpAnswer {
  // Not `headers`, which drops the second one of some names: a header sent twice is worth knowing.
  const headers = Object.entries(response.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')] as const);
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers), body };
}

async function canConnect(host: string, port: number, timeoutMs: number): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (accepted: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(accepted);
    };
    const timer = setTimeout(() => settle(false), timeoutMs);
    socket.once('connect', () => settle(true));
    socket.on('error', () => settle(false));
  });
}
