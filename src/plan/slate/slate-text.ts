// The words on a slate: hostile text in, a few short lines out.

const mostColumns = 32;
const mostLines = 3;
// C0, C1, line and paragraph separators, and the marks that turn the direction of what follows.
// oxlint-disable-next-line no-control-regex -- they are what must go
const invisible = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

export function slateLines(text: string, name: string): readonly string[] {
  return [...wrap(name), ...wrap(text)];
}

/** At most three lines of at most 32 characters; what is longer ends with an ellipsis. */
function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line: string[] = [];
  for (const word of text.replaceAll(invisible, ' ').split(' ')) {
    for (const piece of pieces(word)) {
      if (line.length > 0 && line.length + 1 + piece.length > mostColumns) {
        lines.push(line.join(''));
        line = [];
      }
      if (line.length > 0) line.push(' ');
      line.push(...piece);
    }
  }
  if (line.length > 0) lines.push(line.join(''));
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines - 1), `${[...(lines[mostLines - 1] ?? '')].slice(0, mostColumns - 1).join('')}…`];
}

/** Whole characters, never half of a pair. */
function pieces(word: string): readonly (readonly string[])[] {
  const characters = [...word];
  const found: string[][] = [];
  for (let at = 0; at < characters.length; at += mostColumns) found.push(characters.slice(at, at + mostColumns));
  return found;
}
