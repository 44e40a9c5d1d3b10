// Replaces every reference in the document's values and remembers where, for display and for scrubbing.

import { isMap, isScalar, isSeq } from 'yaml';
import type { Document, Node, Scalar } from 'yaml';
import type { LocatedProblem, Path } from './positions.ts';
import { secretValues, substitute } from './secrets.ts';
import type { SecretSources, Substitution } from './secrets.ts';

export interface References {
  readonly bySource: ReadonlyMap<Scalar, Substitution>;
  readonly secrets: readonly string[];
  readonly unresolved: readonly LocatedProblem[];
}

/** Keys whose values are or contain credentials; ids, ports, durations and words are not scrubbed from output. */
const secretKeys = new Set(['source', 'sources', 'url', 'userAgent', 'referer', 'logo', 'rtmpUrl', 'command', 'passphrase', 'streamid']);

/** Changes the document's scalars in place. */
export function replaceReferences(document: Document, sources: SecretSources): References {
  const bySource = new Map<Scalar, Substitution>();
  const secrets: string[] = [];
  const unresolved: LocatedProblem[] = [];
  for (const { scalar, path } of scalars(document.contents, [])) {
    if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) continue;
    const substituted = substitute(scalar.value, sources);
    if (!substituted.ok) {
      unresolved.push({ path, ...substituted.problem });
      continue;
    }
    scalar.value = substituted.value.value;
    bySource.set(scalar, substituted.value);
    const lastKey = path.findLast((segment) => typeof segment === 'string');
    const secretPlace = path.includes('headers') || (typeof lastKey === 'string' && secretKeys.has(lastKey));
    if (secretPlace) secrets.push(...secretValues(substituted.value));
    else secrets.push(...substituted.value.pieces.filter((piece) => piece.from === 'file').map((piece) => piece.text));
  }
  return { bySource, secrets, unresolved };
}

function* scalars(node: unknown, path: Path): Generator<{ readonly scalar: Scalar; readonly path: Path }> {
  if (isScalar(node)) yield { scalar: node, path };
  else if (isSeq(node)) for (const [index, item] of node.items.entries()) yield* scalars(item, [...path, index]);
  else if (isMap(node))
    for (const pair of node.items) yield* scalars(pair.value as Node | null, [...path, isScalar(pair.key) ? String(pair.key.value) : '']);
}

/** How a value that came through references is named in messages: by its references, never by its text. */
export function referenceNames(substitution: Substitution): string {
  return substitution.pieces.flatMap((piece) => piece.reference ?? []).join(' and ');
}
