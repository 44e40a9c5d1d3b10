import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createLogBook, type LogBook, type LogLimits } from './log-sink.ts';

let directory = '';
let book: LogBook;
/** Milliseconds since 13:00:00. */
let now = 0;
let timers: { at: number; callback: () => void }[] = [];
/** Every wait that was ever asked for, in milliseconds. */
let waits: number[] = [];

const clock = {
  now: () => Date.UTC(2026, 10, 22, 13, 0, 0) + now,
  monotonic: () => now,
  after(delayMs: number, callback: () => void) {
    const timer = { at: now + delayMs, callback };
    timers.push(timer);
    waits.push(delayMs);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  },
};

function pass(ms: number): void {
  now += ms;
  for (const timer of timers.filter(({ at }) => at <= now)) {
    timers = timers.filter((other) => other !== timer);
    timer.callback();
  }
}

function open(limits: Partial<LogLimits> = {}, secrets: readonly string[] = []): void {
  book = createLogBook({ directory, clock, secrets: () => secrets, limits });
}

async function written(name = 'news.log'): Promise<readonly string[]> {
  await book.close();
  return readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1);
}

/** Real files on a crowded disk: rotation and refusal come about when they come about. */
async function onDisk(text: string): Promise<void> {
  await expect
    .poll(() => readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8')), { timeout: 50_000, interval: 2 })
    .toContainEqual(expect.stringContaining(text));
}

/** Until it waits for its next try: so many refusals were heard. */
async function refusals(count: number): Promise<void> {
  await expect.poll(() => waits.filter((ms) => ms === 5000), { timeout: 50_000, interval: 2 }).toHaveLength(count);
}

const stamp = '2026-11-22T13:00:00.000Z';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'iptv-log-'));
  now = 0;
  timers = [];
  waits = [];
  open();
});

