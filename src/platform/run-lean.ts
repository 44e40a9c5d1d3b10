// Runs a program to its end with what Node brings: for the supervisor, where execa's modules would stay in memory for good (17 MB).

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';

import type { RunOptions, RunResult } from '../core/ports.ts';
import { daemonEnvironment, toolEnvironment } from './environment.ts';
import { errnoOf } from './os-errors.ts';
import { groupMembers, readProcess } from './proc.ts';
import { forceKillAfterMs, maxOutputCharacters } from './run-program.ts';

/** Pipes that nobody of the group holds any more, and that are open all the same, are given up after this. */
const giveUpAfterMs = 1000;
/** Groups that run: they end with this process, however it ends. */
const running = new Set<ChildProcess>();
let isListening = false;

/**
 * The same answers as of runProgram. The program leads a group of its own: with it, whatever it started can be ended. That is a session
 * without a terminal, which is right for a supervisor and wrong for a command, whose sudo(8) knows its user by the terminal.
 */
export function runLean(file: string, argv: readonly string[], options: RunOptions): Promise<RunResult> {
  const env = options.inherit === 'bare' ? daemonEnvironment(options.env ?? {}) : toolEnvironment(options.env);
  const stdio = [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] as const;
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      child = spawn(file, [...argv], { env, cwd: options.cwd, detached: true, stdio: [...stdio] });
    } catch (error) {
      resolve(notStarted(error, options.cwd));
      return;
    }
    const limit = options.maxOutputCharacters ?? maxOutputCharacters;
    const stdout = collect(child.stdout, limit, stop);
    const stderr = collect(child.stderr, limit, stop);
    const timers: NodeJS.Timeout[] = [];
    let timedOut = false;
    let failure: unknown;

    function stop(): void {
      signalGroup(child, 'SIGTERM');
      timers.push(setTimeout(force, forceKillAfterMs));
    }
    function force(): void {
      signalGroup(child, 'SIGKILL');
      timers.push(setTimeout(letGo, giveUpAfterMs));
    }
    function letGo(): void {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }

    track(child);
    timers.push(
      setTimeout(() => {
        timedOut = true;
        stop();
      }, options.timeoutMs),
    );
    child.once('error', (error) => (failure = error));
    // A program that does not read what it is given is no failure of ours.
    child.stdin?.on('error', () => undefined).end(options.input);
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
      for (const timer of timers) clearTimeout(timer);
      running.delete(child);
      if (child.pid === undefined) return resolve(notStarted(failure, options.cwd));
      resolve({
        exitCode: code ?? undefined,
        ...(signal === null ? {} : { signal }),
        stdout: stdout(),
        stderr: stderr(),
        timedOut,
        missing: false,
      });
    });
  });
}

/** A working folder that is not there also answers ENOENT. */
function notStarted(error: unknown, cwd: string | undefined): RunResult {
  const isMissing = errnoOf(error) === 'ENOENT';
  const isHomeless = isMissing && cwd !== undefined && !existsSync(cwd);
  const message = isHomeless ? `no folder ${cwd}` : error instanceof Error ? error.message : String(error);
  return { exitCode: undefined, stdout: '', stderr: `${message}\n`, timedOut: false, missing: isMissing && !isHomeless };
}

/** What came until now, at most `limit` characters of it; `onFull` once there is more. */
function collect(from: Readable | null, limit: number, onFull: () => void): () => string {
  let parts: string[] = [];
  let length = 0;
  from?.setEncoding('utf8').on('data', (text: string) => {
    if (length === limit) return;
    parts.push(text.slice(0, limit - length));
    length = Math.min(limit, length + text.length);
    if (length === limit) onFull();
  });
  return () => {
    const text = parts.join('');
    parts = [];
    return text;
  };
}

/** Whatever is left of the group, also when its leader has ended. */
function signalGroup({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  const hasEnded = exitCode !== null || signalCode !== null;
  // A group keeps its number from being used again: if somebody else has it now, there is no group of ours any more.
  if (hasEnded && (readProcess(pid) !== undefined || groupMembers(pid).length === 0)) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}

function track(child: ChildProcess): void {
  running.add(child);
  if (isListening) return;
  isListening = true;
  process.on('exit', () => {
    for (const each of running) signalGroup(each, 'SIGTERM');
  });
}
