// The YAML parser's complaints in plain words, placed where the user has to look.

import { isCollection, isScalar, visit } from 'yaml';
import type { Document, Node, YAMLError } from 'yaml';
import type { PlacedProblem } from './yaml-file.ts';

export function syntaxProblem(error: YAMLError, document: Document, text: string): PlacedProblem {
  const [start, end] = error.pos;
  const at = (message: string, offset = start, length = Math.max(1, end - start)): PlacedProblem => ({ offset, length, message });
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return at('tabs cannot indent YAML: use spaces');
    case 'DUPLICATE_KEY': {
      const key = /^[^\s:,}]+/.exec(text.slice(start))?.[0] ?? '';
      return at(`the key ${key} is written twice in this group`, start, Math.max(1, key.length));
    }
    case 'MULTIPLE_DOCS':
      return at('only one YAML document is allowed: remove the line ---', start, 3);
    case 'NON_STRING_KEY':
      return at('a key must be a plain word');
    case 'BAD_DQ_ESCAPE':
      return at('unknown escape inside double quotes: use single quotes, or double the backslash');
    case 'BLOCK_AS_IMPLICIT_KEY':
      return /^[^\r\n]*: /.test(text.slice(start))
        ? at('a value that contains ": " must be in quotes')
        : at('the line after this one is indented too deep');
    case 'BAD_SCALAR_START':
      return at(`a value that starts with ${text[start] ?? 'this character'} must be in quotes`);
    case 'UNEXPECTED_TOKEN':
      if (/[[{][^\n]*\$\{/.test(text.slice(lineStart, end))) return at('inside [ ] and { } put ${...} in quotes', start - 1, 2);
      return at('not expected here: put the value in quotes');
    case 'MULTILINE_IMPLICIT_KEY':
      return at('expected "key: value": the colon is missing, or the line is indented wrongly', start, text.slice(start).search(/\r?\n|$/));
    default:
      return structuralProblem(error, document, text, at);
  }
}

function structuralProblem(
  error: YAMLError,
  document: Document,
  text: string,
  at: (message: string, offset?: number, length?: number) => PlacedProblem,
): PlacedProblem {
  if (/^Missing closing ["']quote/.test(error.message)) {
    const opened = lastNode(document, (node) => isScalar(node) && (node.type ?? '').startsWith('QUOTE_'));
    return at('this quote is never closed', opened, 1);
  }
  if (/^Flow (?:sequence|map)|and end with a [\]}]/.test(error.message)) {
    const opened = lastNode(
      document,
      (node) => isCollection(node) && node.flow === true && !/[\]}]/.test(text[(node.range?.[1] ?? 0) - 1] ?? ''),
    );
    return at('this bracket is never closed', opened, 1);
  }
  const [start] = error.pos;
  const first = start + Math.max(0, text.slice(start).search(/[^ ]/));
  if (error.message.startsWith('Sequence item')) return at('wrong indentation: expected "- " or a deeper line', first, 1);
  if (error.code === 'BAD_INDENT') return at('wrong indentation: the keys of a group must start in the same column', first, 1);
  if (error.code === 'MISSING_CHAR') return at('expected "key: value": the colon is missing, or there is no space after it', first);
  return at(`not valid YAML: ${error.message}`);
}

function lastNode(document: Document, matches: (node: Node) => boolean): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Node: (_, node) => {
      if (matches(node)) offset = node.range?.[0] ?? offset;
    },
  });
  return offset;
}
