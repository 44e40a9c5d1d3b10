// Hands one message over: a POST to a webhook, or a command with the message on stdin. Never throws.

import type { HookConfig } from '../../core/config.ts';
import type { Ports } from '../../core/ports.ts';
import { messageEnvironment, type HookMessage } from './message.ts';

export type Delivery =
  | { readonly ok: true; readonly how: string }
  /** `retry`: it may work later. `reason` is free of the hook's secrets. */
  | { readonly ok: false; readonly retry: boolean; readonly reason: string };

const webhookTimeoutMs = 10_000;
const commandTimeoutMs = 30_000;
const mostShown = 200;

export async function deliver(hook: HookConfig, message: HookMessage, ports: Pick<Ports, 'net' | 'process'>): Promise<Delivery> {
  const body = JSON.stringify(message);
  try {
    return 'url' in hook.target ? await post(hook.target, body, ports.net) : await run(hook.target.command, message, body, ports.process);
  } catch (error) {
    return { ok: false, retry: true, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function post(
  target: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
  body: string,
  net: Ports['net'],
): Promise<Delivery> {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'iptv', ...target.headers };
  const answer = await net.post(target.url, { timeoutMs: webhookTimeoutMs, headers, body });
  if (answer === undefined)
    return { ok: false, retry: true, reason: `no answer within ${webhookTimeoutMs / 1000} s, or the connection failed` };
  if (answer.status >= 200 && answer.status < 300) return { ok: true, how: `status ${answer.status}` };
  // RFC 9110: these say "later"; any other 3xx and 4xx stays as it is.
  const retry = answer.status >= 500 || [408, 425, 429].includes(answer.status);
  return { ok: false, retry, reason: `status ${answer.status}${shown(answer.body)}` };
}

async function run(command: readonly string[], message: HookMessage, body: string, process: Ports['process']): Promise<Delivery> {
  const [file = '', ...argv] = command;
  const ran = await process.run(file, argv, { timeoutMs: commandTimeoutMs, input: `${body}\n`, env: messageEnvironment(message) });
  if (ran.missing) return { ok: false, retry: false, reason: `${file} was not found` };
  if (ran.timedOut) return { ok: false, retry: true, reason: `${file} did not end within ${commandTimeoutMs / 1000} s and was ended` };
  if (ran.exitCode === 0) return { ok: true, how: 'exit code 0' };
  return { ok: false, retry: true, reason: `${file} ended with ${ran.signal ?? `code ${ran.exitCode}`}${shown(ran.stderr)}` };
}

function shown(text: string): string {
  const flat = text.trim().replace(/\s+/g, ' ').slice(0, mostShown);
  return flat === '' ? '' : `: ${flat}`;
}
