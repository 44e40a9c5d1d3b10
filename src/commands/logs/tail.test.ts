import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createLogFolder } from '../../../tests/fakes/log-folder.ts';
import { readLast } from './read-back.ts';
import { createTail } from './tail.ts';

const path = '/logs/news.log';
const fromStart = { inode: undefined, offset: 0 };
const all = { lines: undefined, sinceMs: undefined };

describe('following a log', () => {
  it('gives whole lines only', async () => {
    const folder = createLogFolder();
    folder.append(path, 'one\ntw');
    const tail = createTail(folder.files, path, fromStart);
    expect(await tail.poll()).toEqual(['one']);
    folder.append(path, 'o\nthree\n');
    expect(await tail.poll()).toEqual(['two', 'three']);
    expect(await tail.poll()).toEqual([]);
  });

  it('waits for a file that is not there yet', async () => {
    const folder = createLogFolder();
    const tail = createTail(folder.files, path, fromStart);
    expect(await tail.poll()).toEqual([]);
    folder.append(path, 'first\n');
    expect(await tail.poll()).toEqual(['first']);
  });

  it('reads the rest of a rotated file before the new one', async () => {
    const folder = createLogFolder();
    folder.append(path, 'one\n');
    const tail = createTail(folder.files, path, fromStart);
    await tail.poll();
    folder.append(path, 'two\nhalf');
    folder.append(path, ' of three\n');
    folder.rotate(path);
    folder.append(path, 'four\n');
    expect(await tail.poll()).toEqual(['two', 'half of three', 'four']);
  });

  it('reads the copies between, when several rotations were missed', async () => {
    const folder = createLogFolder();
    const tail = createTail(folder.files, path, fromStart);
    folder.append(path, '1\n');
    await tail.poll();
    for (const number of [2, 3, 4]) {
      folder.append(path, `${number}\n`);
      folder.rotate(path);
    }
    folder.append(path, '5\n');
    expect(await tail.poll()).toEqual(['2', '3', '4', '5']);
  });

  it('survives the moment in which nobody has the name', async () => {
    const folder = createLogFolder();
    folder.append(path, '1\n');
    const tail = createTail(folder.files, path, fromStart);
    await tail.poll();
    folder.append(path, '2\n');
    folder.rotate(path);
    expect(await tail.poll()).toEqual(['2']);
    expect(await tail.poll()).toEqual([]);
    folder.append(path, '3\n');
    expect(await tail.poll()).toEqual(['3']);
  });

  it('starts over when the file was truncated in place', async () => {
    const folder = createLogFolder();
    folder.append(path, 'old line\n');
    const tail = createTail(folder.files, path, fromStart);
    await tail.poll();
    folder.truncate(path);
    folder.append(path, 'new\n');
    expect(await tail.poll()).toEqual(['new']);
  });

  it('keeps letters whole that were written in two parts', async () => {
    const folder = createLogFolder();
    const bytes = new TextEncoder().encode('grün\n');
    folder.appendBytes(path, bytes.slice(0, 3));
    const tail = createTail(folder.files, path, fromStart);
    expect(await tail.poll()).toEqual([]);
    folder.appendBytes(path, bytes.slice(3));
    expect(await tail.poll()).toEqual(['grün']);
  });

  it('never loses or repeats a line, whatever comes between', async () => {
    const step = fc.oneof(
      fc.record({ write: fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'ü', '\n', '新') }) }),
      fc.constantFrom('rotate' as const, 'poll' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const folder = createLogFolder();
        const tail = createTail(folder.files, path, fromStart);
        folder.append(path, '');
        await tail.poll();
        const written: string[] = [];
        const seen: string[] = [];
        let open = '';
        for (const action of steps) {
          if (action === 'poll') seen.push(...(await tail.poll()));
          else if (action === 'rotate') {
            // Writers rotate between lines, and only what is there.
            if (open === '' && (await folder.files.stat(path)) !== undefined) folder.rotate(path);
          } else {
            folder.append(path, action.write);
            const [first = '', ...rest] = action.write.split('\n');
            if (rest.length === 0) open += first;
            else {
              written.push(open + first, ...rest.slice(0, -1));
              open = rest.at(-1) ?? '';
            }
          }
        }
        folder.append(path, '\n');
        written.push(open);
        seen.push(...(await tail.poll()));
        expect(seen).toEqual(written);
      }),
      { numRuns: 300 },
    );
  });
});

describe('reading back and then following', () => {
  it('meets without a gap or an overlap, also across rotated copies', async () => {
    const folder = createLogFolder();
    folder.append(path, '1\n2\n');
    folder.rotate(path);
    folder.append(path, '3\n4\nhalf');
    const { lines, position } = await readLast(folder.files, path, all);
    expect(lines).toEqual(['1', '2', '3', '4']);
    const tail = createTail(folder.files, path, position);
    folder.append(path, ' done\n');
    folder.rotate(path);
    folder.append(path, '6\n');
    expect(await tail.poll()).toEqual(['half done', '6']);
  });
});
