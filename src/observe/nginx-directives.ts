// Reads what `nginx -T` prints into a tree of directives, with the included files in their places.

export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  /** The directives inside its braces; undefined for one that ends with a semicolon. */
  readonly block: readonly Directive[] | undefined;
}

interface Token {
  readonly text: string;
  readonly kind: 'word' | '{' | '}' | ';';
}

/** `nginx -T` puts this line before each file, the main one first. */
const fileHeader = /^# configuration file (.+):$/gm;

/** Lenient: what cannot be read is left out. An include of a file that is not in the dump vanishes. */
export function parseNginxDump(text: string): readonly Directive[] {
  const files = splitFiles(text);
  const main = files[0];
  if (main === undefined) return readBlock(tokenize(text), { at: 0 });
  const parsed = new Map(files.map((file) => [file.path, readBlock(tokenize(file.text), { at: 0 })]));
  const folder = main.path.slice(0, main.path.lastIndexOf('/') + 1);
  return expand(parsed.get(main.path) ?? [], parsed, folder, 0);
}

/** All directives of that name directly in the block. */
export function directives(block: readonly Directive[] | undefined, name: string): readonly Directive[] {
  return (block ?? []).filter((directive) => directive.name === name);
}

/** The last one of that name, which is the one that counts where nginx allows several. */
export function directive(block: readonly Directive[] | undefined, name: string): Directive | undefined {
  return directives(block, name).at(-1);
}

/** The first argument of the last directive of that name. */
export function argumentOf(block: readonly Directive[] | undefined, name: string): string | undefined {
  return directive(block, name)?.args[0];
}

/** Milliseconds of a time such as `2000ms`, `30s`, `10m`, `1h` or plain seconds. */
export function nginxMilliseconds(text: string | undefined): number | undefined {
  const [, number, unit = 's'] = /^(\d+)(ms|s|m|h|d)?$/.exec(text ?? '') ?? [];
  if (number === undefined) return undefined;
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? 1000;
  return Number(number) * factor;
}

function splitFiles(text: string): readonly { readonly path: string; readonly text: string }[] {
  const heads = [...text.matchAll(fileHeader)];
  return heads.map((head, index) => ({
    path: head[1] ?? '',
    text: text.slice(head.index + head[0].length, heads[index + 1]?.index ?? text.length),
  }));
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const letter = text[at] ?? '';
    if (/\s/.test(letter)) at += 1;
    else if (letter === '#') at = endOfLine(text, at);
    else if (letter === '{' || letter === '}' || letter === ';') {
      tokens.push({ text: letter, kind: letter });
      at += 1;
    } else if (letter === '"' || letter === "'") {
      const end = endOfQuoted(text, at);
      tokens.push({ text: text.slice(at + 1, end).replace(/\\(["'\\])/g, '$1'), kind: 'word' });
      at = end + 1;
    } else {
      const end = endOfWord(text, at);
      tokens.push({ text: text.slice(at, end), kind: 'word' });
      at = end;
    }
  }
  return tokens;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function endOfQuoted(text: string, from: number): number {
  const quote = text[from];
  let at = from + 1;
  while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1;
  return Math.min(at, text.length);
}

/** A brace after a dollar sign belongs to a variable: `${name}`. */
function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !/[\s;{}]/.test(text[at] ?? '')) {
    if (text.startsWith('${', at)) at = Math.max(at + 2, text.indexOf('}', at) + 1);
    else at += text[at] === '\\' ? 2 : 1;
  }
  return Math.min(at, text.length);
}

function readBlock(tokens: readonly Token[], cursor: { at: number }): readonly Directive[] {
  const found: Directive[] = [];
  let words: string[] = [];
  while (cursor.at < tokens.length) {
    const token = tokens[cursor.at];
    cursor.at += 1;
    if (token === undefined || token.kind === '}') break;
    if (token.kind === 'word') {
      words.push(token.text);
      continue;
    }
    const [name, ...args] = words;
    const block = token.kind === '{' ? readBlock(tokens, cursor) : undefined;
    if (name !== undefined) found.push({ name, args, block });
    words = [];
  }
  return found;
}

function expand(
  block: readonly Directive[],
  files: ReadonlyMap<string, readonly Directive[]>,
  folder: string,
  depth: number,
): readonly Directive[] {
  return block.flatMap((one): readonly Directive[] => {
    if (one.name === 'include' && one.block === undefined && depth < 16) {
      const pattern = one.args[0] ?? '';
      const wanted = globToPattern(pattern.startsWith('/') ? pattern : folder + pattern);
      return [...files].filter(([path]) => wanted.test(path)).flatMap(([, inner]) => expand(inner, files, folder, depth + 1));
    }
    return [one.block === undefined ? one : { ...one, block: expand(one.block, files, folder, depth) }];
  });
}

function globToPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`);
}
