// `iptv logs` as a user runs it, on the files of a real writer that rotates them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { build, createHome, ended, goodList, repository, type Home } from '../helpers/cli.ts';
import { eventually } from '../helpers/wait.ts';

let home: Home;

beforeAll(build);

beforeEach(() => {
  home = createHome();
  home.write('streams.yaml', goodList);
});

afterEach(() => home.close());

const log = (name: string, ...lines: readonly string[]): void => {
  mkdirSync(join(home.state, 'logs'), { recursive: true });
  writeFileSync(join(home.state, `logs/${name}.log`), lines.map((line) => `${line}\n`).join(''));
};

const at = (second: number): string => `2026-01-01T12:00:${String(second).padStart(2, '0')}.000Z`;

describe('logs', () => {
  beforeEach(() => {
    log('backend', `${at(1)} info supervisor 1.2.3`);
    log('news', `${at(2)} info opening`, `${at(4)} error [http @ 0x5] HTTP error 403 Forbidden`, `${at(8)} info \u001b[2Jcleared`);
    log(
      'nginx-rtmp',
      `${at(3)} info 7#7: *3 publish: name='news' args='' type=live silent=0, client: 127.0.0.1`,
      `${at(5)} error 7#7: *3 live: already publishing, client: 127.0.0.1`,
      `${at(6)} info 7#7: *4 publish: name='sport' args='' type=live silent=0, client: 127.0.0.1`,
      `${at(7)} warning 1#1: low on something`,
    );
  });

  const seconds = async (...argv: string[]): Promise<readonly number[]> => {
    const { code, stdout, stderr } = await home.iptv('logs', '--json', ...argv);
    expect([code, stderr]).toEqual([0, '']);
    const { lines } = JSON.parse(stdout) as { lines: readonly { time: string }[] };
    return lines.map(({ time }) => new Date(time).getUTCSeconds());
  };

  it('are merged, and chosen by name, level, time and text', async () => {
    expect(await seconds()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await seconds('news')).toEqual([2, 3, 4, 5, 8]);
    expect(await seconds('news', '--level', 'warn')).toEqual([4, 5]);
    expect(await seconds('nginx-rtmp')).toEqual([3, 5, 6, 7]);
    expect(await seconds('--since', at(3), '--until', at(6))).toEqual([3, 4, 5, 6]);
    expect(await seconds('--since', at(3), '-n', '2')).toEqual([7, 8]);
    expect(await seconds('--grep', 'publish|forbidden')).toEqual([3, 4, 5, 6]);
    expect(await seconds('--grep', 'publish', '--invert', '-n', '3')).toEqual([4, 7, 8]);
    expect(await seconds('--until', at(4), '-n', '2')).toEqual([3, 4]);
  });

  it('are explained, each thing once', async () => {
    const { stdout } = await home.iptv('logs', 'news', '--explain', '--level', 'error');
    expect(stdout.split('\n')).toEqual([
      expect.stringContaining('HTTP error 403 Forbidden'),
      expect.stringMatching(/^ {2}broken +the source refuses this request/),
      expect.stringMatching(/^ {2}next: +iptv doctor sources tries others/),
      expect.stringContaining('already publishing'),
      expect.stringMatching(/^ {2}watch +somebody already publishes/),
      expect.stringMatching(/^ {2}next: +wait 10 s/),
      '',
    ]);
  });

  it('cannot move the cursor of a terminal', async () => {
    expect((await home.onTerminal(['logs', 'news'], { NO_COLOR: '1' })).stdout).toContain('␛[2Jcleared');
    expect((await home.iptv('logs', 'news')).stdout).not.toContain('\u001b');
  });

  it.each([
    [['--grep', '(a'], 'Unterminated group'],
    [['--level', 'loud'], 'Write debug, info, warning or error'],
    [['--until', 'then'], 'Write a duration'],
    [['--invert'], '--invert needs a --grep'],
    [['--since', '5m', '--until', '10m'], '--until lies before --since'],
    [['-f', '--until', '1m'], 'only one of them'],
  ])('%j is wrong usage', async (argv, hint) => {
    const { code, stdout, stderr } = await home.iptv('logs', ...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(hint);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
  });
});

/**
 * Three logs at once, through the library that the supervisor writes with, each line with a number; waits for the disk, so
 * that every line gets there. A log is rotated every 128 KiB, which this load does several times.
 */
const writer = `
  import { createStream } from 'rotating-file-stream';
  import { formatLogLine } from '${repository}/src/observe/log-line.ts';
  const [directory, rounds] = process.argv.slice(1);
  const logs = ['news', 'sport', 'nginx-rtmp'].map((name) => createStream(directory + '/' + name + '.log', { size: '131072B', rotate: 30 }));
  const write = (log, line) => new Promise((resolve, reject) => log.write(line, (error) => (error ? reject(error) : resolve())));
  let number = 0;
  for (let round = 0; round < Number(rounds); round += 1) {
    const written = [];
    for (let burst = 0; burst < 50; burst += 1, number += 1)
      for (const log of logs)
        written.push(write(log, formatLogLine(Date.now(), { level: 'info', text: 'number ' + number + ' ' + 'é'.repeat(number % 90) }) + '\\n'));
    await Promise.all(written);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await Promise.all(logs.map((log) => new Promise((resolve) => log.end(resolve))));
`;

describe('following a log', () => {
  it('loses and repeats no line of a busy writer that rotates', { timeout: 360_000 }, async () => {
    const directory = join(home.state, 'logs');
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
    const rounds = 200;
    const writing = spawn(process.execPath, ['--input-type=module', '-e', writer, directory, String(rounds)], {
      cwd: repository,
      stdio: 'inherit',
    });
    const exit = once(writing, 'exit');
    await eventually(
      () => readdirSync(directory).length,
      (count) => count >= 3,
      { timeoutMs: 60_000 },
    );
    const follower = home.start(['logs', '-f', '--json', '-n', 'all']);
    onTestFinished(() => void follower.kill('SIGKILL'));
    const done = ended(follower);
    const numbers = new Map<string, number[]>();
    let rest = '';
    follower.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { name, text: said } = JSON.parse(line) as { name: string; text: string };
        const number = /^number (\d+) é*$/.exec(said)?.[1];
        const found = numbers.get(name) ?? [];
        found.push(Number(number));
        numbers.set(name, found);
      }
    });
    expect(await exit).toEqual([0, null]);
    const all = Array.from({ length: rounds * 50 }, (_, number) => number);
    await eventually(
      () => [...numbers.values()].map((found) => found.length),
      (counts) => counts.length === 3 && counts.every((count) => count >= all.length),
      {
        timeoutMs: 60_000,
        what: 'the last line',
      },
    );
    follower.kill('SIGINT');
    expect(await done).toMatchObject({ code: 130, stderr: '' });
    for (const name of ['news', 'sport', 'nginx-rtmp']) expect(numbers.get(name)).toEqual(all);
    expect(readdirSync(directory).filter((name) => name.startsWith('news.log')).length).toBeGreaterThan(4);
    // The same from the files alone, in both directions of reading.
    for (const argv of [
      ['-n', 'all'],
      ['-n', '1000000'],
    ]) {
      const { stdout } = await home.iptv('logs', 'sport', ...argv);
      expect(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => Number(/number (\d+)/.exec(line)?.[1])),
      ).toEqual(all);
    }
  });
});
