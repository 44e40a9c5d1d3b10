// YAML text to a document tree: syntax errors in plain words, and nothing that YAML can do beyond plain data.

import { isAlias, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import { syntaxProblem } from './yaml-errors.ts';

/** A problem at a character offset, not yet at a line and column. */
export interface PlacedProblem {
  readonly offset: number;
  readonly length: number;
  readonly message: string;
}

export interface YamlFile {
  readonly path: string;
  readonly text: string;
  readonly lines: LineCounter;
  readonly document: Document;
  readonly problems: readonly PlacedProblem[];
  /** False when the tree is not what the user meant, so looking further would only add noise. */
  readonly usable: boolean;
}

const maxTextLength = 16 * 1024 * 1024;
/** Every alias of an anchor counts once, nested ones multiply: lists of channels stay below, bombs do not. */
export const maxAliasCount = 10_000;

export function readYaml(path: string, rawText: string): YamlFile {
  const text = rawText.startsWith('\ufeff') ? rawText.slice(1) : rawText;
  const lines = new LineCounter();
  const broken = (message: string): YamlFile => {
    const problems = [{ offset: 0, length: 1, message }];
    return { path, text: text.slice(0, maxTextLength), lines, document: parseDocument(''), problems, usable: false };
  };
  if (text.length > maxTextLength) return broken('the file is larger than 16 MB: this is not a stream list');
  if (text.includes('\0')) return broken('this is not a text file in UTF-8: it holds NUL characters');
  if (nestsTooDeep(text)) return broken('the file is nested too deeply');
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      merge: false,
      logLevel: 'error',
    });
    // The parser turns some stack overflows into errors of its own.
    if (document.errors.some(({ message }) => /call stack|stack overflow/i.test(message))) return broken('the file is nested too deeply');
    const syntax = syntaxProblems(document, text, lines);
    const syntaxIsGood = !document.errors.some((error) => error.code !== 'DUPLICATE_KEY');
    const features = syntaxIsGood ? featureProblems(document) : { problems: [], aliasesWork: false };
    return { path, text, lines, document, problems: [...syntax, ...features.problems], usable: features.aliasesWork };
  } catch (error) {
    // The parser recurses once a level, so a few thousand brackets overflow the stack.
    if (error instanceof RangeError) return broken('the file is nested too deeply');
    throw error;
  }
}

/** One mistake often makes the parser complain again further on: keep the first of a line, and only real causes. */
function syntaxProblems(document: Document, text: string, lines: LineCounter): readonly PlacedProblem[] {
  const seenLines = new Set<number>();
  const problems: PlacedProblem[] = [];
  for (const error of document.errors) {
    if (error.code === 'UNEXPECTED_TOKEN' && problems.length > 0) continue;
    const problem = syntaxProblem(error, document, text);
    const { line } = lines.linePos(problem.offset);
    if (seenLines.has(line)) continue;
    seenLines.add(line);
    problems.push(problem);
  }
  return problems;
}

function featureProblems(document: Document): { readonly problems: readonly PlacedProblem[]; readonly aliasesWork: boolean } {
  const problems: PlacedProblem[] = [];
  const anchors = new Set<string>();
  let aliases = 0;
  let aliasesWork = true;
  visit(document, {
    Node: (_, node) => {
      const [offset = 0, end = 0] = node.range ?? [];
      const add = (message: string): void => void problems.push({ offset, length: Math.max(1, end - offset), message });
      if (isAlias(node)) {
        aliases += 1;
        const known = anchors.has(node.source);
        if (known && aliases <= maxAliasCount) return;
        aliasesWork = false;
        if (!known) add(`no anchor &${node.source} before this alias`);
        else if (aliases === maxAliasCount + 1) add(`more than ${maxAliasCount} aliases`);
        return;
      }
      if (isNode(node) && node.tag !== undefined) add('YAML tags (words with ! in front) are not supported; put the text in quotes');
      if (node.anchor !== undefined) anchors.add(node.anchor);
    },
    Pair: (_, pair) => {
      if (!isScalar(pair.key) || pair.key.value !== '<<') return;
      const offset = pair.key.range?.[0] ?? 0;
      problems.push({ offset, length: 2, message: 'merge keys (<<) are not supported; put shared settings under "defaults"' });
    },
  });
  if (document.directives?.yaml.version === '1.1') {
    problems.push({ offset: 0, length: 9, message: 'YAML 1.1 is not supported: remove the %YAML line' });
  }
  return { problems, aliasesWork };
}

/** The parser takes seconds for thousands of open brackets; a stream list needs six. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (const [char] of text.matchAll(/[[\]{}]/g)) {
    depth = char === '[' || char === '{' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > 500) return true;
  }
  return false;
}
