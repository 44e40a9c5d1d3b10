// Collects problems by path and turns them into diagnostics with line, column and the text of the line.

import type { Diagnostic } from '../core/errors.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { createRedactor } from '../core/redact.ts';
import { formatPath, locate, scalarAt } from './positions.ts';
import type { LocatedProblem, Span } from './positions.ts';
import { referenceNames } from './references.ts';
import type { References } from './references.ts';
import type { YamlFile } from './yaml-file.ts';

/** Sorted by place, one for a path: the first given wins, and an unresolved reference comes before everything. */
export function toDiagnostics(
  file: YamlFile,
  problems: readonly LocatedProblem[],
  references: References,
  secrets: readonly string[],
): readonly Diagnostic[] {
  const redact = createRedactor(secrets);
  const byPath = new Map<string, LocatedProblem>();
  for (const problem of [...references.unresolved, ...problems]) {
    const path = formatPath(problem.path);
    if (!byPath.has(path)) byPath.set(path, problem);
  }
  const located = [
    ...file.problems.map((problem) => ({ span: problem, path: '', message: problem.message, suggestion: undefined })),
    ...[...byPath.values()].map(place),
  ];
  return located
    .toSorted((left, right) => left.span.offset - right.span.offset)
    .map(({ span, path, message, suggestion }) => describe(file, span, path, redact(message), suggestion, redact));

  function place(problem: LocatedProblem) {
    const span = locate(file.document, problem.path, problem.target ?? 'value');
    const scalar = scalarAt(file.document, problem.path);
    const substitution = scalar === undefined ? undefined : references.bySource.get(scalar);
    const found = problem.found === undefined ? '' : `, got ${problem.found}`;
    // The found text and the nearest word would show a part of the variable's value.
    const tail = substitution === undefined ? found : ` (after replacing ${referenceNames(substitution)})`;
    const suggestion = substitution === undefined ? problem.suggestion : undefined;
    return { span, path: formatPath(problem.path), message: `${problem.message}${tail}`, suggestion };
  }
}

function describe(
  file: YamlFile,
  span: Span,
  path: string,
  message: string,
  suggestion: string | undefined,
  redact: (text: string) => string,
): Diagnostic {
  const { line, col } = file.lines.lineStarts.length === 0 ? { line: 1, col: 1 } : file.lines.linePos(span.offset);
  const column = Math.max(1, col);
  const start = span.offset - (column - 1);
  const raw = /^[^\r\n]*/.exec(file.text.slice(start, start + 2000))?.[0] ?? '';
  const lineText = safeLine(raw, column, redact);
  const length = Math.max(1, Math.min(span.length, raw.trimEnd().length - column + 1));
  return {
    location: { file: file.path, line: Math.max(1, line), column },
    path,
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(lineText === undefined ? {} : { lineText, length: lineText.startsWith(raw.slice(0, column - 1 + length)) ? length : 1 }),
  };
}

/** The line without credentials; undefined when masking moved the column or the line is too long, so that no caret lies. */
function safeLine(raw: string, column: number, redact: (text: string) => string): string | undefined {
  const masked = redact(raw);
  return column <= raw.length + 1 && masked.slice(0, column - 1) === raw.slice(0, column - 1) ? masked : undefined;
}

/** What a command throws when streams.yaml is not valid; `next` names the file when it is not the one found by itself. */
export function configError(diagnostics: readonly Diagnostic[], next = 'iptv validate'): AppError {
  const location = diagnostics[0]?.location;
  const count = diagnostics.length === 1 ? '1 problem' : `${diagnostics.length} problems`;
  return new AppError({
    exitCode: ExitCode.configInvalid,
    code: 'config-invalid',
    message: `${location?.file ?? 'the configuration'} has ${count}`,
    next,
    diagnostics,
    ...(location === undefined ? {} : { location }),
  });
}
