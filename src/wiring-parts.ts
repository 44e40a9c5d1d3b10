// Small tools of the wiring that know nothing of iptv's parts.

import type { RuntimeChoice } from './core/config.ts';
import { usageError } from './core/errors.ts';

/** What a child of the supervisor needs to find it again. */
export function ownVariables(env: NodeJS.ProcessEnv, stateFolder: string): Readonly<Record<string, string>> {
  const inside = env['IPTV_INSIDE'] === undefined ? {} : { IPTV_INSIDE: env['IPTV_INSIDE'] };
  return { ...inside, IPTV_STATE_DIR: stateFolder, IPTV_RUNTIME: 'local' };
}

export function absolute(cwd: string, path: string): string {
  return process.getBuiltinModule('node:path').resolve(cwd, path);
}

export function runtimeFromEnvironment(value: string | undefined): RuntimeChoice | undefined {
  if (value === undefined || value === '') return undefined;
  if (value === 'local' || value === 'docker' || value === 'auto') return value;
  throw usageError(`IPTV_RUNTIME is ${JSON.stringify(value)}; it can be local, docker or auto`);
}

export function onSignal(handler: (what: 'stop' | 'reload') => void): void {
  process.on('SIGTERM', () => handler('stop'));
  process.on('SIGINT', () => handler('stop'));
  process.on('SIGHUP', () => handler('reload'));
}

export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** A command opens one stack, whatever it asks for later. */
export function onceFor<A, T>(make: (argument: A | undefined) => Promise<T>): (argument?: A) => Promise<T> {
  let made: Promise<T> | undefined;
  return (argument) => (made ??= make(argument));
}

export function sleep(delayMs: number, interrupt: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (interrupt.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      interrupt.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    interrupt.addEventListener('abort', end);
  });
}

/** Its output goes to our terminal; keys are ours. */
export function runBeside(bin: string, argv: readonly string[]): { readonly ended: Promise<void>; end(): void } {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(process.execPath, [bin, ...argv], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('error', () => resolve()).once('exit', () => resolve()));
  return { ended, end: () => void child.kill('SIGTERM') };
}
