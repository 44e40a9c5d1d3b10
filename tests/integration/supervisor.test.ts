// The supervisor with real processes: an ffmpeg that misbehaves on demand, a real nginx, real signals.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { createStack, eventually, isRunning, kill, onlySupervisors, type TestStack } from '../helpers/stack.ts';

let stack: TestStack;

afterEach(async () => {
  await stack.close();
});

const stream = (id: string, behaviour: string, stallAfter = '4s'): string =>
  `  - id: ${id}\n    source: http://fake.invalid/${behaviour}\n    restart: {minDelay: 200ms, maxDelay: 1s, stallAfter: ${stallAfter}}`;

/** Keeps its job: the fake does not publish, and one whose primary leg stays dead is started again in time. */
const lasting = (id: string): string => stream(id, 'play', '10m');

async function started(streams: string, ...ids: string[]): Promise<TestStack> {
  stack = await createStack({ streams, fakeFfmpeg: true });
  const ran = await stack.iptv('start', ...ids, '--no-wait');
  expect(ran.stderr + ran.stdout).not.toContain('error:');
  expect(ran.code).toBe(0);
  return stack;
}

const isPlaying = (id: string) => async (): Promise<boolean> => (await stack.stream(id)).state === 'running';

describe('a supervisor that may die', () => {
  it('is killed, jobs go on, and the next one adopts them: same pid, no double', async () => {
    await started(`${lasting('news')}\n${lasting('sport')}`, 'news', 'sport');
    await eventually('both run', async () => (await stack.status()).streams.every((each) => each.state === 'running'));
    const before = await stack.status();
    await stack.loseSupervisor();
    expect(stack.jobs('news')).toHaveLength(1);
    expect((await stack.iptv('status')).code).toBe(3);

    expect((await stack.iptv('up')).code).toBe(0);
    const after = await stack.status();
    expect(after.supervisor.pid).not.toBe(before.supervisor.pid);
    expect(after.streams.map((each) => each.pid)).toEqual(before.streams.map((each) => each.pid));
    expect(after.origin.pid).toBe(before.origin.pid);
    await eventually('both are seen to run', async () => (await stack.status()).streams.every((each) => each.state === 'running'));
    expect(stack.jobs()).toHaveLength(2);
  });

  it('finds a job whose record is lost, by its marks', async () => {
    await started(lasting('news'), 'news');
    await eventually('it runs', isPlaying('news'));
    const { streams } = await stack.status();
    await stack.loseSupervisor();
    writeFileSync(join(stack.state, 'jobs/news.json'), '{"pid": 1');
    await stack.iptv('up');
    await eventually('it is adopted', async () => (await stack.stream('news')).pid === streams[0]?.pid);
    expect(stack.jobs('news')).toHaveLength(1);
  });

  it('does not take a reused pid for its job: a forged record is not believed', async () => {
    await started(lasting('news'), 'news');
    await eventually('it runs', isPlaying('news'));
    const [job] = stack.jobs('news');
    if (job === undefined) throw new Error('no job');
    await stack.loseSupervisor();
    kill(job);
    await eventually('the job is gone too', () => !isRunning(job));
    const bystander = process.pid;
    writeFileSync(join(stack.state, 'jobs/news.json'), JSON.stringify({ pid: bystander, startTime: '1', startedAtMs: 1, planHash: 'x' }));
    await stack.iptv('up');
    await eventually('a new job runs', isPlaying('news'));
    expect((await stack.stream('news')).pid).not.toBe(bystander);
    expect(isRunning(bystander)).toBe(true);
  });

  it('has one supervisor however many are started at once', async () => {
    stack = await createStack({ streams: lasting('news'), fakeFfmpeg: true });
    const ran = await Promise.all(Array.from({ length: 5 }, () => stack.iptv('up')));
    expect(ran.map((each) => each.code)).toEqual([0, 0, 0, 0, 0]);
    await eventually('one is left', () => onlySupervisors(stack.state).length === 1);
    expect((await stack.status()).supervisor.pid).toBe(onlySupervisors(stack.state)[0]);
  });

  it('takes the place of a dead socket', async () => {
    await started(lasting('news'), 'news');
    await stack.loseSupervisor();
    expect(existsSync(join(stack.state, 'control.sock'))).toBe(true);
    expect((await stack.iptv('up')).code).toBe(0);
    await eventually('it runs', isPlaying('news'));
  });

  it('starts again what was ordered after everything was lost, and leaves what was stopped', async () => {
    await started(`${lasting('news')}\n${lasting('sport')}`, 'news', 'sport');
    expect((await stack.iptv('stop', 'sport')).code).toBe(0);
    await stack.loseSupervisor();
    for (const job of stack.jobs()) kill(job);
    await eventually('all are gone', () => stack.jobs().length === 0);
    await stack.iptv('up');
    await eventually('news runs', isPlaying('news'));
    expect((await stack.stream('sport')).state).toBe('stopped');
  });
});

