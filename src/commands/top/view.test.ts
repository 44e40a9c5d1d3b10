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
    // Nine columns for sixty looks: a bar is seven of them.
    for (const bitrateBps of [0, 1_000_000, 2_000_000, 4_000_000].flatMap((value) => Array.from({ length: 7 }, () => value))) {
      state = topStep(state, { type: 'status', document: documentOf([statusOf('news', { bitrateBps })]) }).state;
    }
    expect(renderTop(state, { columns: 80, rows: 10 }, createTheme(false), 0).join('\n')).toContain(' ▁▃▅█ ');
  });

  it('has everything that matters, and every key, on 80 columns', () => {
    const lines = renderTop(at([]), { columns: 80, rows: 24 }, createTheme(true), 0).map((line) => stripVTControlCharacters(line));
    expect(lines[1]?.split(/\s+/)).toEqual(['', 'VERDICT', 'ID', 'VIEWERS', 'BITRATE', 'NGINX', 'FFMPEG', 'RST', 'SRC']);
    expect(lines.at(-1)).toMatch(/^q quit .* s sort: trouble {2}\/ filter {2}r restart {2}l logs {2}d doctor {2}w why$/);
    expect(renderTop(at([]), { columns: 60, rows: 15 }, createTheme(false), 0).at(-1)).toMatch(/ l logs d doctor w why$/);
  });

  it('leaves out of its first line what does not fit, and cuts nothing in two', () => {
    const [head] = renderTop(at([]), { columns: 50, rows: 15 }, createTheme(false), 0);
    expect(head).toBe('iptv top  200 of 200 channels on  all well');
  });

  it('counts what the edge answers out of its cache, where there is one', () => {
    const edge = { requests: 1000, sentBytes: 1, hitRatio: 0.978 };
    const [head] = renderTop(at([], { ...many, edge }), { columns: 120, rows: 15 }, createTheme(false), 0);
    expect(head).toContain('  edge hits 97 %  ');
  });
});
