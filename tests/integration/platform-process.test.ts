// The process port against real processes: stubborn, short-lived, oddly named, dead and re-used ones.

import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Daemon, DaemonSpec, ProcessInfo } from '../../src/core/ports.ts';
import { createProcessPort } from '../../src/platform/process.ts';
import { startError } from '../../src/platform/start-daemon.ts';

const port = createProcessPort();
const started: Daemon[] = [];
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iptv-process-'));
});

afterEach(async () => {
  for (const daemon of started.splice(0)) port.signalGroup(daemon.pid, daemon.startTime, 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function start(file: string, argv: readonly string[], more: Partial<DaemonSpec> = {}): Promise<Daemon> {
  const daemon = await port.startDaemon({ file, argv, env: {}, cwd: folder, stderrPath: join(folder, 'out.log'), ...more });
  started.push(daemon);
  return daemon;
}

const shell = (script: string, more: Partial<DaemonSpec> = {}): Promise<Daemon> => start('/bin/sh', ['-c', script], more);

async function eventually<T>(read: () => T | Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`did not come about; last value: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A process that has just begun is running now, and asleep in the next look. */
const asleep = (pid: number): Promise<unknown> =>
  eventually(
    () => port.inspect(pid)?.state,
    (state) => state === 'S',
  );

const outputOf = (name = 'out.log'): Promise<string> => readFile(join(folder, name), 'utf8');

describe('run', () => {
  it('captures both outputs and the exit code without throwing', async () => {
    const result = await port.run('sh', ['-c', 'echo out; echo err >&2; exit 7'], { timeoutMs: 30_000 });
    expect(result).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n', timedOut: false, missing: false });
  });

  it('passes input, folder and variables, over a small inherited environment', async () => {
    process.env['IPTV_TEST_LEAK'] = 'leaked';
    try {
      const result = await port.run('sh', ['-c', 'cat; pwd; env'], { timeoutMs: 30_000, input: 'in\n', cwd: '/', env: { GIVEN: 'yes' } });
      expect(result.stdout).toMatch(/^in\n\/\n/);
      expect(result.stdout).toContain('GIVEN=yes\n');
      expect(result.stdout).toContain('LANG=C.UTF-8\n');
      expect(result.stdout).toContain(`PATH=${process.env['PATH']}\n`);
      expect(result.stdout).not.toContain('leaked');
    } finally {
      delete process.env['IPTV_TEST_LEAK'];
    }
  });

  it('tells a missing program from a missing folder and from a file that is no program', async () => {
    expect(await port.run('iptv-no-such-program', [], { timeoutMs: 30_000 })).toMatchObject({ missing: true, exitCode: undefined });
    expect(await port.run('true', [], { timeoutMs: 30_000, cwd: join(folder, 'gone') })).toMatchObject({
      missing: false,
      exitCode: undefined,
    });
    const refused = await port.run('/etc/passwd', [], { timeoutMs: 30_000 });
    expect(refused).toMatchObject({ missing: false, exitCode: undefined });
    expect(refused.stderr).toContain('EACCES');
  });

  it('kills a program that ignores SIGTERM, and its children that hold the pipes', async () => {
    const begun = Date.now();
    const result = await port.run('sh', ['-c', "trap '' TERM; echo up; sleep 30 & while :; do sleep 1; done"], { timeoutMs: 500 });
    expect(result).toMatchObject({ timedOut: true, exitCode: undefined, stdout: 'up\n' });
    // Its child would have slept for 30 s.
    expect(Date.now() - begun).toBeLessThan(25_000);
  });

  it('ends a program that floods its output', async () => {
    const result = await port.run('yes', [], { timeoutMs: 60_000 });
    expect(result.exitCode).not.toBe(0);
    expect(result.stdout.length).toBe(16 * 1024 * 1024);
  });
});

describe('startDaemon', () => {
  it('starts a group leader with exactly the given environment and private output files', async () => {
    process.env['IPTV_TEST_LEAK'] = 'leaked';
    const daemon = await shell('env; echo progress >&3; readlink /proc/self/fd/0 >&2; sleep 30', {
      env: { IPTV_JOB: 'news' },
      fd3Path: join(folder, 'fd3.log'),
    });
    delete process.env['IPTV_TEST_LEAK'];
    const output = await eventually(outputOf, (text) => text.includes('/dev/null'));
    // The shell itself adds the last five.
    const shellsOwn = new Set(['PWD', 'OLDPWD', 'SHLVL', '_', '/dev/null', '']);
    const names = output.split('\n').map((line) => line.split('=')[0] ?? '');
    const expected = ['HOME', 'IPTV_JOB', 'LANG', 'PATH', ...(process.env['TZ'] === undefined ? [] : ['TZ'])];
    expect(new Set(names.filter((name) => !shellsOwn.has(name)))).toEqual(new Set(expected));
    expect(await outputOf('fd3.log')).toBe('progress\n');
    expect((await stat(join(folder, 'out.log'))).mode & 0o777).toBe(0o600);
    const fields = (await readFile(`/proc/${daemon.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    expect(Number(fields[2])).toBe(daemon.pid);
    expect(port.inspect(daemon.pid)).toMatchObject({ pid: daemon.pid, startTime: daemon.startTime, parentPid: process.pid });
  });

  it('tells how a child ended, even one that dies at once', async () => {
    const quick = await shell('exit 9');
    expect(await quick.exited).toEqual({ code: 9, signal: undefined });
    const killed = await shell('kill -KILL $$');
    expect(await killed.exited).toEqual({ code: undefined, signal: 'SIGKILL' });
    expect(port.inspect(quick.pid)?.startTime).not.toBe(quick.startTime);
  });

  it('keeps appending at the end when the file is truncated under it', async () => {
    await writeFile(join(folder, 'out.log'), 'before\n');
    await shell('while :; do echo line; sleep 0.05; done');
    await eventually(outputOf, (text) => text.startsWith('before\nline\n'));
    await truncate(join(folder, 'out.log'));
    const text = await eventually(outputOf, (found) => found.split('\n').length > 3);
    expect(text).toMatch(/^(?:line\n)+$/);
  });

  it('leaves no descriptor open in the parent', async () => {
    await shell('sleep 30', { fd3Path: join(folder, 'fd3.log') });
    const { stdout } = await port.run('ls', ['-l', `/proc/${process.pid}/fd`], { timeoutMs: 30_000 });
    expect(stdout).not.toContain(folder);
  });

  it('names what is missing', async () => {
    await expect(start('iptv-no-such-program', [])).rejects.toMatchObject({ exitCode: 69, code: 'program-missing' });
    await expect(shell('true', { cwd: join(folder, 'gone') })).rejects.toMatchObject({ exitCode: 69, code: 'folder-missing' });
    await expect(start('/etc/passwd', [])).rejects.toMatchObject({ exitCode: 77, code: 'program-forbidden' });
    await expect(shell('true', { stderrPath: join(folder, 'no', 'out.log') })).rejects.toMatchObject({
      exitCode: 69,
      code: 'file-unusable',
    });
  });

  it('calls exhausted resources a reason to try again', () => {
    for (const code of ['EAGAIN', 'EMFILE']) {
      const error = Object.assign(new Error(`spawn ${code}`), { code });
      expect(startError(error, { file: 'ffmpeg', cwd: folder })).toMatchObject({ exitCode: 75, code: 'resources-exhausted' });
    }
  });

  it('survives the death of the process that started it', async () => {
    const script = `
      import { createProcessPort } from '${join(import.meta.dirname, '../../src/platform/process.ts')}';
      const daemon = await createProcessPort().startDaemon({ file: '/bin/sleep', argv: ['30'], env: {}, cwd: '/', stderrPath: '${join(folder, 'out.log')}' });
      console.log(daemon.pid, daemon.startTime);
      process.kill(process.pid, 'SIGKILL');`;
    const { stdout, signal } = await port.run(process.execPath, ['--input-type=module-typescript', '-e', script], { timeoutMs: 60_000 });
    expect(signal).toBe('SIGKILL');
    const [pid, startTime] = stdout.trim().split(' ');
    const info = port.inspect(Number(pid));
    expect(info?.startTime).toBe(startTime);
    expect(port.signalGroup(Number(pid), startTime ?? '', 'SIGKILL')).toBe(true);
  });
});

describe('signalGroup', () => {
  it('reaches children in the group, and needs SIGKILL for a job that ignores signals', async () => {
    const daemon = await shell("trap '' TERM INT; sleep 31 & echo child $!; while :; do sleep 1; done");
    const output = await eventually(outputOf, (text) => /child \d+\n/.test(text));
    const child = Number(/child (\d+)/.exec(output)?.[1]);
    expect(port.signalGroup(daemon.pid, daemon.startTime, 'SIGTERM')).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(port.inspect(daemon.pid)).toBeDefined();
    expect(port.signalGroup(daemon.pid, daemon.startTime, 'SIGKILL')).toBe(true);
    expect(await daemon.exited).toEqual({ code: undefined, signal: 'SIGKILL' });
    await eventually(
      () => port.inspect(child),
      (info) => info === undefined || info.state === 'Z',
    );
    expect(port.signalGroup(daemon.pid, daemon.startTime, 'SIGKILL')).toBe(false);
  });

  it('never signals a process that only inherited the pid', async () => {
    const daemon = await shell('sleep 30');
    const older = String(Number(daemon.startTime) - 1);
    expect(port.signalGroup(daemon.pid, older, 'SIGKILL')).toBe(false);
    expect(port.signalGroup(daemon.pid, '', 'SIGKILL')).toBe(false);
    expect(port.inspect(daemon.pid)?.startTime).toBe(daemon.startTime);
  });

  it.each([0, 1, -1, Number.NaN, 1.5])('refuses pid %s, which kill(2) would read as something wider', (pid) => {
    expect(port.signalGroup(pid, port.inspect(1)?.startTime ?? '', 'SIGCONT')).toBe(false);
  });

  it('reaches a process that leads no group', async () => {
    const daemon = await shell('sleep 32 & echo child $!; wait');
    const child = Number(/child (\d+)/.exec(await eventually(outputOf, (text) => /child \d+\n/.test(text)))?.[1]);
    const info = port.inspect(child) as ProcessInfo;
    expect(port.signalGroup(child, info.startTime, 'SIGKILL')).toBe(true);
    expect(await daemon.exited).toMatchObject({ code: 0 });
  });
});

describe('signal and groupMembers', () => {
  it('signals only the one process, and finds the members that are left when the leader is gone', async () => {
    const daemon = await shell('sleep 33 & echo child $!; exec sleep 34');
    const child = Number(/child (\d+)/.exec(await eventually(outputOf, (text) => /child \d+\n/.test(text)))?.[1]);
    expect(port.groupMembers(daemon.pid).map((member) => member.pid)).toEqual([daemon.pid, child]);
    expect(port.signal(daemon.pid, '1', 'SIGKILL')).toBe(false);
    expect(port.signal(daemon.pid, daemon.startTime, 'SIGKILL')).toBe(true);
    await daemon.exited;
    await asleep(child);
    const [left, ...others] = port.groupMembers(daemon.pid);
    expect(left).toEqual(port.inspect(child));
    expect(others).toEqual([]);
    expect(port.signal(child, left?.startTime ?? '', 'SIGKILL')).toBe(true);
    expect(
      await eventually(
        () => port.groupMembers(daemon.pid),
        (members) => members.length === 0,
      ),
    ).toEqual([]);
  });
});

describe('inspect and findMarked', () => {
  it('reads a program whose name holds spaces and parentheses', async () => {
    const odd = join(folder, 'a ) S 1 (b');
    await copyFile('/bin/sleep', odd);
    const daemon = await start(odd, ['30']);
    expect(daemon.startTime).toMatch(/^\d+$/);
    expect(port.inspect(daemon.pid)).toMatchObject({ parentPid: process.pid, startTime: daemon.startTime });
    expect(port.signalGroup(daemon.pid, daemon.startTime, 'SIGKILL')).toBe(true);
  });

  it('shows a zombie as Z and does not signal it', async () => {
    const daemon = await shell('sleep 0.1 & echo child $!; exec sleep 30', { env: { IPTV_JOB: 'zombie' } });
    const child = Number(/child (\d+)/.exec(await eventually(outputOf, (text) => /child \d+\n/.test(text)))?.[1]);
    const zombie = await eventually(
      () => port.inspect(child),
      (info) => info?.state === 'Z',
    );
    expect(zombie?.parentPid).toBe(daemon.pid);
    expect(port.signalGroup(child, zombie?.startTime ?? '', 'SIGKILL')).toBe(false);
    expect(port.findMarked('IPTV_JOB', 'zombie').map((found) => found.pid)).toEqual([daemon.pid]);
  });

  it('finds marked processes with their IPTV_ variables and nothing else', async () => {
    const mark = `${folder}-mark`;
    const first = await start('/bin/sleep', ['30'], { env: { IPTV_STATE_MARK: mark, IPTV_JOB: 'news=1', SECRET: 'x' } });
    await start('/bin/sleep', ['30'], { env: { IPTV_STATE_MARK: `${mark}2` } });
    await asleep(first.pid);
    expect(port.findMarked('IPTV_STATE_MARK', mark)).toEqual([
      { ...port.inspect(first.pid), env: { IPTV_STATE_MARK: mark, IPTV_JOB: 'news=1' } },
    ]);
    expect(port.findMarked('IPTV_STATE_MARK', 'nobody')).toEqual([]);
  });

  // Needs rights to make a namespace; as in a container, the process is in our /proc all the same.
  it.skipIf(spawnSync('unshare', ['--pid', '--fork', 'true']).status !== 0)('leaves alone what runs in a container', async () => {
    const mark = `${folder}-contained`;
    const outside = await start('unshare', ['--pid', '--fork', '--kill-child', 'sleep', '30'], { env: { IPTV_STATE_MARK: mark } });
    await eventually(
      () => port.groupMembers(outside.pid).length,
      (count) => count > 1,
    );
    expect(port.findMarked('IPTV_STATE_MARK', mark).map(({ pid }) => pid)).toEqual([outside.pid]);
  });

  it('answers undefined for a pid that is nobody', () => {
    expect(port.inspect(2 ** 22 + 1)).toBeUndefined();
    expect(port.inspect(-1)).toBeUndefined();
  });
});
