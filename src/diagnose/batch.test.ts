import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';

import type { RunResult } from '../core/ports.ts';
import { batchScript, createBatcher, splitBatch, type BatchItem } from './batch.ts';
import type { Argv } from './place.ts';

function item(...argv: readonly [string, ...string[]]): BatchItem {
  return { argv, input: undefined };
}

function result(more: Partial<RunResult> = {}): RunResult {
  return { exitCode: 0, stdout: '', stderr: '', timedOut: false, missing: false, ...more };
}

/** What a shell of this machine makes of the script. */
function shell(script: string): Promise<RunResult> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', script], (error, stdout, stderr) => {
      resolve(result({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }));
    });
  });
}

function world(answer: (script: string) => Promise<RunResult> = shell) {
  const scripts: string[] = [];
  const alone: Argv[] = [];
  let due: (() => void)[] = [];
  const run = createBatcher({
    runScript(script) {
      scripts.push(script);
      return answer(script);
    },
    async runAlone({ argv }) {
      alone.push(argv);
      return result({ stdout: `${argv.join(' ')} alone` });
    },
    after: (_ms, callback) => due.push(callback),
    newMark: () => 'mark-1',
  });
  const pass = (): void => {
    const callbacks = due;
    due = [];
    for (const callback of callbacks) callback();
  };
  return { run, pass, scripts, alone };
}

describe('a batch', () => {
  it('gives each program what it printed to either stream, byte for byte, and its exit code', async () => {
    const { run, pass, scripts } = world();
    const all = [
      run(item('printf', String.raw`a\0b\n\n`)),
      run(item('sh', '-c', "echo no >&2; printf '%s' \"it's $HOME\"; exit 3")),
      run({ argv: ['cat'], input: "-n 'quoted' $(id)\n" }),
      run(item('no-such-program-at-all')),
      run(item('cat')),
    ];
    pass();
    const [nul, failed, fed, missing, quiet] = await Promise.all(all);
    expect(scripts).toHaveLength(1);
    expect(nul).toMatchObject({ exitCode: 0, stdout: 'a\0b\n\n', stderr: '' });
    expect(failed).toMatchObject({ exitCode: 3, stdout: `it's ${process.env['HOME'] ?? ''}`, stderr: 'no\n' });
    expect(fed).toMatchObject({ exitCode: 0, stdout: "-n 'quoted' $(id)\n" });
    expect(missing).toMatchObject({ exitCode: 127, stdout: '', stderr: expect.stringContaining('not found') as unknown });
    expect(quiet).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('runs a single program by itself', async () => {
    const { run, pass, scripts, alone } = world();
    const only = run(item('date'));
    pass();
    expect([(await only).stdout, scripts, alone]).toEqual(['date alone', [], [['date']]]);
  });

  it('begins anew with the next question', async () => {
    const { run, pass, scripts } = world();
    const first = [run(item('echo', '1')), run(item('echo', '2'))];
    pass();
    const second = [run(item('echo', '3')), run(item('echo', '4'))];
    pass();
    const texts = (await Promise.all([...first, ...second])).map(({ stdout }) => stdout);
    expect([texts, scripts.length]).toEqual([['1\n', '2\n', '3\n', '4\n'], 2]);
  });

  it('asks those again, each alone, that came after one that hangs', async () => {
    const { run, pass, alone } = world(async () => result({ exitCode: undefined, stdout: '1\n\nmark-1 0\n', timedOut: true }));
    const all = [run(item('echo', '1')), run(item('sleep', '60')), run(item('echo', '3'))];
    pass();
    expect((await Promise.all(all)).map(({ stdout }) => stdout)).toEqual(['1\n', 'sleep 60 alone', 'echo 3 alone']);
    expect(alone).toEqual([
      ['sleep', '60'],
      ['echo', '3'],
    ]);
  });

  it('tells everybody when the container is not there', async () => {
    const { run, pass } = world(async () => result({ exitCode: 1, stderr: 'Error: No such container: iptv\n' }));
    const all = [run(item('date')), run(item('id'))];
    pass();
    for (const answer of await Promise.all(all)) expect(answer).toMatchObject({ exitCode: 1, stderr: 'Error: No such container: iptv\n' });
  });

  it('keeps a command line within what the kernel takes', async () => {
    const { run, pass, scripts, alone } = world(async (script) => result({ stdout: script }));
    const long = 'x'.repeat(20_000);
    const all = [...Array.from({ length: 6 }, () => run(item('echo', long))), run(item('echo', 'y'.repeat(200_000)))];
    pass();
    await Promise.all(all);
    expect([scripts.length, alone.length]).toEqual([2, 1]);
    expect(Math.max(...scripts.map((script) => script.length))).toBeLessThan(128 * 1024);
  });
});

describe('splitBatch', () => {
  it('reads nothing out of nothing', () => {
    expect(splitBatch({ stdout: '', stderr: '' }, 'mark', 2)).toEqual([undefined, undefined]);
  });

  it('is the other half of batchScript', async () => {
    const { stdout, stderr } = await shell(batchScript([item('echo', 'mark 0'), item('false')], 'mark'));
    expect(splitBatch({ stdout, stderr }, 'mark', 2).map((one) => one?.exitCode)).toEqual([0, 1]);
  });
});
