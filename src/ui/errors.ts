// Errors as text for people and as JSON for programs: what, where, evidence, one next step.

import type { AppError, Diagnostic, SourceLocation } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { redactText } from '../core/redact.ts';
import { jsonSchemaVersion } from './json.ts';
import type { Theme } from './theme.ts';

/** What a bug report needs. */
export interface Surroundings {
  readonly version: string;
  readonly nodeVersion: string;
  readonly platform: string;
  readonly argv: readonly string[];
  readonly bugUrl?: string;
}

export function renderError(error: AppError, theme: Theme, cwd: string): string {
  const blocks = error.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, theme, cwd));
  // One diagnostic says it all; several are summed up by the error's own message.
  if (blocks.length !== 1) blocks.push(headline(error.message, blocks.length === 0 ? error.location : undefined, theme, cwd));
  const evidence = error.evidence.filter((line) => line.trim() !== '').map((line) => `   ${redactText(line)}`);
  const next = error.next === undefined ? [] : [`${theme.strong('next:')} ${redactText(error.next)}`];
  return `${[...blocks, ...evidence, ...next].join('\n')}\n`;
}

export function errorDocument(error: AppError): object {
  return {
    schemaVersion: jsonSchemaVersion,
    code: error.code,
    exitCode: error.exitCode,
    message: redactText(error.message),
    evidence: error.evidence.map((line) => redactText(line)),
    next: error.next === undefined ? null : redactText(error.next),
    location: error.location ?? error.diagnostics[0]?.location ?? null,
    diagnostics: error.diagnostics.map(({ lineText: _, ...rest }) => ({ ...rest, message: redactText(rest.message) })),
  };
}

/** Anything that is not an AppError is our fault and says so. */
export function renderBug(error: unknown, surroundings: Surroundings, theme: Theme): string {
  return [
    `${theme.bad('error:')} ${theme.strong('this is a bug in iptv')}: ${redactText(messageOf(error))}`,
    ...bugFacts(surroundings).map((fact) => `   ${fact}`),
    ...stackOf(error).map((line) => `   ${theme.dim(redactText(line))}`),
    `${theme.strong('next:')} please report the lines above${surroundings.bugUrl === undefined ? '' : ` at ${surroundings.bugUrl}`}`,
    '',
  ].join('\n');
}

export function bugDocument(error: unknown, surroundings: Surroundings): object {
  return {
    schemaVersion: jsonSchemaVersion,
    code: 'bug',
    exitCode: ExitCode.bug,
    message: redactText(messageOf(error)),
    evidence: [...bugFacts(surroundings), ...stackOf(error).map((line) => redactText(line))],
    next: 'please report this document',
    location: null,
    diagnostics: [],
  };
}

function headline(message: string, location: SourceLocation | undefined, theme: Theme, cwd: string): string {
  const place = location === undefined ? '' : `${theme.strong(placeOf(location, cwd))}  `;
  return `${theme.bad('error:')} ${place}${redactText(message)}`;
}

function renderDiagnostic(diagnostic: Diagnostic, theme: Theme, cwd: string): string {
  const path = diagnostic.path === '' ? '' : `${diagnostic.path}: `;
  const lines = [headline(path + diagnostic.message, diagnostic.location, theme, cwd)];
  const hint = diagnostic.suggestion === undefined ? '' : `did you mean ${JSON.stringify(diagnostic.suggestion)}?`;
  if (diagnostic.lineText === undefined) return hint === '' ? (lines[0] ?? '') : `${lines[0]}  ${hint}`;
  const margin = `${String(diagnostic.location.line).padStart(5)} ${theme.dim('|')} `;
  const column = diagnostic.location.column - 1;
  // Tabs are kept before the caret so that both lines are indented alike.
  const indent = redactText(diagnostic.lineText.slice(0, column)).replace(/[^\t]/g, ' ');
  const width = Math.max(1, Math.min(diagnostic.length ?? 1, diagnostic.lineText.length - column));
  lines.push(margin + redactText(diagnostic.lineText));
  lines.push(`${' '.repeat(5)} ${theme.dim('|')} ${indent}${theme.bad('^'.repeat(width))}${hint === '' ? '' : `  ${hint}`}`);
  return lines.join('\n');
}

/** Short inside the working folder, absolute elsewhere; a terminal makes `file:line:column` a link. */
function placeOf(location: SourceLocation, cwd: string): string {
  const file = location.file.startsWith(`${cwd}/`) ? location.file.slice(cwd.length + 1) : location.file;
  return `${file}:${location.line}:${location.column}`;
}

function bugFacts(surroundings: Surroundings): readonly string[] {
  return [
    `iptv ${surroundings.version}, Node ${surroundings.nodeVersion}, ${surroundings.platform}`,
    `command: iptv ${redactText(surroundings.argv.join(' '))}`,
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function stackOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 12).map((line) => line.trim());
}
