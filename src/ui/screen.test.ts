import { expect, it } from 'vitest';

import { clearedAfter, openScreen } from './screen.ts';

it('draws what fits and gives the terminal back with the last picture', () => {
  let written = '';
  const screen = openScreen({ isTerminal: true, hasColor: false, columns: 80, rows: 4, write: (text) => void (written += text) });
  screen.draw('a\nb\nc\nd\ne\n');
  expect(written).toContain('a\u001B[K\nb\u001B[K\n… 3 more lines\u001B[K');
  screen.close();
  screen.close();
  expect(written.endsWith('\u001B[?25h\u001B[?1049la\nb\nc\nd\ne\n')).toBe(true);
});

it('does not clear the last letter of a line that is as wide as the terminal', () => {
  expect(clearedAfter('12345678', 8)).toBe('12345678');
  expect(clearedAfter('\u001B[31m1234567\u001B[39m', 8)).toBe('\u001B[31m1234567\u001B[39m\u001B[K');
  expect(clearedAfter('', 8)).toBe('\u001B[K');
});
