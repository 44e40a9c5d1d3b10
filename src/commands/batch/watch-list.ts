// Applies the list whenever its content changes; a file that is half written or invalid changes nothing and ends nothing.

import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import { hashText } from '../../core/state-paths.ts';
import { renderError } from '../../ui/errors.ts';
import { createTheme } from '../../ui/theme.ts';
import type { Context } from '../context.ts';
import { connect } from '../not-running.ts';

const pollMs = 500;
/** Another batch holds the lock, or the supervisor comes up: it is done later, not forgotten. */
const againMs = 5000;

/** Looked at, not listened to: editors replace files in many ways, and two reads a second cost nothing. */
export async function watchList(apply: () => Promise<ExitCode>, context: Context): Promise<ExitCode> {
  const { files } = await context.ports();
  const path = (await connect(context)).hello.configPath;
  const look = async (): Promise<string> => hashText((await files.readText(path).catch(() => undefined)) ?? '');
  let applied: string | undefined;
  let before = await look();
  while (!context.interrupt.aborted) {
    await context.sleep(pollMs);
    const now = await look();
    // The same twice: whoever writes it is done.
    if (now === before && now !== applied) {
      applied = now;
      try {
        await apply();
      } catch (error) {
        if (!(error instanceof AppError) || error.exitCode === ExitCode.notRunning) throw error;
        context.streams.err.write(renderError(error, createTheme(context.streams.err.hasColor), context.cwd));
        if (error.exitCode !== ExitCode.tryAgain) continue;
        applied = undefined;
        await context.sleep(againMs);
      }
    }
    before = now;
  }
  return ExitCode.interrupted;
}
