// The log folder in the backend container, read by `iptv logs` in there.

import { AppError } from '../../core/errors.ts';
import type { ProgramOutput, Stack } from '../../stack/stack.ts';
import { formatInstant } from '../../ui/time.ts';
import { readCarriedLine } from './container-lines.ts';
import type { LogLine } from './log-line.ts';
import type { LogSource } from './source.ts';
import { linesOf } from './stream-lines.ts';

export interface CarriedSourceOptions {
  readonly carryOutput: NonNullable<Stack['carryOutput']>;
  readonly follow: boolean;
  /** What to run in there: the same question again, or, after a restart of the container, what came since. */
  readonly argv: (since: string | undefined) => readonly string[];
  readonly isOver: () => boolean;
  readonly sleep: (delayMs: number) => Promise<void>;
}

export interface CarriedSource extends LogSource {
  /** The container does not run. */
  readonly isDown: () => boolean;
}

const againMs = 1000;
/** Lines of several logs come nearly in the order of time: after a break it is read a little further back. */
const overlapMs = 3000;

export async function createCarriedSource(options: CarriedSourceOptions): Promise<CarriedSource> {
  let code: number | undefined;
  let program = await open(options, undefined);
  let lines = program === undefined ? undefined : linesOf(program.output)[Symbol.asyncIterator]();
  /** What may come again after a break. */
  let recent: LogLine[] = [];
  let expected = new Map<string, number>();
  let early: readonly LogLine[] = [];

  function read(raws: readonly string[]): { readonly lines: readonly LogLine[]; readonly liveAt: number | undefined } {
    const found: LogLine[] = [];
    let liveAt: number | undefined;
    for (const raw of raws) {
      const line = readCarriedLine(raw);
      if (line === 'live') liveAt = found.length;
      else if (line !== undefined && isNew(line)) found.push(line);
    }
    const newest = found.reduce((time, { timeMs }) => Math.max(time, timeMs), recent.at(-1)?.timeMs ?? 0);
    recent = [...recent, ...found].filter(({ timeMs }) => timeMs >= newest - overlapMs);
    return { lines: found, liveAt };
  }

  function isNew(line: LogLine): boolean {
    const left = expected.get(keyOf(line)) ?? 0;
    if (left > 0) expected.set(keyOf(line), left - 1);
    return left === 0;
  }

  async function* past(): AsyncGenerator<readonly LogLine[]> {
    while (lines !== undefined) {
      const next = await lines.next();
      if (next.done === true) break;
      const found = read(next.value);
      if (found.liveAt !== undefined) {
        early = found.lines.slice(found.liveAt);
        yield found.lines.slice(0, found.liveAt);
        return;
      }
      yield found.lines;
    }
    const ended = await program?.ended;
    // Following, an end before the mark is a refusal as well: no such stream, no such flag.
    if (ended !== undefined && ended !== 0 && !options.isOver()) code = ended;
  }

  async function* coming(): AsyncGenerator<readonly LogLine[]> {
    if (early.length > 0) yield early;
    while (!options.isOver()) {
      while (lines !== undefined) {
        const next = await lines.next();
        if (next.done === true || options.isOver()) break;
        const found = read(next.value).lines;
        if (found.length > 0) yield found;
      }
      program?.end();
      await options.sleep(againMs);
      if (options.isOver()) return;
      const newest = recent.reduce((time, { timeMs }) => Math.max(time, timeMs), 0);
      expected = new Map();
      for (const line of recent) expected.set(keyOf(line), (expected.get(keyOf(line)) ?? 0) + 1);
      program = await open(options, newest === 0 ? undefined : formatInstant(newest - overlapMs)).catch(() => undefined);
      lines = program === undefined ? undefined : linesOf(program.output)[Symbol.asyncIterator]();
    }
  }

  return { past, coming, failure: () => code, isDown: () => program === undefined };
}

async function open(options: CarriedSourceOptions, since: string | undefined): Promise<ProgramOutput | undefined> {
  try {
    return await options.carryOutput(options.argv(since));
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-running') return undefined;
    throw error;
  }
}

function keyOf({ name, timeMs, level, text }: LogLine): string {
  return `${timeMs} ${name} ${level} ${text}`;
}
