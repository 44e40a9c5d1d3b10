import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { FileStat } from '../core/ports.ts';
import { createLineSplitter } from './line-splitter.ts';
import { createSpool, type SpoolLimits } from './spool.ts';

/** A file in memory that others append to. */
function memoryFile(limits: Partial<SpoolLimits> = {}) {
  let bytes = new Uint8Array(0);
  let now = 0;
  const spool = createSpool({
    path: '/x',
    limits,
    clock: { monotonic: () => now },
    files: {
      stat: async () => ({ size: bytes.length }) as FileStat,
      readFrom: async (_path, offset, limit) => bytes.slice(offset, offset + limit),
      truncate: async () => {
        bytes = new Uint8Array(0);
      },
    },
  });
  return {
    spool,
    append(text: string | Uint8Array) {
      bytes = new Uint8Array([...bytes, ...(typeof text === 'string' ? new TextEncoder().encode(text) : text)]);
    },
    clear: () => {
      bytes = new Uint8Array(0);
    },
    size: () => bytes.length,
    pass(ms: number) {
      now += ms;
    },
  };
}

describe('createSpool', () => {
  it('gives complete lines, once', async () => {
    const file = memoryFile();
    file.append('one\ntwo\r\nthr');
    expect(await file.spool.read()).toEqual(['one', 'two']);
    expect(await file.spool.read()).toEqual([]);
    file.append('ee\rfour\n');
    expect(await file.spool.read()).toEqual(['three', 'four']);
  });

  it('empties the file once it is read and has been quiet for a second, and goes on at its start', async () => {
    const file = memoryFile();
    file.append('a\nb');
    await file.spool.read();
    file.pass(999);
    await file.spool.read();
    expect(file.size()).toBe(3);
    file.pass(1);
    await file.spool.read();
    expect(file.size()).toBe(0);
    file.append('c\n');
    expect(await file.spool.read()).toEqual(['bc']);
  });

  it('empties it once a minute at most, unless it has become large', async () => {
    const file = memoryFile({ restBytes: 100 });
    const say = async (text: string): Promise<number> => {
      file.append(text);
      await file.spool.read();
      file.pass(1000);
      await file.spool.read();
      return file.size();
    };
    expect(await say('start\n')).toBe(0);
    expect(await say('more\n')).toBe(5);
    expect(await say('x'.repeat(100))).toBe(0);
    expect(await say('more\n')).toBe(5);
    file.pass(60_000);
    await file.spool.read();
    expect(file.size()).toBe(0);
  });

  it('notices that somebody else has emptied the file', async () => {
    const file = memoryFile();
    file.append('a long first line\n');
    await file.spool.read();
    file.clear();
    file.append('b\n');
    expect(await file.spool.read()).toEqual(['b']);
  });

  it('skips to the end of a backlog that is too long, and says so', async () => {
    const file = memoryFile({ readBytes: 100, backlogBytes: 1000, fileBytes: 1e6 });
    file.append('0123456789abcde\n'.repeat(100));
    const lines = await file.spool.read();
    expect(lines[0]).toBe('[warning] 1500 bytes of output skipped: more than can be read');
    expect(lines.slice(1)).toEqual(Array.from({ length: 6 }, () => '0123456789abcde'));
    expect(file.spool.skippedBytes()).toBe(1500);
  });

  it('empties a file above the cap although it grows', async () => {
    const file = memoryFile({ readBytes: 100, backlogBytes: 1000, fileBytes: 2000 });
    file.append('0123456789abcde\n'.repeat(200));
    await file.spool.read();
    expect(file.size()).toBe(0);
    file.append('after\n');
    expect(await file.spool.read()).toEqual(['after']);
  });

  it('reads to the end when the writer is gone, with the unfinished line', async () => {
    const file = memoryFile({ readBytes: 8 });
    file.append('one\ntwo\nthree\nSegmentation fault');
    expect(await file.spool.finish()).toEqual(['one', 'two', 'three', 'Segmentation fault']);
    expect(file.size()).toBe(0);
  });
});

describe('createLineSplitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('\n', '\r\n', '\r', '\0', 'é', '😀'))),
        fc.array(fc.nat(200)),
        (parts, cuts) => {
          const bytes = new TextEncoder().encode(parts.join(''));
          const whole = createLineSplitter();
          const expected = [...whole.feed(bytes), ...whole.end()];
          const split = createLineSplitter();
          const got: string[] = [];
          let at = 0;
          for (const cut of cuts) got.push(...split.feed(bytes.subarray(at, (at += cut))));
          got.push(...split.feed(bytes.subarray(at)), ...split.end());
          expect(got).toEqual(expected);
          expect(expected.join('')).not.toMatch(/[\0\n\r]/);
        },
      ),
    );
  });

  it('cuts endless lines and forgets the rest of them', () => {
    const splitter = createLineSplitter();
    const part = new TextEncoder().encode('x'.repeat(5000));
    expect([splitter.feed(part), splitter.feed(part), splitter.feed(part)].flat()).toEqual([]);
    expect(splitter.feed(new TextEncoder().encode('y\nnext\n'))).toEqual([`${'x'.repeat(8192)} [cut]`, 'next']);
  });

  it('survives bytes that are no UTF-8', () => {
    expect(createLineSplitter().feed(new Uint8Array([0x61, 0xff, 0x62, 10]))).toEqual(['a\uFFFDb']);
  });
});
