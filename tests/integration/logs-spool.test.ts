// The spool and the log under a real writer: nothing lost in normal use, everything bounded in a flood.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createLogBook } from '../../src/observe/log-sink.ts';
import { createSpool } from '../../src/observe/spool.ts';
import { createClockPort } from '../../src/platform/clock.ts';
import { createFilesPort } from '../../src/platform/files.ts';

const files = createFilesPort();
const clock = createClockPort();
let directory = '';
let path = '';
let child: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'iptv-spool-'));
  path = join(directory, 'news.stderr');
});

afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** Runs JavaScript whose stderr is appended to the file, as a job's is. */
function write(script: string): { ended: () => boolean } {
  const fd = openSync(path, 'a', 0o600);
  const started = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', fd] });
  closeSync(fd);
  child = started;
  let ended = false;
  started.once('exit', () => (ended = true));
  return { ended: () => ended };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a spool', () => {
  it('loses no line of a busy writer, in bursts and pauses, while the file is emptied in between', async () => {
    const writer = write(`
      const fs = require('node:fs');
      let n = 0;
      const say = () => fs.writeSync(2, 'line ' + n++ + ' ' + 'é😀x'.repeat(n % 50) + (n % 7 ? '\\n' : '\\r'));
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      (async () => {
        for (let round = 0; round < 5; round++) {
          for (let burst = 0; burst < 60; burst++) { for (let i = 0; i < 40; i++) say(); await pause(5); }
          // Only what is quiet for a while is emptied: on a crowded machine that takes what it takes.
          for (const end = Date.now() + 40000; fs.fstatSync(2).size > 0 && Date.now() < end; ) await pause(20);
        }
        fs.writeSync(2, 'the end');
      })();
    `);
    let emptied = 0;
    const watched = {
      ...files,
      truncate: async (name: string) => {
        emptied += 1;
        await files.truncate(name);
      },
    };
    const spool = createSpool({ files: watched, clock, path, limits: { quietMs: 400, emptyEveryMs: 0 } });
    const lines: string[] = [];
    while (!writer.ended()) {
      lines.push(...(await spool.read()));
      await pause(20);
    }
    lines.push(...(await spool.finish()));
    expect(lines.pop()).toBe('the end');
    expect(lines).toEqual(Array.from({ length: 12_000 }, (_, n) => `line ${n} ${'é😀x'.repeat((n + 1) % 50)}`));
    expect(emptied).toBeGreaterThanOrEqual(5);
    expect(spool.skippedBytes()).toBe(0);
    expect(statSync(path)).toMatchObject({ size: 0 });
  });

  it('stays bounded in a flood, in memory, on disk and in the log, and says so', async () => {
    write(`
      const fs = require('node:fs');
      const lines = Buffer.from(('[error] Error during demuxing: Immediate exit requested ' + 'x'.repeat(45) + '\\n').repeat(10000));
      // A megabyte each five milliseconds at most: how much lies there is then a matter of the reader, not of the disk's speed.
      const pause = new Int32Array(new SharedArrayBuffer(4));
      for (;;) { fs.writeSync(2, lines); Atomics.wait(pause, 0, 0, 5); }
    `);
    const book = createLogBook({ directory, clock, secrets: () => [] });
    const spool = createSpool({ files, clock, path });
    const before = process.memoryUsage().rss;
    let largest = 0;
    let taken = 0;
    const end = Date.now() + 60_000;
    while (spool.skippedBytes() < 250_000_000 && Date.now() < end) {
      const lines = await spool.read();
      taken += lines.length;
      for (const line of lines) book.log('news').ffmpeg(line);
      largest = Math.max(largest, statSync(path).size);
      await pause(50);
    }
    child?.kill('SIGKILL');
    await book.close();
    expect(spool.skippedBytes()).toBeGreaterThan(200_000_000);
    expect(taken).toBeGreaterThan(1000);
    expect(largest).toBeLessThan(600_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(120_000_000);
    const log = readFileSync(join(directory, 'news.log'), 'utf8');
    expect(log.length).toBeLessThan(100_000);
    expect(log).toMatch(/warning \d+ bytes of output skipped/);
    expect(log).toMatch(/\(repeated \d+ times\)/);
    expect(book.log('news').tail(2).join('\n')).toContain('Immediate exit requested');
  });
});

describe('a log on a full disk', () => {
  it('never throws, remembers, and goes on when there is room', async () => {
    // A file system of 64 KiB of its own, in a user namespace, so that no root is needed.
    const script = `
      import { createLogBook } from ${JSON.stringify(new URL('../../src/observe/log-sink.ts', import.meta.url).href)};
      import { createClockPort } from ${JSON.stringify(new URL('../../src/platform/clock.ts', import.meta.url).href)};
      import { readFileSync, rmSync, writeFileSync } from 'node:fs';
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      const directory = process.argv[1];
      writeFileSync(directory + '/filler', Buffer.alloc(48 * 1024));
      const book = createLogBook({ directory, clock: createClockPort(), secrets: () => [], limits: { linesPerSecond: 1e6 } });
      const sink = book.log('news');
      for (let n = 0; n < 1500; n++) { sink.note('info', 'line ' + n); if (n % 100 === 0) await pause(5); }
      await pause(200);
      const full = sink.tail(1);
      rmSync(directory + '/filler');
      await pause(6000);
      sink.note('info', 'after');
      await book.close();
      console.log(JSON.stringify({ full, log: readFileSync(directory + '/news.log', 'utf8') }));
    `;
    const output = await runInNamespace(`mount -t tmpfs -o size=64k none "$1" && exec "$2" --input-type=module -e "$3" "$1"`, [
      directory,
      process.execPath,
      script,
    ]);
    if (output === undefined) return;
    const { full, log } = JSON.parse(output) as { full: readonly string[]; log: string };
    expect(full).toEqual(['line 1499']);
    const lines = log.split('\n');
    expect(lines[0]).toMatch(/info line 0$/);
    expect(log).toMatch(/the log could not be written \(ENOSPC[^)]*\); \d+ lines lost/);
    expect(log).toContain('info line 1499\n');
    expect(lines.at(-2)).toMatch(/info after$/);
    expect(readdirSync(directory)).toEqual([]);
  });
});

/** undefined where user namespaces are forbidden. */
async function runInNamespace(script: string, argv: readonly string[]): Promise<string | undefined> {
  const started = spawn('unshare', ['-rm', 'sh', '-c', script, 'sh', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  let stdout = '';
  let stderr = '';
  started.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  started.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => started.once('close', resolve));
  if (code !== 0 && /unshare|mount:/.test(stderr)) {
    console.warn(`skipped: no user namespace with mounts here (${stderr.trim()})`);
    return undefined;
  }
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
