// Fits text into a number of terminal columns, wide letters and colours considered.

import stringWidth from 'string-width';

/** Columns of a terminal, colours not counted. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

export function padTo(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? space + text : text + space;
}

/** Cuts the end of plain text and says so with an ellipsis. */
export function fitTo(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let shown = '';
  for (const letter of text) {
    if (stringWidth(shown + letter) > width - 1) break;
    shown += letter;
  }
  return `${shown}…`;
}

/** Cuts a line that may hold colours (SGR sequences of ECMA-48), which all stay, so that none runs on. */
export function cutTo(line: string, width: number): string {
  if (stringWidth(line) <= width) return line;
  let shown = '';
  let used = 0;
  // oxlint-disable-next-line no-control-regex -- ESC begins a colour
  for (const [piece] of line.matchAll(/\u001B\[[\d;]*m|[^\u001B]/gu)) {
    const more = piece.startsWith('\u001B') ? 0 : stringWidth(piece);
    if (used + more > width) continue;
    used += more;
    shown += piece;
  }
  return shown;
}
