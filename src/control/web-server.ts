// The supervisor's second door: read-only HTTP that only nginx reaches, over a unix socket or, in Docker, the Compose network.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { chmodSync, chownSync, rmSync } from 'node:fs';

/** Not an import: see server.ts. */
const { createServer } = process.getBuiltinModule('node:http');

export interface WebAnswer {
  /** 200 when not given. */
  readonly status?: number;
  readonly contentType: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface WebRequest {
  /** Without the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Aborted when whoever asked has hung up. */
  readonly gone: AbortSignal;
}

/** By path; a key that ends in `/` stands for every path with one more part. */
export type WebPages = Readonly<Record<string, (request: WebRequest) => Promise<WebAnswer>>>;

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
/** A whole audience may come for an idle channel in one moment. */
const backlog = 4096;

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
    if ('socket' in address) server.listen({ path: address.socket, backlog }, listening);
    else server.listen({ port: address.port, backlog }, listening);
    process.umask(umask);
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: WebPages): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET\n', { Allow: 'GET, HEAD' });
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const page = pages[path] ?? pages[path.slice(0, path.lastIndexOf('/') + 1)];
  if (page === undefined) return send(response, 404, 'not found\n');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const { status = 200, contentType, text, headers } = await page({ path, headers: request.headers, gone: gone.signal });
  send(response, status, text, { 'Content-Type': contentType, ...headers });
}

function send(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(text), ...headers });
  response.end(text);
}
