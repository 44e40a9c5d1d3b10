// From a path such as streams, 2, restart, delay to the characters of the file that it names.

import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Document, Node, Scalar, YAMLMap } from 'yaml';
import type { Problem } from './checked.ts';

export type Path = readonly PropertyKey[];

export interface LocatedProblem extends Problem {
  readonly path: Path;
  /** Point at the key rather than at its value. */
  readonly target?: 'key' | 'value';
}

export interface Span {
  readonly offset: number;
  readonly length: number;
}

interface Found {
  readonly node: Node | undefined;
  /** The key that leads to the node; list items and the root have none. */
  readonly key: Node | undefined;
  /** Every segment of the path was there. */
  readonly complete: boolean;
}

/** The value's place; of what is missing, the group where it belongs. `key`: the place of the key itself. */
export function locate(document: Document, path: Path, target: 'key' | 'value'): Span {
  const { node, key, complete } = find(document, path);
  if (target === 'key' && key !== undefined && complete) return spanOf(key);
  const value = node === undefined ? undefined : spanOf(node);
  // `key:` with nothing behind it has an empty value somewhere after the colon.
  if (complete && value !== undefined && value.length > 0) return value;
  if (key !== undefined) return spanOf(key);
  const firstKey = isMap(node) ? node.items[0]?.key : undefined;
  return isNode(firstKey) ? spanOf(firstKey) : (value ?? { offset: 0, length: 1 });
}

/** The scalar a path ends at, aliases followed. */
export function scalarAt(document: Document, path: Path): Scalar | undefined {
  const { node, complete } = find(document, path);
  const resolved = node === undefined ? undefined : follow(document, node);
  return complete && isScalar(resolved) ? resolved : undefined;
}

function find(document: Document, path: Path): Found {
  let node: Node | undefined = document.contents ?? undefined;
  let key: Node | undefined;
  for (const segment of path) {
    const here: Node | undefined = node === undefined ? undefined : follow(document, node);
    if (isMap(here)) {
      const pair = pairOf(here, String(segment));
      if (pair === undefined) return { node, key, complete: false };
      key = isNode(pair.key) ? pair.key : undefined;
      node = isNode(pair.value) ? pair.value : undefined;
    } else if (isSeq(here)) {
      const item: unknown = here.items[Number(segment)];
      if (!isNode(item)) return { node, key, complete: false };
      key = undefined;
      node = item;
    } else {
      return { node, key, complete: false };
    }
  }
  return { node, key, complete: true };
}

/** The last one wins, as in the data made from a group with a doubled key. */
function pairOf(map: YAMLMap, name: string) {
  return map.items.findLast((pair) => isScalar(pair.key) && String(pair.key.value) === name);
}

function follow(document: Document, node: Node): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

function spanOf(node: Node): Span {
  const [offset = 0, end = offset] = node.range ?? [];
  return { offset, length: end - offset };
}

/** The path as a user would write it: `streams[2].restart.delay`, `streams[0].headers["X-Key"]`. */
export function formatPath(path: Path): string {
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment}]`;
      const key = String(segment);
      // A bare `Authorization: why` would read as a header line, and its reason would be masked wherever it is printed.
      if (path[index - 1] === 'headers' || !/^\w+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}
