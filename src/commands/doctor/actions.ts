// What `iptv doctor --fix` may do with the running stack, in both runtimes.

import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import type { Ports, RunResult } from '../../core/ports.ts';
import type { StackActions } from '../../diagnose/context.ts';
import type { Places } from '../../diagnose/place.ts';
import type { Stack } from '../../stack/stack.ts';
import type { Context } from '../context.ts';
import { readNginxPid } from '../preflight.ts';

const actionTimeoutMs = 60_000;

export interface ActionOptions {
  readonly context: Context;
  readonly ports: Ports;
  readonly stack: Stack;
  readonly places: Places;
  readonly containers: { readonly backend: string | undefined; readonly origin: string | undefined };
}

export function createActions(options: ActionOptions): StackActions {
  return options.stack.carry === undefined ? localActions(options) : dockerActions(options);
}

function localActions({ context, ports, stack }: ActionOptions): StackActions {
  const { paths } = context;
  return {
    async restartStream(id) {
      const client = await stack.connect();
      if (client === undefined) throw refused('the supervisor is not running');
      await client.order({ action: 'restart', ids: [id] });
    },
    async restartOrigin() {
      const pid = await readNginxPid(ports, paths);
      const info = pid === undefined ? undefined : ports.process.inspect(pid);
      if (info === undefined) throw refused('nginx has no process that is ours');
      // The supervisor writes the configuration anew and starts it again. SIGKILL: a hung worker hears nothing else.
      ports.process.signalGroup(info.pid, info.startTime, 'SIGKILL');
    },
    async replaceSupervisor() {
      const left = ports.process
        .findMarked('IPTV_STATE_DIR', paths.directory)
        .filter(({ env }) => env['IPTV_LOCKED'] === '1' && env['IPTV_JOB'] === undefined);
      for (const { pid, startTime } of left) ports.process.signal(pid, startTime, 'SIGKILL');
      await stack.up(() => undefined);
    },
  };
}

function dockerActions({ ports, places, containers }: ActionOptions): StackActions {
  return {
    async restartStream(id) {
      ended(await places.backend.run(['iptv', 'restart', id, '--no-wait'], { timeoutMs: actionTimeoutMs }));
    },
    async restartOrigin() {
      if (containers.origin === undefined) throw refused('there is no container nginx-rtmp');
      ended(await ports.process.run('docker', ['restart', '-t', '5', containers.origin], { timeoutMs: actionTimeoutMs }));
    },
    async replaceSupervisor() {
      // start.sh starts the next one; jobs are in process groups of their own and play on.
      ended(await places.backend.run(['sh', '-c', 'kill -KILL "$(cat /run/iptv/supervisor.pid)"'], { timeoutMs: actionTimeoutMs }));
    },
  };
}

function ended(result: RunResult): void {
  if (result.exitCode !== 0) throw refused(result.stderr.trim().split('\n').at(-1) ?? `it ended with ${result.exitCode}`);
}

function refused(message: string): AppError {
  return new AppError({ exitCode: ExitCode.tryAgain, code: 'fix-failed', message });
}
