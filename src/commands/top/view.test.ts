import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';

import { documentOf, statusOf } from '../../../tests/fakes/command-context.ts';
import { createTheme } from '../../ui/theme.ts';
import { initialTop, topStep, type TopState } from './model.ts';
import { renderTop } from './view.ts';

const many = documentOf(
  Array.from({ length: 200 }, (_, index) =>
    statusOf(`channel-${String(index).padStart(3, '0')}`, {
      name: `Kanal 新闻 ${index} 📺`,
      viewers: index,
      bitrateBps: 1_000_000 * (1 + (index % 7)),
    }),
  ),
);

function at(keys: readonly string[], document = many): TopState {
  let state = topStep(initialTop, { type: 'status', document }).state;
  for (const key of keys) state = topStep(state, { type: 'key', key }).state;
  return state;
}

describe('the picture', () => {
  it.each([
    [80, 24],
    [120, 40],
    [200, 60],
    [40, 10],
    [20, 5],
    [10, 3],
  ])('fills %i x %i exactly, with and without colour', (columns, rows) => {
    for (const hasColor of [true, false]) {
      for (const keys of [[], ['G'], ['/', 'x'], ['r'], ['down', 'down', 'down']]) {
        const lines = renderTop(at(keys), { columns, rows }, createTheme(hasColor), 0);
        expect(lines.length).toBe(rows);
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  it('says the same without colour', () => {
    const size = { columns: 100, rows: 30 };
    const colored = renderTop(at(['down']), size, createTheme(true), 0).map((line) => stripVTControlCharacters(line));
    expect(colored).toEqual(renderTop(at(['down']), size, createTheme(false), 0));
  });

  it('keeps the chosen line in sight', () => {
    const lines = renderTop(at(['G']), { columns: 80, rows: 24 }, createTheme(false), 0);
    expect(lines.filter((line) => line.startsWith('> '))).toHaveLength(1);
    expect(lines.find((line) => line.startsWith('> '))).toContain('channel-000');
  });

  it('shows what the supervisor is asked for while there is no answer, and why there is none', () => {
    const asking = renderTop(initialTop, { columns: 80, rows: 10 }, createTheme(false), 0);
    expect(asking.join('\n')).toContain('asking the supervisor');
    const lost = topStep(at([]), { type: 'lost', why: 'the supervisor is not running' }).state;
    expect(renderTop(lost, { columns: 80, rows: 10 }, createTheme(false), 0).join('\n')).toContain('the supervisor is not running');
  });

  it('draws the last minute of the bitrate', () => {
    let state = initialTop;
    for (const bitrateBps of [0, 1_000_000, 2_000_000, 4_000_000]) {
      state = topStep(state, { type: 'status', document: documentOf([statusOf('news', { bitrateBps })]) }).state;
    }
    expect(renderTop(state, { columns: 120, rows: 10 }, createTheme(false), 0).join('\n')).toContain('▁▃▅█');
  });
});
