// `iptv doctor` from a Docker host: memory, restarts, a full volume, frozen jobs, closed doors, and an archive without secrets.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { expectRoots, finding, type Iptv } from '../helpers/doctor.ts';
import { eventually } from '../helpers/wait.ts';
import { createProject, docker, root, run, type Project } from './docker.ts';

const minuteMs = 60_000;
const canary = 'c4n4ryOfTheEnvFile';

describe('iptv doctor with Docker: memory, disk and doors', () => {
  let project: Project;
  let directory = '';
  let publishFrom = '';

  const iptv: Iptv = (...argv) =>
    run(process.execPath, [join(root, 'bin/iptv.js'), ...argv], {
      cwd: directory,
      env: {
        COMPOSE_PROJECT_NAME: project.name,
        IPTV_STATE_DIR: join(directory, 'state'),
        IPTV_RUNTIME: '',
        IPTV_CONFIG: '',
        IPTV_PUBLISH_FROM: publishFrom,
        NO_COLOR: '1',
      },
      timeoutMs: 15 * minuteMs,
    });
  const up = async (): Promise<void> => {
    const { code, stderr } = await iptv('up');
    if (code !== 0) throw new Error(stderr);
  };
  const playing = async (): Promise<void> => {
    await eventually(
      async () =>
        (JSON.parse((await iptv('status', '--json')).stdout || '{"streams":[]}') as { streams: { legs: Legs }[] }).streams[0]?.legs,
      (legs) => legs?.primary.state === 'fresh' && legs.backup.state === 'fresh',
      { timeoutMs: 2 * minuteMs, every: 500, what: 'both legs' },
    );
  };
  const restarts = async (service: string): Promise<number> =>
    Number(await docker('inspect', '--format', '{{.RestartCount}}', await project.container(service)));

  interface Legs {
    readonly primary: { readonly state: string };
    readonly backup: { readonly state: string };
  }

  beforeAll(async () => {
    project = await createProject('doctor-more');
    directory = await mkdtemp(join(tmpdir(), 'iptv-more-'));
    await writeFile(
      join(directory, 'streams.yaml'),
      `version: 1\nserver: { runtime: docker, segment: 1s, ports: { public: ${project.port} } }\nstreams:\n  - { id: news, source: "test:?size=160x90&fps=10" }\n`,
    );
    await writeFile(join(directory, '.env'), `NOBODY_ASKS_FOR_IT=${canary}\n`, { mode: 0o600 });
    // The volume that Compose will find there: small, and in memory.
    const labels = ['project', 'volume'].flatMap((label) => [
      '--label',
      `com.docker.compose.${label}=${label === 'project' ? project.name : 'hls_data'}`,
    ]);
    const options = ['type=tmpfs', 'device=tmpfs', 'o=size=24m,mode=777'].flatMap((option) => ['--opt', option]);
    await docker('volume', 'create', '--driver', 'local', ...options, ...labels, `${project.name}_hls_data`);
    await up();
    expect(await iptv('start', 'news', '--wait')).toMatchObject({ code: 0 });
  }, 15 * minuteMs);

  afterAll(async () => {
    await project.remove();
    await rm(directory, { recursive: true, force: true });
  }, 2 * minuteMs);

  it('e2e: a test stream goes the whole way and leaves nothing', { timeout: 10 * minuteMs }, async () => {
    const report = await expectRoots(iptv, [], 'e2e');
    expect(report.checks.find(({ id }) => id === 'e2e')?.status).toBe('pass');
    expect(await project.shell('backend', 'ls /tmp/hls')).not.toContain('iptv-doctor-');
  });

  it('disk: the volume is full; well again when there is room', { timeout: 10 * minuteMs }, async () => {
    await project.shell('backend', 'dd if=/dev/zero of=/tmp/hls/filler bs=64k 2>/dev/null || true');
    try {
      const report = await expectRoots(iptv, ['disk/disk-full']);
      expect(finding(report, 'disk/disk-full').evidence[0]).toContain('(tmpfs)');
    } finally {
      await project.shell('backend', 'rm -f /tmp/hls/filler');
    }
    await playing();
    await expectRoots(iptv, []);
  });

  it('streams: a frozen job', { timeout: 10 * minuteMs }, async () => {
    // The supervisor replaces it after some seconds, on a crowded machine before doctor has looked, so each new one freezes too.
    const each = (signal: string): string =>
      `for path in $(grep -lz '^IPTV_JOB=news$' /proc/[0-9]*/environ 2>/dev/null); do pid=\${path#/proc/}; kill -${signal} \${pid%/environ} || true; done`;
    const until = '/run/iptv/melt';
    const backend = await project.container('backend');
    await docker('exec', '-d', backend, 'sh', '-c', `while ! [ -e ${until} ]; do ${each('STOP')}; sleep 0.2; done; rm ${until}`);
    try {
      const report = await expectRoots(iptv, ['streams/job-stopped']);
      expect(finding(report, 'streams/job-stopped')).toMatchObject({ subject: 'news', next: 'iptv restart news' });
    } finally {
      await project.shell('backend', `touch ${until}; while [ -e ${until} ]; do sleep 0.2; done; ${each('CONT')}`);
    }
    await playing();
  });

  it('security: the jobs may not publish', { timeout: 10 * minuteMs }, async () => {
    publishFrom = '10.99.0.0/16';
    await up();
    const report = await expectRoots(iptv, ['security/publish-denied']);
    expect(finding(report, 'security/publish-denied').evidence.join(' ')).toContain('allow publish 10.99.0.0/16;');
    publishFrom = '';
    await up();
    await playing();
  });

  it('docker: a process was killed for lack of memory', { timeout: 10 * minuteMs }, async ({ skip }) => {
    const backend = await project.container('backend');
    const counters = ['memory.events', 'memory/memory.oom_control'].map((name) => `/sys/fs/cgroup/${name}`);
    const counts = await Promise.all(counters.map((path) => run('docker', ['exec', backend, 'grep', 'oom_kill ', path])));
    const limited = await run('docker', ['update', '--memory', '400m', '--memory-swap', '400m', backend]);
    if (counts.every(({ code }) => code !== 0) || limited.code !== 0) skip('this engine neither limits nor counts memory');
    // The greediest of the container is what the kernel takes.
    await run('docker', ['exec', backend, 'sh', '-c', 'head -c 900m /dev/zero | tail']);
    const report = await expectRoots(iptv, ['docker/out-of-memory']);
    expect(finding(report, 'docker/out-of-memory').evidence).toContain('memory limit: 400 MiB');
  });

  it('docker: a container ends again and again', { timeout: 10 * minuteMs }, async () => {
    // A fresh backend: its predecessor has been short of memory.
    await docker('rm', '-f', await project.container('backend'));
    await up();
    for (let count = (await restarts('nginx-rtmp')) + 1, last = count + 2; count <= last; count += 1) {
      // The container ends with it, and may take this very command along: what counts is the restart.
      await run('docker', ['exec', `${project.name}-nginx-rtmp-1`, 'sh', '-c', 'kill -KILL $(cat /run/iptv/nginx.pid)']);
      await eventually(
        () => restarts('nginx-rtmp'),
        (now) => now >= count,
        { timeoutMs: minuteMs, what: `restart ${count}` },
      );
      await eventually(
        () => run('docker', ['exec', `${project.name}-nginx-rtmp-1`, 'test', '-s', '/run/iptv/nginx.pid']),
        ({ code }) => code === 0,
        { timeoutMs: minuteMs, what: 'nginx' },
      );
    }
    const report = await expectRoots(iptv, ['docker/container-restarting']);
    expect(finding(report, 'docker/container-restarting').what).toContain('nginx-rtmp');
  });

  it('bundle: findings, logs and what Docker says, and no secret of the .env file', { timeout: 10 * minuteMs }, async () => {
    const archive = join(directory, 'support.tar.gz');
    expect(await iptv('doctor', 'bundle', '-o', archive)).toMatchObject({ code: 0 });
    expect(spawnSync('tar', ['-xzf', archive, '-C', directory]).status).toBe(0);
    const [folder = ''] = (await readdir(directory)).filter((name) => name.startsWith('iptv-doctor-'));
    const names = (await readdir(join(directory, folder), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const texts = new Map(
      await Promise.all(names.map(async (name) => [name.split(`${folder}/`)[1] ?? '', await readFile(name, 'utf8')] as const)),
    );
    for (const [name, text] of texts) expect([name, text.includes(canary)]).toEqual([name, false]);
    expect(texts.get('docker/inspect.json')).toContain('NOBODY_ASKS_FOR_IT=***');
    expect([...texts.keys()]).toEqual(
      expect.arrayContaining([
        'findings.json',
        'docker/backend.log',
        'docker/nginx-rtmp.log',
        'logs/news.log',
        'plans/news.json',
        'nginx/nginx-T.conf',
      ]),
    );
  });
});
