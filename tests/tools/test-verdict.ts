// What a whole run says after what failed in it was run again by itself: totals without double counts, and what to tell of it.

import type { CaseResult, RunReport } from './case-report.ts';

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Something that a reader of the log's end must see. */
export interface Told {
  readonly kind: 'failed' | 'flaky';
  /** `e2e tests/e2e/cli.test.ts: name of the case`. */
  readonly what: string;
  /** How it came to that. */
  readonly how: string;
  readonly message: string;
}

export interface Verdict extends Totals {
  readonly told: readonly Told[];
}

/** More than this is no accident of a crowded machine: running it all again would only take time. */
const mostFilesAgain = 10;

/** Files to run again by themselves; nothing where the failures cannot be an accident or are in no known file. */
export function filesToRunAgain({ cases, loose }: RunReport): readonly string[] {
  const failed = cases.filter(({ state }) => state === 'failed').map(({ file }) => file);
  const files = [...new Set([...failed, ...loose.map(({ file }) => file)])].filter((file) => file !== undefined);
  return files.length > mostFilesAgain ? [] : files;
}

/**
 * A case fails the run when it failed both times. One that failed once of the two is told as flaky, in whichever run it was.
 * What failed outside of cases (a hook, a file that cannot be loaded) is held to the same, file by file.
 *
 * @param again What the files of `filesToRunAgain` did by themselves; undefined when nothing was run again.
 */
export function verdict(project: string, full: RunReport, again: RunReport | undefined): Verdict {
  const alone = byKey(again?.cases ?? []);
  const first = byKey(full.cases);
  const cases = [...new Set([...first.keys(), ...alone.keys()])].map((key) => judged(first.get(key), alone.get(key)));
  const { lasting, told } = looseOf(full, again);
  const count = (state: CaseResult['state']): number => cases.filter((one) => one.state === state).length;
  return {
    passed: count('passed'),
    failed: count('failed') + lasting,
    skipped: count('skipped'),
    told: [...cases.flatMap(({ say }) => say ?? []), ...told].map((one) => ({ ...one, what: `${project} ${one.what}` })),
  };
}

interface Judged {
  readonly state: CaseResult['state'];
  readonly say?: Told;
}

function judged(full: CaseResult | undefined, alone: CaseResult | undefined): Judged {
  const one = full ?? alone;
  if (one === undefined) return { state: 'skipped' };
  const say = (kind: Told['kind'], how: string, of: CaseResult = one): Told => ({
    kind,
    what: `${of.file}: ${of.name}`,
    how,
    message: of.messages[0] ?? '',
  });
  if (full?.state === 'failed') {
    const inFull = `failed ${times(full.tries)} in the full run`;
    if (alone?.state === 'passed') return { state: 'passed', say: say('flaky', `${inFull}, passed by itself`) };
    const after = alone === undefined ? '' : alone.state === 'failed' ? ', and again by itself' : ', and was not reached by itself';
    return { state: 'failed', say: say('failed', `${inFull}${after}`) };
  }
  if (full?.state === 'passed') {
    if (alone?.state === 'failed') return { state: 'passed', say: say('flaky', 'passed in the full run, failed by itself', alone) };
    return full.tries > 1 ? { state: 'passed', say: say('flaky', 'failed once, passed at its second try') } : { state: 'passed' };
  }
  // Skipped or never loaded in the full run: what it did by itself is all that is known of it.
  if (alone?.state === 'failed') return { state: 'failed', say: say('failed', 'not reached in the full run, failed by itself', alone) };
  return { state: alone?.state ?? one.state };
}

