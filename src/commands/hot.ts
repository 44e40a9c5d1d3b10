// The questions that monitors ask every few seconds, answered without loading the parser (20 ms of start-up).

import { carriedFirst, toExitCode } from './command.ts';
import type { Context } from './context.ts';

export interface HotQuestion {
  readonly name: 'status' | 'is-healthy';
  readonly ids: readonly string[];
}

/** False: not one of them, or a form that needs the real parser. */
export async function runHotCommand(context: Context): Promise<boolean> {
  // A process that lives for months need not keep the parser in memory.
  if (context.argv[0] === 'supervise' && context.env['IPTV_LOCKED'] === '1') {
    context.finish(toExitCode(await context.supervise()));
    return true;
  }
  const question = readHotQuestion(context.argv);
  if (question === undefined) return false;
  const { ids } = question;
  if (question.name === 'status') {
    const { run } = await import('./status.ts');
    context.finish(await carriedFirst(run)({ ids, watch: false, wide: false }, context));
  } else {
    const { run } = await import('./is-healthy.ts');
    context.finish(await carriedFirst(run)({ ids, strict: false }, context));
  }
  return true;
}

/** Only what cannot be misread: the command, ids, and flags without a value that every command knows. */
export function readHotQuestion(argv: readonly string[]): HotQuestion | undefined {
  const [name, ...words] = argv;
  if (name !== 'status' && name !== 'is-healthy') return undefined;
  const plainFlags = ['--json', '-q', '--quiet'];
  const ids = words.filter((word) => !plainFlags.includes(word));
  return ids.every((word) => /^[^-]/.test(word)) ? { name, ids } : undefined;
}
