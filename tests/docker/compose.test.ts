// The docker runtime as its user sees it: `iptv` on the host, two containers, a viewer at the published port.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { StatusDocument } from '../../src/core/status.ts';
import { decode } from '../helpers/media.ts';
import { watchPlaylist } from '../helpers/playlist-watch.ts';
import { eventually } from '../helpers/wait.ts';
import { createProject, docker, root, run, type Permissions, type Project } from './docker.ts';
import { ask } from './http-behaviour.ts';
import { expectLadder, ladderEntry } from './ladder.ts';

const minuteMs = 60_000;

describe('iptv with Docker', () => {
  let project: Project;
  let directory = '';

  // A state folder of its own: a supervisor of this machine is none of the test's business.
  const env = (): Record<string, string> => ({
    COMPOSE_PROJECT_NAME: project.name,
    IPTV_STATE_DIR: join(directory, 'state'),
    IPTV_RUNTIME: '',
    IPTV_CONFIG: '',
    NO_COLOR: '1',
  });
  const iptv = (...argv: readonly string[]): ReturnType<typeof run> =>
    run(process.execPath, [join(root, 'bin/iptv.js'), ...argv], { cwd: directory, env: env(), timeoutMs: 15 * minuteMs });
  const url = (path: string): string => `http://localhost:${project.port}${path}`;
  /** A supervisor that was killed is back after a second. */
  const status = async (): Promise<StatusDocument> => {
    const { stdout } = await eventually(
      () => iptv('status', '--json'),
      ({ code }) => code === 0,
      { timeoutMs: minuteMs, every: 500, what: 'an answer' },
    );
    return JSON.parse(stdout) as StatusDocument;
  };
  const job = async (): Promise<number | null | undefined> => (await status()).streams.find(({ id }) => id === 'news')?.pid;

  /** A slate in the making is an ffmpeg for a moment, too. */
  const jobsAre = (count: string): Promise<string> =>
    eventually(
      async () => (await project.shell('backend', "grep -l '^/usr/bin/ffmpeg' /proc/[0-9]*/cmdline | wc -l")).trim(),
      (found) => found === count,
      { timeoutMs: minuteMs, every: 500, what: `${count} ffmpeg` },
    );

  async function list(permissions: Permissions, more = ''): Promise<void> {
    const server = `server: { runtime: docker, permissions: ${permissions}, segment: 1s, ports: { public: ${project.port} } }`;
    const source = 'test:?size=320x180&fps=25&tone=440';
    await writeFile(
      join(directory, 'streams.yaml'),
      `version: 1\n${server}\nstreams:\n  - id: news\n    name: News\n    source: ${source}\n${more}`,
    );
  }

  beforeAll(async () => {
    project = await createProject('stack');
    directory = await mkdtemp(join(tmpdir(), 'iptv-compose-'));
    // The hardened backend is a user of its own, and reads the list in here.
    await chmod(directory, 0o755);
    await list('compat');
  });

  afterAll(async () => {
    await project.remove();
    await rm(directory, { recursive: true, force: true });
  }, 2 * minuteMs);

  it('has a profile for monitoring that Compose understands', async () => {
    const words = ['compose', '-f', join(root, 'docker/docker-compose.yml'), '--profile', 'monitoring', 'config', '--services'];
    expect((await docker(...words)).trim().split('\n').toSorted()).toEqual([
      'alertmanager',
      'backend',
      'grafana',
      'nginx-rtmp',
      'prometheus',
    ]);
  });

  it('says that nothing runs', async () => {
    const { code, stdout, stderr } = await iptv('status');
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toBe('error: the container backend is not running\nnext: iptv up\n');
    expect(await iptv('down')).toMatchObject({ code: 0 });
  });

  it('names the holder of a taken port', async () => {
    const holder: Server = createServer();
    await new Promise<void>((resolve) => holder.listen(project.port, resolve));
    try {
      const { code, stderr } = await iptv('up');
      expect([code, stderr]).toEqual([
        69,
        expect.stringMatching(new RegExp(`error: port ${project.port} is taken by .*\\(pid ${process.pid}\\)`)),
      ]);
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
  });

  // The volumes, with orders and segments, are those of the round before.
  describe.each<Permissions>(['compat', 'hardened', 'compat'])('%s', (permissions) => {
    it('comes up', { timeout: 15 * minuteMs }, async () => {
      await list(permissions);
      const { code, stderr } = await iptv('up');
      expect([code, stderr]).toEqual([0, expect.stringContaining('the docker stack is up')]);
    });

    it('plays: both legs are fetched at the published port, and decode', { timeout: 10 * minuteMs }, async () => {
      const started = await iptv('start', 'news', '--wait', '--timeout', '60s');
      expect(started).toMatchObject({ code: 0, stdout: `news\tplayable\t${url('/live/news/index.m3u8')}\n` });
      for (const playlist of ['/hls/news.m3u8', '/hls/stream_news.m3u8', '/live/news/index.m3u8']) {
        const names = await eventually(
          async () => (await ask(url(playlist))).text.match(/^\S+\.ts$/gm) ?? [],
          (found) => found.length >= 3,
          {
            timeoutMs: minuteMs,
            what: `three segments in ${playlist}`,
          },
        );
        const copy = join(directory, 'segment.ts');
        await writeFile(copy, (await ask(url(`${dirname(playlist)}/${names.at(-1) ?? ''}`))).bytes);
        const decoded = await decode(copy);
        expect(decoded).toMatchObject({ errors: [] });
        expect([...decoded.codecs].sort()).toEqual(['aac', 'h264']);
        expect(Math.min(decoded.videoFrames, decoded.audioFrames)).toBeGreaterThan(5);
      }
    });

    it('tells its status', { timeout: 10 * minuteMs }, async () => {
      const found = await eventually(
        status,
        ({ streams }) => streams[0]?.legs.primary.state === 'fresh' && streams[0].legs.backup.state === 'fresh',
        {
          timeoutMs: minuteMs,
          every: 500,
        },
      );
      expect(found).toMatchObject({
        schemaVersion: 1,
        supervisor: { runtime: 'docker', configPath: '/etc/iptv/streams.yaml' },
        origin: { state: 'external', answers: true },
      });
      expect(found.streams[0]).toMatchObject({ id: 'news', order: 'run', state: 'running', url: url('/live/news/index.m3u8') });
      expect((await iptv('status', 'nobody')).code).toBe(4);
    });

    it('shows the logs of jobs, supervisor and nginx', async () => {
      expect((await iptv('logs', 'news', '-n', '500')).stdout).toContain('starting -> running');
      expect((await iptv('logs', 'backend', '-n', '500')).stdout).toMatch(/info supervisor \S+ pid \d+, runtime docker/);
      expect((await iptv('logs', 'nginx-rtmp', '-n', '500')).stdout).toMatch(/publish: name='news'/);
    });

    it('merges them in the order of time, with what nginx says about a stream', async () => {
      const { stdout } = await iptv('logs', 'news', '--json', '-n', '2000');
      const { lines } = JSON.parse(stdout) as { lines: readonly { time: string; name: string; text: string }[] };
      expect(new Set(lines.map(({ name }) => name))).toEqual(new Set(['news', 'nginx-rtmp']));
      expect(lines.map(({ time }) => time)).toEqual(lines.map(({ time }) => time).toSorted());
      expect(lines.filter(({ name }) => name === 'nginx-rtmp').every(({ text }) => /\*\d+ |news/.test(text))).toBe(true);
    });

    it('gives its figures at the published port, and counts who watches', { timeout: 10 * minuteMs }, async () => {
      const metrics = async (): Promise<string> => (await fetch(url('/metrics'))).text();
      await fetch(url('/live/news/index.m3u8'), { headers: { 'User-Agent': 'a player' } });
      const found = await eventually(metrics, (text) => /^iptv_channel_viewers\{stream="news",group=""\} [1-9]/m.test(text), {
        timeoutMs: minuteMs,
        every: 500,
      });
      expect(found).toContain('iptv_stream_ordered{stream="news",group=""} 1');
      expect(found).toMatch(/^iptv_rtmp_received_bytes_total\{stream="news",group=""\} \d+/m);
    });

    it('starts an idle channel for its first viewers, who wait for it', { timeout: 10 * minuteMs }, async () => {
      const late = '  - id: late\n    source: test:?size=320x180&fps=25&tone=440\n    start: ondemand\n    firstWait: 60s\n';
      await list(permissions, late);
      expect(await iptv('start', 'late', '--wait')).toMatchObject({ code: 0, stdout: `late\tidle\t${url('/live/late/index.m3u8')}\n` });
      expect((await fetch(url('/live/nobody/index.m3u8'))).status).toBe(404);
      const viewers = await Promise.all(
        Array.from({ length: 50 }, async () => {
          const answer = await fetch(url('/live/late/index.m3u8'));
          return { status: answer.status, cache: answer.headers.get('cache-control'), text: await answer.text() };
        }),
      );
      for (const viewer of viewers) {
        expect(viewer).toMatchObject({ status: 200, cache: 'no-cache', text: expect.stringMatching(/^\S*late\S*\.ts$/m) });
      }
      await jobsAre('2');
      expect(await iptv('stop', 'late', '--wait')).toMatchObject({ code: 0 });
      await list(permissions);
    });

    it.runIf(permissions === 'hardened')('plays a ladder: both legs of each rung', { timeout: 10 * minuteMs }, async () => {
      await list(permissions, ladderEntry);
      expect(await iptv('start', 'sizes', '--wait', '--timeout', '90s')).toMatchObject({ code: 0 });
      await expectLadder(url, directory);
      expect(await iptv('stop', 'sizes', '--wait')).toMatchObject({ code: 0 });
      await list(permissions);
    });

    it('keeps the job when the supervisor is killed', { timeout: 10 * minuteMs }, async () => {
      const before = await status();
      await project.shell('backend', 'kill -KILL $(cat /run/iptv/supervisor.pid)');
      const after = await eventually(status, ({ supervisor }) => supervisor.pid !== before.supervisor.pid, {
        timeoutMs: minuteMs,
        every: 500,
      });
      const [was, now] = [before, after].map(({ streams: [stream] }) => [stream?.pid, stream?.restarts]);
      expect(now).toEqual(was);
      await jobsAre('1');
    });

    it.runIf(permissions === 'hardened')(
      'goes on as the same channel playlist when both containers are made anew',
      { timeout: 10 * minuteMs },
      async () => {
        const watch = watchPlaylist(url('/live/news/index.m3u8'));
        try {
          await eventually(
            () => watch.report().newSegments,
            (count) => count >= 2,
            { timeoutMs: minuteMs, what: 'a viewer' },
          );
          const { lastSequence } = watch.report();
          await docker('rm', '-f', await project.container('backend'), await project.container('nginx-rtmp'));
          expect(await iptv('up', '--runtime', 'docker')).toMatchObject({ code: 0 });
          await eventually(
            () => watch.report().lastSequence,
            (last) => last > lastSequence + 1,
            { timeoutMs: minuteMs, what: 'later segments' },
          );
          // Numbers that went back, a segment that is another one now, a wrong discontinuity sequence.
          expect(watch.report().breaches).toEqual([]);
        } finally {
          await watch.close();
        }
      },
    );

    it('is not disturbed by an invalid list, and says what is wrong with it', { timeout: 10 * minuteMs }, async () => {
      const before = await job();
      await list(permissions, '    colour: red\n');
      const { code, stderr } = await iptv('restart', 'news');
      expect([code, stderr]).toEqual([78, expect.stringContaining('streams[0].colour')]);
      await list(permissions);
      expect(await job()).toBe(before);
    });
  });

  it(
    'goes on with the list of before when the supervisor starts with an invalid one; without that it waits',
    { timeout: 10 * minuteMs },
    async () => {
      const before = await status();
      await list('compat', '    colour: red\n');
      const container = await project.container('backend');
      await project.shell('backend', 'kill -KILL $(cat /run/iptv/supervisor.pid)');
      const after = await eventually(status, ({ supervisor }) => supervisor.pid !== before.supervisor.pid, {
        timeoutMs: minuteMs,
        every: 500,
      });
      expect([after.streams[0]?.pid, after.supervisor.listProblem]).toEqual([
        before.streams[0]?.pid,
        expect.stringContaining('the list that was in force before stands in'),
      ]);
      await project.shell('backend', 'rm /var/lib/iptv/jobs/.list.json && kill -KILL $(cat /run/iptv/supervisor.pid)');
      const said = async (): Promise<string> => (await run('docker', ['logs', '--tail', '20', container])).stdout;
      await eventually(said, (text) => text.includes('streams[0].colour') && text.includes('waiting: /etc/iptv/streams.yaml'), {
        timeoutMs: minuteMs,
        every: 500,
      });
      const check = await run('docker', ['exec', container, '/usr/local/lib/iptv/healthcheck.sh']);
      expect([check.code, check.stdout]).toEqual([1, expect.stringContaining('is invalid')]);
      await list('compat');
      await eventually(job, (pid) => pid === before.streams[0]?.pid, { timeoutMs: minuteMs, every: 500, what: 'the same job' });
    },
  );

  it.each<NodeJS.Signals>(['SIGINT', 'SIGKILL'])(
    'leaves nothing behind in the container when a follower of a log ends by %s',
    { timeout: 10 * minuteMs },
    async (signal) => {
      const follower = spawn(process.execPath, [join(root, 'bin/iptv.js'), 'logs', '-f', 'news'], {
        cwd: directory,
        env: { ...process.env, ...env() },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      await once(follower.stdout, 'data');
      // The shell that counts carries the word in the middle of an argument, not at the beginning of one.
      const followers = (): Promise<string> => project.shell('backend', "grep -lz '^logs' /proc/[0-9]*/cmdline | wc -l");
      expect(Number(await followers())).toBeGreaterThan(0);
      follower.kill(signal);
      await once(follower, 'exit');
      await eventually(followers, (text) => text.trim() === '0', { timeoutMs: minuteMs, every: 500 });
    },
  );

  it('follows nginx across a rotation of its log and a restart, and loses no line', { timeout: 10 * minuteMs }, async () => {
    const count = 45_000;
    const follower = spawn(process.execPath, [join(root, 'bin/iptv.js'), 'logs', '-f', '--json', '-n', '1'], {
      cwd: directory,
      env: { ...process.env, ...env() },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void follower.kill('SIGKILL'));
    const numbers: number[] = [];
    const others: string[] = [];
    let rest = '';
    follower.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { name, text: said } = JSON.parse(line) as { name: string; text: string };
        const number = /^number (\d+) x+$/.exec(said)?.[1];
        if (number === undefined) others.push(`${name} ${said}`);
        else numbers.push(Number(number));
      }
    });
    await once(follower.stdout, 'data');
    // With what Docker adds to each line these are more than the 10 MB after which it rotates.
    const script = `x=$(printf '%0200d' 0 | tr 0 x); i=0; while [ $i -lt ${count} ]; do echo "iptv: number $i $x"; i=$((i + 1)); done >/proc/1/fd/1`;
    await project.shell('nginx-rtmp', script);
    await eventually(
      () => numbers.length,
      (found) => found >= count,
      { timeoutMs: 2 * minuteMs, every: 500, what: 'the last line' },
    );
    others.length = 0;
    await docker('restart', '-t', '5', await project.container('nginx-rtmp'));
    await eventually(
      () => others.join('\n'),
      (text) => /^nginx-rtmp RTMP is open to:/m.test(text) && /publish: name='news'/.test(text),
      {
        timeoutMs: minuteMs,
        every: 500,
        what: 'the first words of nginx after its restart',
      },
    );
    expect(numbers).toEqual(Array.from({ length: count }, (_, number) => number));
    follower.kill('SIGINT');
    expect(await once(follower, 'exit')).toEqual([130, null]);
  });

  it('stops a stream, then everything; the order stays', { timeout: 10 * minuteMs }, async () => {
    expect(await iptv('stop', 'news', '--wait')).toMatchObject({ code: 0 });
    expect(await job()).toBeNull();
    expect((await iptv('is-healthy', 'news')).code).toBe(3);
    await iptv('start', 'news', '--no-wait');
    const begun = Date.now();
    expect(await iptv('down')).toMatchObject({ code: 0 });
    expect(Date.now() - begun).toBeLessThan(25_000);
    expect(await docker('ps', '-a', '-q', '--filter', `label=com.docker.compose.project=${project.name}`)).toBe('');
    expect((await iptv('up')).code).toBe(0);
    await eventually(status, ({ streams }) => streams[0]?.state === 'running', {
      timeoutMs: minuteMs,
      every: 500,
      what: 'the ordered stream',
    });
  });
});
