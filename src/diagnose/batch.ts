// Many quick programs in one: each `docker exec` costs a tenth of a second, and a container's are started one after the other.

import type { RunResult } from '../core/ports.ts';
import { shellWord, shellWords, type Argv } from './place.ts';

export interface BatchItem {
  readonly argv: Argv;
  /** undefined: it reads nothing. */
  readonly input: string | undefined;
}

/** What `sh -c` runs: one program after the other, each followed by a line with its exit code in both streams. */
export function batchScript(items: readonly BatchItem[], mark: string): string {
  const lines = items.map(({ argv, input }) =>
    input === undefined ? `r ${shellWords(argv)} </dev/null` : `printf %s ${shellWord(input)} | r ${shellWords(argv)}`,
  );
  return [String.raw`r() { "$@"; c=$?; printf '\n%s %s\n' ${mark} $c; printf '\n%s\n' ${mark} >&2; }`, ...lines].join('\n');
}

/** What each item did; undefined for the first one that has no end and those after it. */
export function splitBatch(result: Pick<RunResult, 'stdout' | 'stderr'>, mark: string, count: number): readonly (RunResult | undefined)[] {
  const out = result.stdout.split(`\n${mark} `);
  const errors = result.stderr.split(`\n${mark}\n`);
  let begin = 0;
  return Array.from({ length: count }, (_, index) => {
    const next = out[index + 1];
    if (next === undefined) return undefined;
    const stdout = (out[index] ?? '').slice(begin);
    begin = next.indexOf('\n') + 1;
    return {
      exitCode: Number.parseInt(next, 10),
      stdout,
      stderr: errors[index] ?? '',
      timedOut: false,
      missing: false,
    };
  });
}

export interface BatcherOptions {
  /** Runs `sh -c <script>`. */
  readonly runScript: (script: string) => Promise<RunResult>;
  readonly runAlone: (item: BatchItem) => Promise<RunResult>;
  /** Calls back once after so many milliseconds. */
  readonly after: (ms: number, callback: () => void) => unknown;
  /** A word that no program prints. */
  readonly newMark: () => string;
}

/** Long enough for all checks to have asked what they can ask at once. */
const gatherMs = 5;
/** A word of the command line is 128 KiB at most (execve(2), MAX_ARG_STRLEN). */
const mostCharacters = 100_000;

export function createBatcher({ runScript, runAlone, after, newMark }: BatcherOptions): (item: BatchItem) => Promise<RunResult> {
  interface Waiting {
    readonly item: BatchItem;
    readonly resolve: (result: RunResult | Promise<RunResult>) => void;
  }
  let waiting: Waiting[] = [];
  let length = 0;

  async function send(sent: readonly Waiting[]): Promise<void> {
    const [first] = sent;
    if (first !== undefined && sent.length === 1) return first.resolve(runAlone(first.item));
    const mark = newMark();
    const result = await runScript(
      batchScript(
        sent.map(({ item }) => item),
        mark,
      ),
    );
    const parts = splitBatch(result, mark, sent.length);
    // One that hangs keeps those after it from their turn, and a container that is not there answers nobody.
    for (const [index, { item, resolve }] of sent.entries()) resolve(parts[index] ?? (result.timedOut ? runAlone(item) : result));
  }

  const flush = (): void => {
    const sent = waiting;
    waiting = [];
    length = 0;
    if (sent.length > 0) void send(sent);
  };

  return (item) => {
    const size = shellWords(item.argv).length + (item.input?.length ?? 0) * 2;
    if (size > mostCharacters / 4) return runAlone(item);
    if (length + size > mostCharacters) flush();
    const { promise, resolve } = Promise.withResolvers<RunResult>();
    if (waiting.length === 0) after(gatherMs, flush);
    waiting.push({ item, resolve });
    length += size;
    return promise;
  };
}
