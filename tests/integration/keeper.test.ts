// The shell that keeps a local supervisor alive, with a real one under it: killed, stopped, ended, and with nothing to keep.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { askDoctor, finding, rootsOf } from '../helpers/doctor.ts';
import { createStack, eventually, isRunning, keeperPids, kill, onlySupervisors, supervisorPids, type TestStack } from '../helpers/stack.ts';

// Each takes a handful of command lines and several starts of a supervisor; on a crowded machine a start takes seconds.
vi.setConfig({ testTimeout: 480_000, hookTimeout: 360_000 });

let stack: TestStack;

afterEach(async () => {
  await stack.close();
});

// The fake does not publish, and a job whose primary leg stays dead is started again after twice this.
const news = '  - id: news\n    source: http://fake.invalid/play\n    restart: { stallAfter: 10m }';

async function playing(): Promise<void> {
  stack = await createStack({ streams: news, fakeFfmpeg: true });
  const ran = await stack.iptv('start', 'news', '--no-wait');
  expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 /);
  await eventually('it runs', async () => (await stack.stream('news')).state === 'running');
}

/** The next supervisor, which nobody but the keeper has started. */
const next = (before: number) =>
  eventually('another supervisor answers', async () => {
    const status = await stack.status();
    return status.supervisor.pid !== before && status;
  });

const filesOf = (pid: number): readonly string[] =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });

describe('a supervisor that dies', () => {
  it('is back by itself, with the same jobs and nginx, and says so', async () => {
    await playing();
    const before = await stack.status();
    kill(before.supervisor.pid);
    const after = await next(before.supervisor.pid);
    expect(after.streams[0]?.pid).toBe(before.streams[0]?.pid);
    expect(after.origin.pid).toBe(before.origin.pid);
    await eventually('it is the only one', () => onlySupervisors(stack.state).join() === String(after.supervisor.pid));
    await eventually('it says so', () => stack.log('backend').includes('was killed by signal 9 and is back'));
    await eventually('the leg goes on', async () => {
      const { backup } = (await stack.stream('news')).legs;
      return (backup.mediaSequence ?? 0) + backup.segments > (before.streams[0]?.legs.backup.mediaSequence ?? Infinity);
    });
    kill(after.supervisor.pid);
    expect((await next(after.supervisor.pid)).streams[0]?.pid).toBe(before.streams[0]?.pid);
  });

  it('is replaced when it was stopped by a signal', async () => {
    await playing();
    const before = await stack.status();
    kill(before.supervisor.pid, 'SIGSTOP');
    await eventually('it was ended', () => !isRunning(before.supervisor.pid));
    expect((await next(before.supervisor.pid)).streams[0]?.pid).toBe(before.streams[0]?.pid);
  });

  it('goes on with the list of before when the file became invalid or is gone, says so, and takes the mended one over', async () => {
    await playing();
    const before = await stack.status();
    stack.list('  - id: "Bad Id"\n    source: http://fake.invalid/play');
    kill(before.supervisor.pid);
    const second = await next(before.supervisor.pid);
    expect(second.streams.map(({ id, pid, order }) => [id, pid, order])).toEqual([['news', before.streams[0]?.pid, 'run']]);
    expect(second.supervisor.listProblem).toMatch(/streams\.yaml cannot be used .* the list that was in force before stands in/);
    expect((await stack.iptv('up')).code).toBe(78);
    const report = await askDoctor(stack.iptv, 'supervisor', 'config');
    expect(rootsOf(report)).toEqual(['config/list-invalid']);
    expect(finding(report, 'supervisor/list-of-before').rootCause).toBe('config/list-invalid');
    rmSync(join(stack.directory, 'streams.yaml'));
    kill(second.supervisor.pid);
    const third = await next(second.supervisor.pid);
    expect(third.streams[0]?.pid).toBe(before.streams[0]?.pid);
    stack.list(`${news}\n  - id: film\n    source: http://fake.invalid/play`);
    await eventually('the mended list is in force', async () => {
      const { supervisor, streams } = await stack.status();
      return supervisor.listProblem === undefined && streams.length === 2;
    });
    expect((await stack.stream('news')).pid).toBe(before.streams[0]?.pid);
  });
});

