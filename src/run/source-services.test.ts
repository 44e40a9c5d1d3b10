import { describe, expect, it } from 'vitest';

import { createMemoryFiles } from '../../tests/fakes/memory-files.ts';
import { createVirtualClock } from '../../tests/fakes/virtual-clock.ts';
import { createRecordBook, createSecretBook } from './source-services.ts';

describe('the record of sources', () => {
  const book = () => {
    const clock = createVirtualClock();
    const files = createMemoryFiles(clock);
    const said: string[] = [];
    return { clock, files, said, open: () => createRecordBook({ files, clock, directory: '/s', onError: (text) => said.push(text) }) };
  };

  it('keeps the last lines, also for the next supervisor', async () => {
    const { clock, files, open } = book();
    const first = open();
    for (let line = 0; line < 250; line += 1) first.append('news', String(line));
    await clock.advance(6000);
    expect(files.texts.get('/s/news.jsonl')?.split('\n')[0]).toBe('50');
    const second = open();
    second.append('news', 'new');
    const lines = await second.lines('news');
    expect(lines).toHaveLength(200);
    expect(lines.slice(-2)).toEqual(['249', 'new']);
  });

  it('says once that the disk is full, and goes on', async () => {
    const { clock, files, said, open } = book();
    const records = open();
    files.writeError = new Error('ENOSPC');
    records.append('news', '1');
    await clock.advance(6000);
    expect(said).toEqual(["cannot write the record of news's sources: Error: ENOSPC"]);
    files.writeError = undefined;
    records.append('news', '2');
    await records.flush();
    expect(files.texts.get('/s/news.jsonl')).toBe('1\n2\n');
  });
});

describe('secrets that are learned', () => {
  it('come on top of those of the list; of each key the last three lists are kept', () => {
    let configured: readonly string[] = ['a'];
    const book = createSecretBook(() => configured);
    const before = book.all();
    expect(book.all()).toBe(before);
    for (const value of ['1', '2', '3', '4']) book.learn('news', [value]);
    expect(book.all()).toEqual(['a', '2', '3', '4']);
    const after = book.all();
    book.learn('news', ['4']);
    expect(book.all()).toBe(after);
    configured = ['b'];
    expect(book.all()).toEqual(['b', '2', '3', '4']);
  });
});
