// A vitest reporter that writes down each case and each failure outside a case, for the summary at the end of `npm test`.

import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export interface CaseResult {
  /** Relative to the project's root, as in all that follows. */
  readonly file: string;
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** How often it ran: 2 when the first try failed and the project allows a second one. */
  readonly tries: number;
  readonly durationMs: number;
  /** One text for each failed try, the passed second try's first one included. */
  readonly messages: readonly string[];
}

/** What failed outside every case: a hook, a file that cannot be loaded, a worker that ended, a promise nobody waited for. */
export interface LooseFailure {
  /** Not known for errors of vitest itself. */
  readonly file: string | undefined;
  readonly name: string;
  readonly message: string;
}

export interface RunReport {
  readonly cases: readonly CaseResult[];
  readonly loose: readonly LooseFailure[];
}

export class CaseReporter implements Reporter {
  readonly #file: string;
  readonly #root: string;

  /** @param file Where the report goes, as JSON of a RunReport. */
  constructor(file: string, root: string) {
    this.#file = file;
    this.#root = root;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const report: RunReport = {
      cases: modules.flatMap((module) => this.#cases(module)),
      loose: [
        ...modules.flatMap((module) => this.#loose(module)),
        ...unhandled.map((error) => ({ file: this.#origin(error), name: 'an error outside every test', message: this.#text(error) })),
      ],
    };
    writeFileSync(this.#file, JSON.stringify(report));
  }

  #cases(module: TestModule): readonly CaseResult[] {
    return [...module.children.allTests()].map((test) => {
      const { state, errors } = test.result();
      return {
        file: this.#relative(module.moduleId),
        name: test.fullName,
        // What never ended is told by its file, which did not end either.
        state: state === 'pending' ? 'skipped' : state,
        tries: 1 + (test.diagnostic()?.retryCount ?? 0),
        durationMs: test.diagnostic()?.duration ?? 0,
        messages: (errors ?? []).map((error) => this.#text(error)),
      };
    });
  }

  #loose(module: TestModule): readonly LooseFailure[] {
    const file = this.#relative(module.moduleId);
    const told = [
      ...module.errors().map((error) => ({ file, name: 'the file or a hook of it', message: this.#text(error) })),
      ...[...module.children.allSuites()].flatMap((suite) =>
        suite.errors().map((error) => ({ file, name: `a hook of: ${suite.fullName}`, message: this.#text(error) })),
      ),
    ];
    const isUnfinished = module.state() === 'queued' || module.state() === 'pending';
    return isUnfinished && told.length === 0 ? [{ file, name: 'the file', message: 'did not come to its end' }] : told;
  }

  #text(error: SerializedError): string {
    // The diff says more than the shortened values of an assertion's own message.
    const at = error.stacks?.find(({ file }) => !file.includes('node_modules'));
    const where = at === undefined ? [] : [`at ${this.#relative(at.file)}:${at.line}:${at.column}`];
    return stripVTControlCharacters([error.message, ...where, ...(typeof error['diff'] === 'string' ? [error['diff']] : [])].join('\n'));
  }

  /** The worker writes into an error which file was running. */
  #origin(error: SerializedError): string | undefined {
    const path: unknown = error['VITEST_TEST_PATH'];
    return typeof path === 'string' ? this.#relative(path) : undefined;
  }

  #relative(path: string): string {
    return path.startsWith('/') ? relative(this.#root, path) : path;
  }
}