describe('the keeper', () => {
  it('leaves the lock to the supervisor alone: neither it nor a job nor nginx holds it', async () => {
    await playing();
    const { supervisor, origin, streams } = await stack.status();
    const lock = join(stack.state, 'supervisor.lock');
    expect(filesOf(supervisor.pid)).toContain(lock);
    for (const pid of [...keeperPids(stack.state), origin.pid, streams[0]?.pid]) {
      if (pid === null || pid === undefined) throw new Error('not running');
      expect(filesOf(pid)).not.toContain(lock);
    }
  });

  it('of a second `up` that came too late does not bring back what `iptv down` ended', async () => {
    await playing();
    // Two starts at once leave a keeper that tries the lock some more times; this one does not give up.
    const keeper = join(import.meta.dirname, '../../bin/keep-supervisor.sh');
    const env = { ...process.env, IPTV_STATE_DIR: stack.state, IPTV_KEEPER_STATE: stack.state };
    const second = spawn('sh', [keeper, 'touch', join(stack.directory, 'started')], { env, stdio: 'ignore' });
    await eventually('it is there', () => keeperPids(stack.state).includes(second.pid ?? 0));
    expect((await stack.iptv('down')).code).toBe(0);
    await eventually('it is gone', () => !isRunning(second.pid ?? 0), 20_000);
    expect(existsSync(join(stack.directory, 'started'))).toBe(false);
    expect(await stack.iptv('down')).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing was running') as string });
  });

  it('can be killed without harm, and the next `iptv up` brings another one', async () => {
    await playing();
    const before = await stack.status();
    const lost = keeperPids(stack.state);
    for (const pid of lost) kill(pid);
    await eventually('it is gone', () => lost.every((pid) => !isRunning(pid)));
    expect((await stack.status()).supervisor.pid).toBe(before.supervisor.pid);
    const ran = await stack.iptv('up');
    expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 [^]*its keeper is gone/);
    const after = await stack.status();
    expect(after.streams[0]?.pid).toBe(before.streams[0]?.pid);
    kill(after.supervisor.pid);
    expect((await next(after.supervisor.pid)).streams[0]?.pid).toBe(before.streams[0]?.pid);
  });

  it('ends with `iptv down`, also while it waits with no supervisor to keep', async () => {
    await playing();
    expect((await stack.iptv('down')).code).toBe(0);
    expect(keeperPids(stack.state)).toEqual([]);

    expect((await stack.iptv('up')).code).toBe(0);
    const { supervisor } = await stack.status();
    writeFileSync(join(stack.directory, 'streams.yaml'), 'version: 1\nstreams: [');
    rmSync(join(stack.state, 'jobs/.list.json'));
    kill(supervisor.pid);
    await eventually('it is gone', () => !isRunning(supervisor.pid));
    await eventually('the keeper waits', () => readFileSync(join(stack.state, 'start.log'), 'utf8').includes('is looked at again'));
    const ran = await stack.iptv('down');
    expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 /);
    expect([...keeperPids(stack.state), ...supervisorPids(stack.state), ...stack.jobs()]).toEqual([]);
  });

  it('passes SIGTERM on: jobs, nginx and supervisor end, and then the keeper', async () => {
    await playing();
    const { supervisor } = await stack.status();
    for (const pid of keeperPids(stack.state)) kill(pid, 'SIGTERM');
    await eventually('all are gone', () => !isRunning(supervisor.pid) && keeperPids(stack.state).length === 0);
    expect(stack.jobs()).toEqual([]);
  });

  it('does not try again what never came up, and the command says why', async () => {
    stack = await createStack({ streams: news, fakeFfmpeg: true });
    mkdirSync(join(stack.state, 'control.sock/in-the-way'), { recursive: true });
    const ran = await stack.iptv('up');
    expect(`${ran.code} ${ran.stderr}`).toMatch(/^69 [^]*cannot open the control socket/);
    expect([...keeperPids(stack.state), ...supervisorPids(stack.state)]).toEqual([]);
  });
});