describe('jobs that misbehave', () => {
  it('stops one that ignores signals, with nothing left behind', async () => {
    await started(stream('news', 'ignore-term'), 'news');
    await eventually('it runs', isPlaying('news'));
    const [job] = stack.jobs('news');
    expect((await stack.iptv('stop', 'news')).code).toBe(0);
    expect(job === undefined || isRunning(job)).toBe(false);
    await eventually('its last words are in the log', () => stack.log('news').includes('ignoring SIGTERM'));
    expect((await stack.stream('news')).state).toBe('stopped');
  });

  it('takes grandchildren along', async () => {
    await started(stream('news', 'grandchild'), 'news');
    await eventually('it runs with its child', () => stack.jobs('news').length === 2);
    await stack.iptv('stop', 'news');
    await eventually('both are gone', () => stack.jobs('news').length === 0);
  });

  it('restarts one that lives but stands still', async () => {
    await started(stream('news', 'stall/3'), 'news');
    await eventually('it is restarted', async () => (await stack.stream('news')).restarts >= 1);
    expect((await stack.stream('news')).lastFailure).toMatchObject({ cause: 'stalled' });
  });

  it('restarts one that was stopped by SIGSTOP', async () => {
    await started(stream('news', 'play'), 'news');
    await eventually('it runs', isPlaying('news'));
    const [job] = stack.jobs('news');
    if (job === undefined) throw new Error('no job');
    kill(job, 'SIGSTOP');
    await eventually('it is replaced', async () => {
      const { pid, state } = await stack.stream('news');
      return state === 'running' && pid !== null && pid !== job;
    });
    expect(isRunning(job)).toBe(false);
  });

  it('counts a clean end of a live source as a failure', async () => {
    await started(stream('news', 'end/2'), 'news');
    await eventually('it is restarted', async () => (await stack.stream('news')).restarts >= 2);
  });

  it('backs off from a source that refuses, and says why', async () => {
    await started(stream('news', 'exit/1'), 'news');
    const seen = await eventually('it backs off', async () => {
      const status = await stack.stream('news');
      // Its next start may be due before the look at the processes.
      return status.state === 'backing-off' && stack.jobs('news').length === 0 && status;
    });
    expect(seen.lastFailure).toMatchObject({ cause: 'auth' });
    expect(seen.lastFailure?.evidence.join('\n')).toContain('403 Forbidden');
  });

  it('is not drowned by a flood: the log stays small and the supervisor answers', async () => {
    await started(stream('news', 'flood'), 'news');
    await eventually('it runs', isPlaying('news'));
    await eventually('the flood was cut', () => /suppressed|skipped/.test(stack.log('news')));
    expect(stack.log('news').length).toBeLessThan(12 * 1024 * 1024);
    expect((await stack.status()).supervisor.memoryBytes).toBeLessThan(250 * 1024 * 1024);
  });

  it('continues the backup leg where the last job left it', async () => {
    await started(stream('news', 'play'), 'news');
    const first = await eventually('three segments', async () => {
      const { backup } = (await stack.stream('news')).legs;
      return backup.segments >= 3 && backup;
    });
    const [job] = stack.jobs('news');
    if (job === undefined) throw new Error('no job');
    kill(job);
    const later = await eventually('it goes on', async () => {
      const status = await stack.stream('news');
      return status.restarts >= 1 && status.state === 'running' && status.legs.backup;
    });
    expect(later.mediaSequence).toBeGreaterThanOrEqual(first.mediaSequence ?? Infinity);
    expect(readFileSync(join(stack.hls, 'stream_news.m3u8'), 'utf8')).not.toContain('ENDLIST');
  });
});

describe('bad input while channels run', () => {
  it('keeps everything running when streams.yaml becomes invalid, and says where', async () => {
    await started(lasting('news'), 'news');
    await eventually('it runs', isPlaying('news'));
    const { pid } = await stack.stream('news');
    stack.list(`${lasting('news')}\n  - id: "Bad Id"\n    source: http://fake.invalid/play`);
    const ran = await stack.iptv('start', 'news');
    expect(ran.code).toBe(78);
    expect(ran.stderr).toMatch(/streams\.yaml:\d+:\d+/);
    expect((await stack.stream('news')).pid).toBe(pid);
    expect((await stack.iptv('stop', 'news')).code).toBe(0);
  });

  it('offers the nearest id for one it does not know', async () => {
    await started(stream('news', 'play'), 'news');
    const ran = await stack.iptv('start', 'nwes');
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('did you mean "news"');
  });

  it('takes a new stream from the list without touching the others', async () => {
    await started(lasting('news'), 'news');
    await eventually('it runs', isPlaying('news'));
    const { pid } = await stack.stream('news');
    stack.list(`${lasting('news')}\n${lasting('film')}`);
    expect((await stack.iptv('start', 'film', '--no-wait')).code).toBe(0);
    await eventually('the new one runs', isPlaying('film'));
    expect((await stack.stream('news')).pid).toBe(pid);
  });
});
