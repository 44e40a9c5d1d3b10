// The composition root: builds the context, runs the command line, turns how it ended into an exit code.

import type { Context } from './commands/context.ts';
import { AppError } from './core/errors.ts';
import { ExitCode } from './core/exit-codes.ts';
import { debug } from './ui/messages.ts';
import { findCommandName, readGlobals } from './ui/globals.ts';
import { createStreams, type Streams } from './ui/streams.ts';
import type { Launch } from './wiring.ts';

/** A command that was interrupted has this long to tidy up. */
const graceMs = 3_000;
/** A finished command that something keeps alive is ended by force. */
const lingerMs = 1_000;
const echoMs = 50;

export async function main(launch: Launch): Promise<void> {
  const globals = readGlobals(launch.argv);
  const streams = createStreams(
    once(() => guarded(process.stdout)),
    once(() => guarded(process.stderr)),
    process.env,
    globals,
  );
  const name = findCommandName(launch.argv);
  // The supervisor has its own answers to signals.
  const signals = name === 'supervise' ? undefined : listenForSignals();
  let code: ExitCode = ExitCode.ok;
  const { createContext } = await import('./wiring.ts');
  const context = createContext({
    launch,
    configFlag: globals.config,
    streams,
    interrupt: signals?.interrupt ?? new AbortController().signal,
    finish: (value) => (code = value),
  });
  try {
    await (signals === undefined ? runCommandLine(context, name) : Promise.race([runCommandLine(context, name), signals.overdue]));
  } catch (error) {
    code = await report(error, launch, streams);
  }
  process.exitCode = signals?.interrupt.aborted === true ? signals.exitCode() : code;
  setTimeout(() => process.exit(), lingerMs).unref();
}

async function runCommandLine(context: Context, name: string | undefined): Promise<void> {
  const { runHotCommand } = await import('./commands/hot.ts');
  if (await runHotCommand(context)) return;
  const { createProgram } = await import('./commands/program.ts');
  const program = await createProgram(context, name ?? '');
  const outcome = await program.run(context.argv);
  if (outcome.kind === 'failed') throw outcome.error;
  if (outcome.kind === 'done') return;
  const [{ renderHelp }, { createTheme }] = await Promise.all([import('./ui/help.ts'), import('./ui/theme.ts')]);
  const { out } = context.streams;
  out.write(renderHelp(outcome.page, createTheme(out.hasColor), out.columns));
}

/** With --json stdout stays empty and stderr holds one object. */
async function report(error: unknown, launch: Launch, streams: Streams): Promise<ExitCode> {
  if (error instanceof AppError && error.code === 'interrupted') return error.exitCode;
  const { bugDocument, errorDocument, renderBug, renderError } = await import('./ui/errors.ts');
  const { createTheme } = await import('./ui/theme.ts');
  const theme = createTheme(streams.err.hasColor);
  const surroundings = {
    version: launch.version,
    nodeVersion: process.version,
    platform: `${process.platform} ${process.arch}`,
    argv: launch.argv,
  };
  if (error instanceof AppError) {
    streams.err.write(streams.json ? `${JSON.stringify(errorDocument(error))}\n` : renderError(error, theme, process.cwd()));
    if (error.cause instanceof Error && !streams.json) debug(streams, error.cause.stack ?? error.cause.message);
    return error.exitCode;
  }
  streams.err.write(streams.json ? `${JSON.stringify(bugDocument(error, surroundings))}\n` : renderBug(error, surroundings, theme));
  return ExitCode.bug;
}

interface Signals {
  readonly interrupt: AbortSignal;
  /** Fails when an interrupted command did not end by itself. */
  readonly overdue: Promise<never>;
  exitCode(): ExitCode;
}

/**
 * The first Ctrl-C asks, the second does not. A wrapper that passes the terminal's signal on to us, which we got already,
 * makes two out of one: no hand is as quick as that.
 */
function listenForSignals(): Signals {
  const controller = new AbortController();
  let code: ExitCode = ExitCode.interrupted;
  const overdue = new Promise<never>((_, reject) => {
    let firstAt = 0;
    const onSignal = (received: ExitCode) => () => {
      if (controller.signal.aborted && performance.now() - firstAt < echoMs) return;
      if (controller.signal.aborted) process.exit(received);
      firstAt = performance.now();
      code = received;
      controller.abort();
      const ended = new AppError({ exitCode: received, code: 'interrupted', message: 'interrupted' });
      setTimeout(() => reject(ended), graceMs).unref();
    };
    process.on('SIGINT', onSignal(ExitCode.interrupted));
    process.on('SIGTERM', onSignal(ExitCode.terminated));
  });
  return { interrupt: controller.signal, overdue, exitCode: () => code };
}

/** `iptv logs | head`: the reader has seen enough, which is no error. */
function guarded(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? ExitCode.ok);
    throw error;
  });
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