function looseOf(full: RunReport, again: RunReport | undefined): { lasting: number; told: readonly Told[] } {
  const ranAgain = new Set(again === undefined ? [] : filesToRunAgain(full));
  const failedAgain = new Set(again?.loose.map(({ file }) => file));
  const told = full.loose.map(({ file, name, message }): Told => {
    const what = `${file ?? 'no known file'}: ${name}`;
    const isAccident = file !== undefined && ranAgain.has(file) && !failedAgain.has(file) && !failedAgain.has(undefined);
    if (isAccident) return { kind: 'flaky', what, how: 'failed in the full run, passed by itself', message };
    return {
      kind: 'failed',
      what,
      how: `failed in the full run${file !== undefined && ranAgain.has(file) ? ', and again by itself' : ''}`,
      message,
    };
  });
  return { lasting: told.filter(({ kind }) => kind === 'failed').length, told };
}

/** Names need not be unique within a file: equal ones are told apart by their order. */
function byKey(cases: readonly CaseResult[]): ReadonlyMap<string, CaseResult> {
  const seen = new Map<string, number>();
  return new Map(
    cases.map((one) => {
      const name = `${one.file}\n${one.name}`;
      const nth = (seen.get(name) ?? 0) + 1;
      seen.set(name, nth);
      return [`${name}\n${nth}`, one];
    }),
  );
}

function times(count: number): string {
  if (count === 1) return 'once';
  return count === 2 ? 'twice' : `${count} times`;
}

/** Some keep only the last 2,400 characters of a log: what failed must be in them, with the totals and a frame of theirs. */
const summaryLength = 2000;
const headLength = { least: 70, most: 300 };
const lineLength = 240;
const linesEach = 15;

/**
 * What was flaky, then what failed, each with the beginning of what it said. Names come before messages and failures before
 * accidents where there is not room for all, and what failed is nearest to the end of the log.
 */
export function summary(told: readonly Told[]): readonly string[] {
  const sorted = [...told.filter(({ kind }) => kind === 'failed'), ...told.filter(({ kind }) => kind === 'flaky')];
  const shown = sorted.slice(0, Math.floor(summaryLength / (headLength.least + 1)) - 1);
  const more = sorted.length === shown.length ? [] : [`and ${sorted.length - shown.length} more`];
  const width = Math.min(headLength.most, Math.floor(summaryLength / (shown.length + 1)) - 1);
  const heads = shown.map(({ kind, what, how }) => shortened(`${kind === 'failed' ? 'FAILED' : 'flaky'} ${what} (${how})`, width));
  let room = summaryLength - lengthOf([...heads, ...more]);
  const blocks = shown.map(({ kind, message }, index) => {
    const mostLines = kind === 'failed' ? linesEach : 4;
    const lines = fitting(message, mostLines, Math.floor(room / (shown.length - index)));
    room -= lengthOf(lines);
    return { kind, lines: [heads[index] ?? '', ...lines] };
  });
  const of = (kind: Told['kind']): readonly string[] => blocks.filter((block) => block.kind === kind).flatMap(({ lines }) => lines);
  return [...of('flaky'), ...of('failed'), ...more];
}

/** First lines of a message, and where it was, which may come after a long text. */
function fitting(message: string, mostLines: number, room: number): readonly string[] {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const where = lines.slice(1).find((line) => line.startsWith('at '));
  const inOrder = where === undefined ? lines : [...lines.slice(0, 1), where, ...lines.slice(1).filter((line) => line !== where)];
  const kept: string[] = [];
  for (const line of inOrder.slice(0, mostLines)) {
    const next = shortened(`    ${line}`, lineLength);
    if (lengthOf([...kept, next]) > room) break;
    kept.push(next);
  }
  return kept;
}

/** Both ends stay: the file and the case begin a line, how it came to that ends it. */
function shortened(line: string, width: number): string {
  if (line.length <= width) return line;
  const end = Math.floor(width / 4);
  return `${line.slice(0, width - end - 3)}...${line.slice(-end)}`;
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

/** The last line of `npm test`. */
export function totalsLine(counts: readonly Totals[], told: readonly Told[]): string {
  const total = (key: keyof Totals): number => counts.reduce((sum, one) => sum + one[key], 0);
  const flaky = told.filter(({ kind }) => kind === 'flaky').length;
  return `${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped${flaky === 0 ? '' : ` (${flaky} flaky, named above)`}`;
}