afterEach(async () => {
  await book.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('log lines', () => {
  it.each([
    ['[error] broken', `${stamp} error broken`],
    ['[hls @ 0x55aa] [warning] odd', `${stamp} warning [hls @ 0x55aa] odd`],
    ['[vist#0:0/h264 @ 0x5] [dec:h264 @ 0x6] [error] no frame!', `${stamp} error [vist#0:0/h264 @ 0x5] [dec:h264 @ 0x6] no frame!`],
    ['[fatal] end', `${stamp} error end`],
    ['[verbose] much', `${stamp} debug much`],
    ['[info]   Duration: N/A, start: 0', `${stamp} info   Duration: N/A, start: 0`],
    ['no level', `${stamp} info no level`],
    ['[brackets] only  ', `${stamp} info [brackets] only`],
  ])('ffmpeg: %s', async (line, expected) => {
    book.log('news').ffmpeg(line);
    expect(await written()).toEqual([expected]);
  });

  it.each([
    ['2026/11/22 13:00:00 [error] 7#7: *3 access forbidden by rule', `${stamp} error 7#7: *3 access forbidden by rule`],
    ['2026/11/22 13:00:00 [notice] 7#7: start worker processes', `${stamp} info 7#7: start worker processes`],
    ['2026/11/22 13:00:00 [warn] 7#7: low', `${stamp} warning 7#7: low`],
    ['nginx: [emerg] bind() to 0.0.0.0:1935 failed', `${stamp} error bind() to 0.0.0.0:1935 failed`],
    ['anything', `${stamp} info anything`],
  ])('nginx: %s', async (line, expected) => {
    book.log('nginx-rtmp').nginx(line);
    expect(await written('nginx-rtmp.log')).toEqual([expected]);
  });

  it('leaves out the segments that ffmpeg opens', async () => {
    const sink = book.log('news');
    expect(sink.ffmpeg("[hls @ 0x5] [info] Opening '/tmp/hls/stream_news_1.ts.tmp' for writing")).toBeUndefined();
    expect(sink.ffmpeg("[hls @ 0x5] [info] Opening 'http://h/1.ts' for reading")).toBeUndefined();
    sink.ffmpeg("[hls @ 0x5] [error] Opening 'x' for writing");
    expect(await written()).toHaveLength(1);
  });

  it('hides secrets before anything is kept or written', async () => {
    open({}, ['hunter22']);
    const sink = book.log('news');
    sink.ffmpeg("[info] Input #0, hls, from 'http://joe:s3cret@host/live/joe/pass1234/5.ts?token=TOK123&x=1 hunter22':");
    sink.note('info', 'hunter22\nAuthorization: Bearer abc');
    const text = [...(await written()), ...sink.tail(9)].join('\n');
    for (const secret of ['s3cret', 'pass1234', 'TOK123', 'hunter22', 'Bearer']) expect(text).not.toContain(secret);
  });
});

describe('repeats', () => {
  it('are folded when another line comes', async () => {
    const sink = book.log('news');
    for (let count = 0; count < 42; count += 1) sink.ffmpeg('[error] same');
    sink.ffmpeg('[error] other');
    expect(await written()).toEqual([`${stamp} error same`, `${stamp} error (repeated 41 times)`, `${stamp} error other`]);
    expect(sink.tail(5)).toEqual(['same', 'other']);
  });

  it('are told after ten seconds at the latest, and counted anew', async () => {
    const sink = book.log('news');
    for (let count = 0; count < 3; count += 1) sink.ffmpeg('[error] same');
    pass(10_000);
    sink.ffmpeg('[error] same');
    expect((await written()).map((line) => line.slice(25))).toEqual(['error same', 'error (repeated 2 times)', 'error (repeated 1 time)']);
  });
});

describe('rate', () => {
  it('is limited, the rest counted, and still remembered', async () => {
    open({ linesPerSecond: 10 });
    const sink = book.log('news');
    for (let count = 0; count < 100; count += 1) sink.note('info', `line ${count}`);
    expect(sink.tail(1)).toEqual(['line 99']);
    pass(1000);
    sink.note('info', 'later');
    const lines = await written();
    expect(lines).toHaveLength(32);
    expect(lines.slice(-2).map((line) => line.slice(25))).toEqual(['warning suppressed 70 lines (more than 10 a second)', 'info later']);
  });

  it('tells what it held back when nothing follows', async () => {
    open({ linesPerSecond: 1 });
    for (let count = 0; count < 9; count += 1) book.log('news').note('info', `line ${count}`);
    pass(10_000);
    expect((await written()).at(-1)).toContain('suppressed 6 lines');
  });
});

describe('files', () => {
  it('do not exist before the first line, and are readable by their owner only', async () => {
    const sink = book.log('news');
    expect(readdirSync(directory)).toEqual([]);
    sink.note('info', 'x');
    await book.close();
    expect(statSync(join(directory, 'news.log')).mode & 0o777).toBe(0o600);
  });

  it('rotate by size and count without losing a line', async () => {
    open({ size: 2000, count: 3, linesPerSecond: 1e6 });
    for (let count = 0; count < 250; count += 1) {
      book.log('news').note('info', `line ${count}`);
      // Rotation happens between writes.
      if (count % 10 === 0) await onDisk(`line ${count}\n`);
    }
    await book.close();
    expect(readdirSync(directory).sort()).toEqual(['news.log', 'news.log.1', 'news.log.2', 'news.log.3']);
    const all = ['news.log.3', 'news.log.2', 'news.log.1', 'news.log'].flatMap((name) =>
      readFileSync(join(directory, name), 'utf8').trim().split('\n'),
    );
    const numbers = all.map((line) => Number(line.split(' ').at(-1)));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => 250 - numbers.length + index));
    expect(numbers.length).toBeGreaterThan(150);
  });

  it('go on where they ended, and open again after they were closed for idleness', async () => {
    const sink = book.log('news');
    sink.note('info', 'first');
    await onDisk('first\n');
    // The answer to the write may be under way still: it is asked again each second.
    await expect
      .poll(
        () => {
          pass(31_000);
          return timers;
        },
        { timeout: 50_000, interval: 2 },
      )
      .toEqual([]);
    sink.note('info', 'second');
    await book.close();
    sink.note('info', 'third');
    expect((await written()).map((line) => line.split(' ').at(-1))).toEqual(['first', 'second', 'third']);
  });

  it('are one sink a name', () => {
    expect(book.log('news')).toBe(book.log('news'));
    expect(book.log('sport')).not.toBe(book.log('news'));
  });
});

describe('a log that cannot be written', () => {
  it('costs nothing but its lines, which come once it can', async () => {
    book = createLogBook({ directory: join(directory, 'file'), clock, secrets: () => [] });
    writeFileSync(join(directory, 'file'), 'in the way');
    const sink = book.log('news');
    sink.note('error', 'one');
    await refusals(1);
    for (let count = 0; count < 300; count += 1) sink.note('error', `line ${count}`);
    expect(sink.tail(1)).toEqual(['line 299']);
    pass(5000);
    await refusals(2);
    rmSync(join(directory, 'file'));
    pass(5000);
    const lines = await written('file/news.log');
    expect(lines[0]).toBe('');
    expect(lines[1]).toMatch(/the log could not be written \(.*\); 0 lines lost/);
    expect(lines.join('\n')).toContain('error one');
    expect(lines.length).toBeGreaterThan(150);
  });
});
