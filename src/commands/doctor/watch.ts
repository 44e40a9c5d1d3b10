// `iptv doctor --watch`: the report again and again, on a terminal always in one picture, until Ctrl-C.

import { AppError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/exit-codes.ts';
import { errorDocument, renderError } from '../../ui/errors.ts';
import { screenOn } from '../../ui/screen.ts';
import type { Sink } from '../../ui/streams.ts';
import { createTheme } from '../../ui/theme.ts';
import type { Context } from '../context.ts';
import { watching } from '../watching.ts';
import { reportDocument, type Examined } from './report-document.ts';
import { renderReport } from './report-text.ts';

const watchEveryMs = 2000;
/** An empty line and one that says when this was. */
const footerLines = 2;

export interface WatchOptions {
  readonly onlyProblems: boolean;
  readonly look: () => Promise<Examined>;
}

export async function watch({ onlyProblems, look }: WatchOptions, context: Context): Promise<ExitCode> {
  const { out, json } = context.streams;
  const screen = json ? undefined : screenOn(out, context.env);
  // Under load, or with Docker, the first look takes seconds; a black screen would look like a hang.
  screen?.draw('', 'looking around; Ctrl-C ends');
  return watching(
    {
      screen,
      everyMs: watchEveryMs,
      async look() {
        const seen = await lookOrFail(look);
        if (context.interrupt.aborted) return undefined;
        return seen instanceof AppError
          ? { document: errorDocument(seen), text: () => renderError(seen, createTheme(out.hasColor), context.cwd) }
          : { document: reportDocument(seen, undefined), text: () => fitting(seen, out, onlyProblems) };
      },
    },
    context,
  );
}

/** An engine that is restarted, a list that is just being written: the next look may be better. */
async function lookOrFail(look: () => Promise<Examined>): Promise<Examined | AppError> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** In a low window what is well is left out, or the problem would be below its edge. */
function fitting(examined: Examined, out: Sink, onlyProblems: boolean): string {
  const text = renderReport(examined, out, { onlyProblems, fixes: undefined });
  if (!out.isTerminal || onlyProblems || text.trimEnd().split('\n').length + footerLines < out.rows) return text;
  const short = renderReport(examined, out, { onlyProblems: true, fixes: undefined });
  return `${short.trimEnd()}\n(a higher window also shows what is well)\n`;
}
