// References in values: ${NAME}, ${NAME:-default} and ${file:/path}; `$${` stands for a plain `${`.

import { accept, refuse } from './checked.ts';
import type { Checked } from './checked.ts';

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, or undefined when it cannot be read. */
  readonly readSecretFile: (path: string) => string | undefined;
}

export interface Piece {
  readonly text: string;
  /** As written in the file, such as `${TOKEN}`; undefined for literal text. */
  readonly reference?: string;
  readonly from: 'literal' | 'default' | 'environment' | 'file';
}

export interface Substitution {
  readonly value: string;
  readonly pieces: readonly Piece[];
}

/** Messages name variables and files, never a value. */
export function substitute(text: string, sources: SecretSources): Checked<Substitution> {
  const pieces: Piece[] = [];
  let rest = text;
  for (;;) {
    const start = rest.indexOf('${');
    if (start < 0) break;
    if (rest[start - 1] === '$') {
      pieces.push({ text: `${rest.slice(0, start - 1)}\${`, from: 'literal' });
      rest = rest.slice(start + 2);
      continue;
    }
    const end = rest.indexOf('}', start);
    if (end < 0) return refuse('the reference ${ is never closed: add }, or write $${ for a plain ${');
    const resolved = resolve(rest.slice(start + 2, end), sources);
    if (!resolved.ok) return resolved;
    pieces.push({ text: rest.slice(0, start), from: 'literal' }, { ...resolved.value, reference: rest.slice(start, end + 1) });
    rest = rest.slice(end + 1);
  }
  pieces.push({ text: rest, from: 'literal' });
  return accept({
    value: pieces.map((piece) => piece.text).join(''),
    pieces: pieces.filter((piece) => piece.text !== '' || piece.from !== 'literal'),
  });
}

function resolve(body: string, sources: SecretSources): Checked<Piece> {
  if (body.includes('${')) return refuse('references cannot be nested');
  if (body.startsWith('file:')) {
    const path = body.slice('file:'.length);
    const text = path === '' ? undefined : sources.readSecretFile(path)?.replace(/\r?\n$/, '');
    if (text === undefined) return refuse(`cannot read the secret file ${path === '' ? '(no name given)' : path}`);
    return text === '' ? refuse(`the secret file ${path} is empty`) : accept({ text, from: 'file' });
  }
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(body);
  if (match === null) return refuse('expected ${NAME}, ${NAME:-default} or ${file:/path}');
  const [, name = '', fallback] = match;
  const value = Object.hasOwn(sources.env, name) ? sources.env[name] : undefined;
  if (value !== undefined && value !== '') return accept({ text: value, from: 'environment' });
  if (fallback !== undefined) return accept({ text: fallback, from: 'default' });
  return refuse(`the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`);
}

/** What was written, with references in place of secret values: safe to print. */
export function displayText(substitution: Substitution): string {
  return classify(substitution)
    .map(({ piece, secret }) => (secret ? piece.reference : piece.text))
    .join('');
}

/** Values that must not be printed. */
export function secretValues(substitution: Substitution): readonly string[] {
  return classify(substitution).flatMap(({ piece, secret }) => (secret ? [piece.text] : []));
}

/** Scheme, host and port of a URL are an address, not a secret, even when they come from a variable. */
function classify(substitution: Substitution): readonly { readonly piece: Piece; readonly secret: boolean }[] {
  const url = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?([^/?#@]*)/i.exec(substitution.value);
  const addressEnd = url?.[0].length ?? 0;
  const addressStart = url?.[2] === undefined ? 0 : addressEnd - (url[3]?.length ?? 0);
  let offset = 0;
  return substitution.pieces.map((piece) => {
    const start = offset;
    offset += piece.text.length;
    const isAddress = start >= addressStart && offset <= addressEnd;
    return { piece, secret: piece.from === 'file' || (piece.from === 'environment' && !isAddress) };
  });
}
