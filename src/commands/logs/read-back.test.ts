import { describe, expect, it } from 'vitest';

import { createLogFolder } from '../../../tests/fakes/log-folder.ts';
import { readLast } from './read-back.ts';

const path = '/logs/news.log';
const lineOf = (second: number) => `2026-01-01T12:00:${String(second).padStart(2, '0')}.000Z info line ${second}`;
const sinceMs = Date.UTC(2026, 0, 1, 12, 0, 5);

function filled(files: readonly (readonly string[])[]) {
  const folder = createLogFolder();
  files.forEach((lines, index) => {
    if (index > 0) folder.rotate(path);
    folder.append(path, lines.map((line) => `${line}\n`).join(''));
  });
  return folder.files;
}

describe('the last lines', () => {
  it.each([
    [2, ['5', '6']],
    [4, ['3', '4', '5', '6']],
    [100, ['1', '2', '3', '4', '5', '6']],
    [0, []],
  ])('%d, from rotated copies where needed', async (lines, expected) => {
    const files = filled([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ]);
    expect((await readLast(files, path, { lines, sinceMs: undefined })).lines).toEqual(expected);
  });

  it('of a log without one', async () => {
    expect(await readLast(filled([]), path, { lines: 5, sinceMs: undefined })).toEqual({
      lines: [],
      position: { inode: undefined, offset: 0 },
    });
  });

  it('of a file of many blocks, in order and whole', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ü ${'x'.repeat(index % 50)}`);
    expect((await readLast(filled([lines]), path, { lines: undefined, sinceMs: undefined })).lines).toEqual(lines);
    expect((await readLast(filled([lines]), path, { lines: 5_000, sinceMs: undefined })).lines).toEqual(lines.slice(-5_000));
  });

  it('even when one line is longer than a block', async () => {
    const lines = ['before', 'y'.repeat(200_000), 'after'];
    expect((await readLast(filled([lines]), path, { lines: undefined, sinceMs: undefined })).lines).toEqual(lines);
  });
});

describe('lines since a time', () => {
  const seconds = [1, 2, 3, 4, 5, 6, 7];

  it('reach back into rotated copies', async () => {
    const files = filled([seconds.slice(0, 2).map(lineOf), seconds.slice(2, 6).map(lineOf), seconds.slice(6).map(lineOf)]);
    expect((await readLast(files, path, { lines: undefined, sinceMs })).lines).toEqual([5, 6, 7].map(lineOf));
  });

  it('keep lines without a time that follow', async () => {
    const files = filled([[lineOf(4), 'old remark', lineOf(5), 'new remark']]);
    expect((await readLast(files, path, { lines: undefined, sinceMs })).lines).toEqual([lineOf(5), 'new remark']);
  });

  it('are none when all are older', async () => {
    expect((await readLast(filled([[lineOf(1)]]), path, { lines: undefined, sinceMs })).lines).toEqual([]);
  });

  it('can be limited as well', async () => {
    expect((await readLast(filled([seconds.map(lineOf)]), path, { lines: 1, sinceMs })).lines).toEqual([lineOf(7)]);
  });
});
