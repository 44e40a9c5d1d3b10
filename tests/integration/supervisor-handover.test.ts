// Supervisors that come and go: the lock, the hand-over, and what a dead one leaves behind.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { connectControl } from '../../src/control/client.ts';
import { createStack, eventually, isRunning, kill, onlySupervisors, type TestStack } from '../helpers/stack.ts';

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

describe('hand-over', () => {
  it('waits for a supervisor that has closed its socket and not yet let go of the lock', async () => {
    stack = await createStack({ streams: news, fakeFfmpeg: true });
    mkdirSync(stack.state, { recursive: true });
    const leaving = spawn('flock', ['-F', join(stack.state, 'supervisor.lock'), 'sleep', '4'], { stdio: 'ignore' });
    await new Promise((done) => leaving.once('spawn', done));
    const ran = await stack.iptv('up');
    expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 /);
    await eventually('one supervisor', () => onlySupervisors(stack.state).length === 1);
  });

  it('from one that leaves its jobs to the next one at once: same job, same nginx, one supervisor', async () => {
    await playing();
    const before = await stack.status();
    const client = await connectControl(join(stack.state, 'control.sock'));
    await client?.shutdown({ jobs: 'keep' });
    expect((await stack.iptv('up')).code).toBe(0);
    const after = await stack.status();
    expect(after.supervisor.pid).not.toBe(before.supervisor.pid);
    expect(after.streams[0]?.pid).toBe(before.streams[0]?.pid);
    expect(after.origin.pid).toBe(before.origin.pid);
    expect(stack.jobs()).toHaveLength(1);
  });

  it('finds its state folder also by a relative path with a slash at its end', async () => {
    await playing();
    const { supervisor } = await stack.status();
    const ran = await stack.iptv('status', '--json');
    const again = await iptvWithState('./state/', 'status', '--json');
    expect(again.code).toBe(ran.code);
    expect((JSON.parse(again.stdout) as { supervisor: { pid: number } }).supervisor.pid).toBe(supervisor.pid);
  });
});

async function iptvWithState(state: string, ...argv: string[]): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../bin/iptv.js'), ...argv], {
    cwd: stack.directory,
    env: { ...process.env, IPTV_STATE_DIR: state, IPTV_RUNTIME: 'local', IPTV_CONFIG: join(stack.directory, 'streams.yaml') },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  return { code: await new Promise((done) => child.once('close', done)), stdout };
}

describe('a supervisor that died', () => {
  it('leaves jobs and nginx that `iptv down` ends, with nothing left', async () => {
    await playing();
    const { origin, streams } = await stack.status();
    await stack.loseSupervisor();
    const ran = await stack.iptv('down');
    expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 /);
    expect(stack.jobs()).toEqual([]);
    for (const pid of [origin.pid, streams[0]?.pid]) expect(pid !== null && pid !== undefined && isRunning(pid)).toBe(false);
    expect((await stack.iptv('down')).code).toBe(0);
  });
});

describe('a server section that changes while channels run', () => {
  it('changes nothing but a remark, and nginx comes back where the jobs publish', async () => {
    await playing();
    const before = await stack.status();
    const path = join(stack.directory, 'streams.yaml');
    const other = stack.ports.http === 18_088 ? 18_089 : 18_088;
    const text = readFileSync(path, 'utf8').replace(`public: ${stack.ports.http}`, `public: ${other}`);
    writeFileSync(path, text);
    const ran = await stack.iptv('start', 'news', '--no-wait');
    expect(ran.code).toBe(0);
    expect(ran.stdout + ran.stderr).toContain('server.ports');
    expect((await stack.status()).supervisor.notes?.join()).toContain(`${basename(path)} changed`);
    if (before.origin.pid === null) throw new Error('no nginx');
    kill(-before.origin.pid);
    await eventually('nginx is back', async () => {
      const { origin } = await stack.status();
      return origin.answers && origin.pid !== before.origin.pid;
    });
    expect((await stack.stream('news')).pid).toBe(before.streams[0]?.pid);
  });
});
