// The answer when nothing listens on the control socket.

import type { ControlClient } from '../control/protocol.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Context } from './context.ts';

export function notRunning(): AppError {
  return new AppError({ exitCode: ExitCode.notRunning, code: 'not-running', message: 'the supervisor is not running', next: 'iptv up' });
}

export async function connect(context: Context): Promise<ControlClient> {
  const stack = await context.selectStack();
  const client = await stack.connect();
  if (client === undefined) throw notRunning();
  return client;
}
