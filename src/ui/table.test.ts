import { describe, expect, it } from 'vitest';

import { renderTable, shortenMiddle, type Column } from './table.ts';
import type { Sink } from './streams.ts';

interface Row {
  readonly id: string;
  readonly age: number;
  readonly url: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'ID', human: (row) => row.id, machine: (row) => row.id },
  { title: 'AGE', align: 'right', human: (row) => `${row.age}s`, machine: (row) => String(row.age) },
  { title: 'URL', shrink: true, human: (row) => row.url, machine: (row) => row.url },
];

const rows: readonly Row[] = [
  { id: 'news', age: 1, url: 'http://localhost:8088/hls/news.m3u8' },
  { id: 'a-much-longer-id', age: 120, url: 'http://localhost:8088/hls/a-much-longer-id.m3u8' },
];

const sink = (isTerminal: boolean, width: number): Sink => ({
  isTerminal,
  hasColor: false,
  columns: width,
  rows: 24,
  write: () => undefined,
});
const look = { wide: false, styleTitle: (text: string) => text };

describe('a table', () => {
  it('has aligned columns on a terminal', () => {
    expect(renderTable(columns, rows, sink(true, 120), look).split('\n')).toEqual([
      'ID                 AGE  URL',
      'news                1s  http://localhost:8088/hls/news.m3u8',
      'a-much-longer-id  120s  http://localhost:8088/hls/a-much-longer-id.m3u8',
      '',
    ]);
  });

  it('cuts the middle of a URL, never an id', () => {
    const [, first, second] = renderTable(columns, rows, sink(true, 50), look).split('\n');
    expect(first).toBe('news                1s  http://localh…ls/news.m3u8');
    expect(second).toBe('a-much-longer-id  120s  http://localh…nger-id.m3u8');
  });

  it('keeps everything with --wide', () => {
    expect(renderTable(columns, rows, sink(true, 50), { ...look, wide: true })).toContain(
      'http://localhost:8088/hls/a-much-longer-id.m3u8',
    );
  });

  it('would rather wrap than show a few letters', () => {
    expect(renderTable(columns, rows, sink(true, 10), look).split('\n')[1]).toBe('news                1s  http://l…ws.m3u8');
  });

  it('leaves out what may go, the rightmost first, before a line wraps', () => {
    const optional = columns.map((column) => ({ ...column, shrink: false, leaveOut: column.title !== 'ID' }));
    const titles = (width: number) => renderTable(optional, rows, sink(true, width), look).split('\n')[0]?.split(/ +/);
    expect([titles(80), titles(71), titles(70), titles(22), titles(21)]).toEqual([
      ['ID', 'AGE', 'URL'],
      ['ID', 'AGE', 'URL'],
      ['ID', 'AGE'],
      ['ID', 'AGE'],
      ['ID'],
    ]);
    expect(renderTable(optional, rows, sink(true, 10), { ...look, wide: true })).toContain('URL');
  });

  it('is tab-separated, without a header, on a pipe', () => {
    expect(renderTable(columns, rows, sink(false, 20), look)).toBe(
      'news\t1\thttp://localhost:8088/hls/news.m3u8\na-much-longer-id\t120\thttp://localhost:8088/hls/a-much-longer-id.m3u8\n',
    );
  });

  it('keeps a tab in a value from breaking the row', () => {
    const [row] = rows;
    expect(renderTable(columns, row === undefined ? [] : [{ ...row, id: 'a\tb\nc' }], sink(false, 80), look)).toMatch(/^a b c\t1\t/);
  });

  it('is empty without rows on a pipe', () => {
    expect(renderTable(columns, [], sink(false, 80), look)).toBe('');
  });

  it('measures what a terminal shows: wide letters take two columns, colours none', () => {
    const wide: readonly Column<Row>[] = [
      { title: 'NAME', human: () => '\u001B[31m新聞\u001B[39m', machine: () => '' },
      ...columns.slice(1, 2),
    ];
    expect(renderTable(wide, rows.slice(0, 1), sink(true, 80), look).split('\n')[1]).toBe('\u001B[31m新聞\u001B[39m   1s');
  });
});

it.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdefgh', 5, 'ab…gh'],
  ['abcdefgh', 1, '…'],
])('shortens %s to %d', (text, width, expected) => {
  expect(shortenMiddle(text, width)).toBe(expected);
});
