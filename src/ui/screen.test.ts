import { expect, it } from 'vitest';

import { openScreen } from './screen.ts';

it('draws what fits and gives the terminal back with the last picture', () => {
  let written = '';
  const screen = openScreen({ isTerminal: true, hasColor: false, columns: 80, rows: 4, write: (text) => void (written += text) });
  screen.draw('a\nb\nc\nd\ne\n');
  expect(written).toContain('a\u001B[K\nb\u001B[K\n… 3 more lines\u001B[K');
  screen.close();
  screen.close();
  expect(written.endsWith('\u001B[?25h\u001B[?1049la\nb\nc\nd\ne\n')).toBe(true);
});
