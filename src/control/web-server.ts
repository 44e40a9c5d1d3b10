// The supervisor's second door: read-only HTTP that only nginx reaches, over a unix socket or, in Docker, the Compose network.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { chmodSync, chownSync, rmSync } from 'node:fs';

/** Not an import: see server.ts. */
const { createServer } = process.getBuiltinModule('node:http');

export interface WebAnswer {
  readonly contentType: string;
  readonly text: string;
}

/** By path; `headers` are the request's. */
export type WebPages = Readonly<Record<string, (headers: IncomingMessage['headers']) => Promise<WebAnswer>>>;

export type WebAddress =
  | {
      readonly socket: string;
      /** Who may connect besides us; undefined: nobody. */
      readonly uid?: number;
    }
  | { readonly port: number };

export interface WebServer {
  close(): Promise<void>;
}

const answerLimitMs = 10_000;

/** Rejects when the address cannot be had; the caller holds the supervisor's lock, so a socket file that is there is a dead one. */
export async function startWebServer(address: WebAddress, pages: WebPages): Promise<WebServer> {
  const server = createServer({ requestTimeout: answerLimitMs, headersTimeout: answerLimitMs }, (request, response) => {
    answer(request, response, pages).catch((error: unknown) => send(response, 500, `the supervisor failed: ${String(error)}\n`));
  });
  if ('socket' in address) rmSync(address.socket, { force: true });
  await listen(server, address);
  server.on('error', () => undefined);
  if ('socket' in address) {
    if (address.uid !== undefined) chownSync(address.socket, address.uid, -1);
    chmodSync(address.socket, 0o600);
  }
  // A supervisor that was told to end must not wait for a scrape.
  server.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, address: WebAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const umask = process.umask(0o177);
    server.once('error', reject);
    const listening = (): void => {
      server.off('error', reject);
      resolve();
    };
    if ('socket' in address) server.listen(address.socket, listening);
    else server.listen(address.port, listening);
    process.umask(umask);
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: WebPages): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET\n', { Allow: 'GET, HEAD' });
  const page = pages[(request.url ?? '/').split('?')[0] ?? '/'];
  if (page === undefined) return send(response, 404, 'not found\n');
  const { contentType, text } = await page(request.headers);
  send(response, 200, text, { 'Content-Type': contentType });
}

function send(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(text), ...headers });
  response.end(text);
}
