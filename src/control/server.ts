// The supervisor's control door: HTTP with JSON over a unix socket only its user may open.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { chmodSync, rmSync } from 'node:fs';

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { FailoverReport, ProbeReport } from '../core/failover.ts';
import type { ListDiff } from '../core/list-diff.ts';
import type { StatusDocument } from '../core/status.ts';
import type { ErrorBody, ForceRequest, Hello, OrderRequest, OrderResult, ProbeRequest, ShutdownRequest } from './protocol.ts';

/** Not an import: importing node:http as an ES module reads all its exports, and one of them loads undici (80 ms, 10 MB). */
const { createServer } = process.getBuiltinModule('node:http');

export interface ControlHandlers {
  hello(): Hello;
  status(ids: readonly string[] | undefined): StatusDocument;
  order(request: OrderRequest): Promise<OrderResult>;
  reload(): Promise<ListDiff>;
  diff(): Promise<ListDiff>;
  markApplied(ids: readonly string[]): void;
  rollback(id: string): boolean;
  shutdown(request: ShutdownRequest): void;
  failover(id: string): Promise<FailoverReport>;
  force(request: ForceRequest): Promise<FailoverReport>;
  probe(request: ProbeRequest): Promise<ProbeReport>;
}

export interface ControlServer {
  close(): Promise<void>;
}

const largestBodyBytes = 1024 * 1024;

/** The caller holds the supervisor's lock, so a socket file that is there is a dead one. */
export async function startControlServer(socketPath: string, handlers: ControlHandlers): Promise<ControlServer> {
  rmSync(socketPath, { force: true });
  const server = createServer((request, response) => {
    answer(handlers, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => send(response, error instanceof AppError ? 422 : 500, errorBody(error)),
    );
  });
  await listen(server, socketPath);
  // Out of file descriptors, accept(2) fails: that client is lost, the supervisor is not.
  server.on('error', () => undefined);
  chmodSync(socketPath, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Between listen and chmod the umask is what keeps others out.
    const umask = process.umask(0o177);
    server.once('error', reject);
    server.listen(socketPath, () => {
      server.off('error', reject);
      resolve();
    });
    process.umask(umask);
  });
}

async function answer(handlers: ControlHandlers, request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /v1/hello':
      return handlers.hello();
    case 'GET /v1/status': {
      const ids = url.searchParams.getAll('id');
      return handlers.status(ids.length === 0 ? undefined : ids);
    }
    case 'POST /v1/order':
      return handlers.order(parseOrder(await readJson(request)));
    case 'GET /v1/failover':
      return handlers.failover(url.searchParams.get('id') ?? '');
    case 'POST /v1/failover': {
      const body = await readJson(request);
      return handlers.force({ id: readId(body), source: body['source'] === null ? null : readIndex(body) });
    }
    case 'POST /v1/probe': {
      const body = await readJson(request);
      return handlers.probe({ id: readId(body), source: readIndex(body) });
    }
    case 'POST /v1/reload':
      return handlers.reload();
    case 'GET /v1/diff':
      return handlers.diff();
    case 'POST /v1/applied': {
      const { ids } = await readJson(request);
      if (!isStrings(ids)) throw badRequest('ids');
      handlers.markApplied(ids);
      return {};
    }
    case 'POST /v1/rollback': {
      const { id } = await readJson(request);
      if (typeof id !== 'string') throw badRequest('id');
      return { rolledBack: handlers.rollback(id) };
    }
    case 'POST /v1/shutdown': {
      const body = await readJson(request);
      handlers.shutdown({ jobs: body['jobs'] === 'keep' ? 'keep' : 'stop' });
      return {};
    }
    default:
      throw new AppError({ exitCode: ExitCode.usage, code: 'no-such-call', message: `no such call: ${request.method} ${url.pathname}` });
  }
}

function readId({ id }: Record<string, unknown>): string {
  if (typeof id !== 'string') throw badRequest('id');
  return id;
}

function readIndex({ source }: Record<string, unknown>): number {
  if (typeof source !== 'number' || !Number.isInteger(source) || source < 0) throw badRequest('source');
  return source;
}

function parseOrder(body: Record<string, unknown>): OrderRequest {
  const { action, ids, all, tags, seamless, reload } = body;
  if (action !== 'start' && action !== 'stop' && action !== 'restart') throw badRequest('action');
  const how = { action, ...(seamless === false ? { seamless } : {}), ...(reload === false ? { reload } : {}) } as const;
  if (isStrings(ids)) return { ...how, ids };
  if (isStrings(tags)) return { ...how, tags };
  if (all === true) return { ...how, all };
  throw badRequest('ids, tags or all');
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function badRequest(what: string): AppError {
  return new AppError({ exitCode: ExitCode.usage, code: 'bad-request', message: `the request's ${what} is missing or wrong` });
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBodyBytes) throw badRequest('size');
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through to the same answer as a body that is no object.
  }
  throw badRequest('body');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), Connection: 'close' });
  response.end(text);
}

function errorBody(error: unknown): ErrorBody {
  if (!(error instanceof AppError)) {
    return { code: 'bug', exitCode: ExitCode.bug, message: `the supervisor failed: ${String(error)}`, evidence: [] };
  }
  return {
    code: error.code,
    exitCode: error.exitCode,
    message: error.message,
    evidence: error.evidence,
    ...(error.next === undefined ? {} : { next: error.next }),
    ...(error.diagnostics.length === 0 ? {} : { diagnostics: error.diagnostics }),
  };
}
