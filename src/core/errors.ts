// How a command ends when it cannot do its work: what, evidence, one next step, exit code.

import { ExitCode } from './exit-codes.ts';

/** A place in a text file; line and column count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One problem found in streams.yaml; several are reported together. */
export interface Diagnostic {
  readonly location: SourceLocation;
  /** Path of the key as the user would write it, such as `streams[2].restart.delay`. */
  readonly path: string;
  readonly message: string;
  /** What the user may have meant, when a near word exists. */
  readonly suggestion?: string;
  /** The text of the line and how many characters from `column` on are wrong. */
  readonly lineText?: string;
  readonly length?: number;
}

export interface AppErrorDetails {
  readonly exitCode: ExitCode;
  /** Stable machine word for `--json`, such as `config-invalid` or `port-in-use`. */
  readonly code: string;
  readonly message: string;
  /** A few lines that prove it: the last lines of a program's stderr, a holder's pid. */
  readonly evidence?: readonly string[];
  /** One command to run next. */
  readonly next?: string;
  readonly location?: SourceLocation;
  readonly diagnostics?: readonly Diagnostic[];
  readonly cause?: unknown;
}

/** The only error type that is shown to users as it is; anything else is reported as a bug. */
export class AppError extends Error {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly evidence: readonly string[];
  readonly next: string | undefined;
  readonly location: SourceLocation | undefined;
  readonly diagnostics: readonly Diagnostic[];

  constructor(details: AppErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AppError';
    this.exitCode = details.exitCode;
    this.code = details.code;
    this.evidence = details.evidence ?? [];
    this.next = details.next;
    this.location = details.location;
    this.diagnostics = details.diagnostics ?? [];
  }
}

export function usageError(message: string, next?: string): AppError {
  return new AppError({ exitCode: ExitCode.usage, code: 'usage', message, ...(next === undefined ? {} : { next }) });
}
