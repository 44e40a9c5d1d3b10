// Runs a program to its end with execa and captures what it prints.

import type { RunOptions, RunResult } from '../core/ports.ts';
import { daemonEnvironment, toolEnvironment } from './environment.ts';

/** A tool that prints more than this is ended; ffmpeg's longest listing is under 1 MiB. */
const maxOutputCharacters = 16 * 1024 * 1024;
const forceKillAfterMs = 3_000;

/**
 * execa is loaded here and not at the top: it costs more than all the rest of a plain `iptv status`.
 * The kill signal is an option because execa escalates to SIGKILL only after the configured one.
 */
export async function runProgram(file: string, argv: readonly string[], options: RunOptions): Promise<RunResult> {
  const { execa } = await import('execa');
  const result = await execa(file, argv, {
    reject: false,
    stripFinalNewline: false,
    timeout: options.timeoutMs,
    killSignal: 'SIGTERM',
    forceKillAfterDelay: forceKillAfterMs,
    killDescendants: true,
    maxBuffer: options.maxOutputCharacters ?? maxOutputCharacters,
    extendEnv: false,
    env: options.inherit === 'bare' ? daemonEnvironment(options.env ?? {}) : toolEnvironment(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  });
  const notStarted = result.failed && result.code !== undefined && result.exitCode === undefined && result.signal === undefined;
  return {
    exitCode: result.exitCode,
    ...(result.signal === undefined ? {} : { signal: result.signal }),
    stdout: result.stdout,
    stderr: notStarted ? `${result.stderr}${result.originalMessage ?? ''}\n` : result.stderr,
    timedOut: result.timedOut,
    // A working folder that is not there also answers ENOENT; execa then says more than the bare spawn error.
    missing: result.code === 'ENOENT' && result.originalMessage === `spawn ${file} ENOENT`,
  };
}
