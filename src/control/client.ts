// The CLI's side of the control door.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { ListDiff } from '../core/list-diff.ts';
import type { StatusDocument } from '../core/status.ts';
import type { FailoverReport, ProbeReport } from '../core/failover.ts';
import type { ControlClient, ErrorBody, Hello, OrderRequest, OrderResult, ShutdownRequest } from './protocol.ts';

/**
 * A plain socket and HTTP/1.0 (RFC 1945: one request, the end of the connection ends the body) instead of node:http, which
 * takes 25 ms of start-up to load and its ES module form 100 ms: `status` is asked every few seconds by monitors.
 */
const { connect } = process.getBuiltinModule('node:net');

const answerTimeoutMs = 30_000;
/** A look at a source waits for its turn, for a resolver and for a slow provider, twice when the address had expired. */
const probeTimeoutMs = 150_000;

/** undefined when nobody listens: no socket, a dead one, or one of another user's (which throws). */
export async function connectControl(socketPath: string): Promise<ControlClient | undefined> {
  let hello: Hello;
  try {
    hello = (await call(socketPath, 'GET', '/v1/hello')) as Hello;
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    if (errno === 'ENOENT' || errno === 'ECONNREFUSED') return undefined;
    // It went away while we asked.
    if (errno === 'ECONNRESET' || errno === 'EPIPE' || (error instanceof AppError && error.code === 'supervisor-gone')) return undefined;
    if (errno === 'EACCES') {
      throw new AppError({
        exitCode: ExitCode.permission,
        code: 'socket-forbidden',
        message: `the supervisor's socket ${socketPath} belongs to another user`,
        next: `ls -l ${socketPath}   # run iptv as the user who owns it`,
      });
    }
    throw error;
  }
  return {
    hello,
    status: async (ids) => {
      const query = (ids ?? []).map((id) => `id=${encodeURIComponent(id)}`).join('&');
      return (await call(socketPath, 'GET', `/v1/status${query === '' ? '' : `?${query}`}`)) as StatusDocument;
    },
    order: async (order: OrderRequest) => (await call(socketPath, 'POST', '/v1/order', order)) as OrderResult,
    reload: async () => (await call(socketPath, 'POST', '/v1/reload', {})) as ListDiff,
    diff: async () => (await call(socketPath, 'GET', '/v1/diff')) as ListDiff,
    markApplied: async (ids) => {
      await call(socketPath, 'POST', '/v1/applied', { ids });
    },
    rollback: async (id) => ((await call(socketPath, 'POST', '/v1/rollback', { id })) as { readonly rolledBack: boolean }).rolledBack,
    shutdown: async (how: ShutdownRequest) => {
      await call(socketPath, 'POST', '/v1/shutdown', how);
    },
    failover: async (id) => (await call(socketPath, 'GET', `/v1/failover?id=${encodeURIComponent(id)}`)) as FailoverReport,
    force: async (request) => (await call(socketPath, 'POST', '/v1/failover', request)) as FailoverReport,
    probe: async (request) => (await call(socketPath, 'POST', '/v1/probe', request, probeTimeoutMs)) as ProbeReport,
  };
}

function call(socketPath: string, method: string, path: string, body?: unknown, timeoutMs = answerTimeoutMs): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? '' : JSON.stringify(body);
    const chunks: Buffer[] = [];
    const socket = connect(socketPath);
    socket.setTimeout(timeoutMs, () => socket.destroy(silent(path, timeoutMs)));
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => {
      const { status, text } = split(Buffer.concat(chunks).toString('utf8'));
      const answer = parse(text);
      if (answer === undefined) reject(gone(path));
      else if (status === 200) resolve(answer);
      else reject(toAppError(answer as Partial<ErrorBody>));
    });
    // Not `end`: node:http gives up on a request whose client has closed its half.
    socket.write(
      `${method} ${path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(content)}\r\n\r\n${content}`,
    );
  });
}

function split(answer: string): { readonly status: number; readonly text: string } {
  const headEnd = answer.indexOf('\r\n\r\n');
  return { status: Number(answer.slice(0, answer.indexOf('\r\n')).split(' ')[1]), text: answer.slice(headEnd + 4) };
}

/** undefined for an answer that was cut off. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function gone(path: string): AppError {
  return new AppError({
    exitCode: ExitCode.tryAgain,
    code: 'supervisor-gone',
    message: `the supervisor ended before it had answered ${path}`,
    next: 'iptv up',
  });
}

function silent(path: string, timeoutMs: number): AppError {
  return new AppError({
    exitCode: ExitCode.tryAgain,
    code: 'supervisor-silent',
    message: `the supervisor did not answer ${path} within ${timeoutMs / 1000} s`,
    next: 'iptv logs backend',
  });
}

function toAppError(body: Partial<ErrorBody>): AppError {
  return new AppError({
    exitCode: body.exitCode ?? ExitCode.bug,
    code: body.code ?? 'bug',
    message: body.message ?? 'the supervisor gave an answer that cannot be read',
    evidence: body.evidence ?? [],
    ...(body.next === undefined ? {} : { next: body.next }),
    ...(body.diagnostics === undefined ? {} : { diagnostics: body.diagnostics }),
  });
}
