// streams.yaml as text in, a checked Config out, or every problem in it at once.

import { isMap } from 'yaml';
import type { Config } from '../core/config.ts';
import type { Diagnostic } from '../core/errors.ts';
import { buildConfig } from './build.ts';
import { crossChecks } from './checks.ts';
import { describeValue } from './checked.ts';
import { folderOf, resolvePath } from './file-paths.ts';
import { toProblems } from './issues.ts';
import { collectLiteralSecrets } from './literal-secrets.ts';
import { formatPath, locate, scalarAt } from './positions.ts';
import type { LocatedProblem } from './positions.ts';
import { replaceReferences } from './references.ts';
import type { References } from './references.ts';
import { toDiagnostics } from './report.ts';
import { fileSchema } from './schema.ts';
import { displayText } from './secrets.ts';
import { maxAliasCount, readYaml } from './yaml-file.ts';
import type { YamlFile } from './yaml-file.ts';

export interface ParseOptions {
  /** Absolute path of the file: shown in problems, and its folder is where relative names start. */
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a secret's file (absolute path), or undefined when it cannot be read. */
  readonly readSecretFile: (path: string) => string | undefined;
}

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const noReferences: References = { bySource: new Map(), secrets: [], unresolved: [] };

export function parseConfig(text: string, options: ParseOptions): ParsedConfig {
  const folder = folderOf(options.path);
  const file = readYaml(options.path, text);
  const fail = (problems: readonly LocatedProblem[], references = noReferences, secrets: readonly string[] = []): ParsedConfig => ({
    ok: false,
    diagnostics: toDiagnostics(file, problems, references, secrets),
  });
  if (!file.usable) return fail([]);
  const top = topProblem(file);
  if (top !== undefined) return fail([top]);

  const readSecretFile = (path: string): string | undefined => options.readSecretFile(resolvePath(folder, path));
  const references = replaceReferences(file.document, { env: options.env, readSecretFile });
  const root = toData(file);
  if (root === undefined)
    return fail([{ path: [], message: 'the aliases of this file make too much data' }], references, references.secrets);

  const found = [...references.secrets, ...collectLiteralSecrets(root)].flatMap((secret) => [secret, asPath(secret)]);
  const secrets = [...new Set(found)].filter((secret) => secret !== '');
  const parsed = fileSchema.safeParse(root, { reportInput: true });
  const shape = parsed.success ? [] : toProblems(fileSchema, parsed.error.issues);
  const otherVersion = shape.find(({ path, found }) => path[0] === 'version' && found !== undefined);
  // Another version has other rules, so everything else would be a guess.
  if (otherVersion !== undefined) return fail([otherVersion], references, secrets);

  const lineOf = (path: readonly PropertyKey[]): number => file.lines.linePos(locate(file.document, path, 'value').offset).line;
  const unresolved = new Set(references.unresolved.map(({ path }) => formatPath(path)));
  const problems = [...crossChecks(root, { folder, lineOf, isKnown: (path) => !unresolved.has(formatPath(path)) }), ...shape];
  if (!parsed.success || problems.length + file.problems.length + references.unresolved.length > 0)
    return fail(problems, references, secrets);

  const displayOf = (path: readonly PropertyKey[]): string | undefined => {
    const scalar = scalarAt(file.document, path);
    const substitution = scalar === undefined ? undefined : references.bySource.get(scalar);
    return substitution === undefined ? undefined : displayText(substitution);
  };
  return { ok: true, config: buildConfig(parsed.data, { path: options.path, folder, secrets, displayOf }) };
}

function topProblem(file: YamlFile): LocatedProblem | undefined {
  const { contents } = file.document;
  if (isMap(contents)) return undefined;
  const value: unknown = contents?.toJS(file.document);
  if (value === null || value === undefined)
    return { path: [], message: 'the file is empty: it needs at least  version: 1  and  streams:' };
  return { path: [], message: 'expected keys such as  version:  and  streams:  at the top', found: describeValue(value) };
}

function toData(file: YamlFile): unknown {
  try {
    return file.document.toJS({ maxAliasCount });
  } catch (error) {
    if (error instanceof ReferenceError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A secret that is a path is shown as the path it means: without doubled slashes, `.` and `..`. */
function asPath(secret: string): string {
  if (!secret.includes('/')) return secret;
  const path = resolvePath('/', secret.replace(/^file:/, ''));
  // One that is a whole path already is found with its slash; without it, a plain word would be blanked out everywhere.
  return path === secret ? secret : path.slice(1);
}
