// `iptv doctor` from a Docker host, looking into both containers: the seed's steps, and each fault named alone.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { askDoctor, expectRoots, finding, rootsOf, type Iptv } from '../helpers/doctor.ts';
import { eventually } from '../helpers/wait.ts';
import { createProject, docker, root, run, type Project } from './docker.ts';

const minuteMs = 60_000;

interface Leg {
  readonly state: string;
  readonly mediaSequence?: number;
  readonly segments: number;
}

describe('iptv doctor with Docker', () => {
  let project: Project;
  let directory = '';

  const iptv: Iptv = (...argv) =>
    run(process.execPath, [join(root, 'bin/iptv.js'), ...argv], {
      cwd: directory,
      env: {
        COMPOSE_PROJECT_NAME: project.name,
        IPTV_STATE_DIR: join(directory, 'state'),
        IPTV_RUNTIME: '',
        IPTV_CONFIG: '',
        NO_COLOR: '1',
      },
      timeoutMs: 15 * minuteMs,
    });
  const list = (server = ''): Promise<void> =>
    writeFile(
      join(directory, 'streams.yaml'),
      `version: 1\nserver: { runtime: docker, segment: 1s, ports: { public: ${project.port} }${server} }\nstreams:\n  - { id: news, source: "test:?size=160x90&fps=10" }\n`,
    );
  const job = async (): Promise<number | null> => {
    const { stdout } = await iptv('status', 'news', '--json');
    return (JSON.parse(stdout) as { streams: { pid: number | null }[] }).streams[0]?.pid ?? null;
  };
  const origin = (): Promise<string> => project.container('nginx-rtmp');
  /** Both legs move: until then the supervisor may yet start the job anew, because of the one that does not. */
  const isWholeAgain = async (): Promise<void> => {
    const heads = async (): Promise<readonly string[]> => {
      const { stdout } = await iptv('status', 'news', '--json');
      const legs = (JSON.parse(stdout) as { streams: { legs: Record<string, Leg> }[] }).streams[0]?.legs ?? {};
      return Object.values(legs).map(({ state, mediaSequence, segments }) => `${state} ${mediaSequence} ${segments}`);
    };
    const before = await heads();
    const areNew = (now: readonly string[]): boolean => now.every((head, leg) => head.startsWith('fresh') && head !== before[leg]);
    await eventually(heads, areNew, { timeoutMs: 3 * minuteMs, every: 500, what: 'both legs move' });
  };

  beforeAll(async () => {
    project = await createProject('doctor');
    directory = await mkdtemp(join(tmpdir(), 'iptv-doctor-'));
    await list();
    expect(await iptv('up')).toMatchObject({ code: 0 });
    expect(await iptv('start', 'news', '--wait')).toMatchObject({ code: 0 });
  }, 15 * minuteMs);

  afterAll(async () => {
    await project.remove();
    await rm(directory, { recursive: true, force: true });
  }, 2 * minuteMs);

  it('finds nothing wrong, and has looked into both containers', { timeout: 10 * minuteMs }, async () => {
    const report = await expectRoots(iptv, []);
    expect([report.code, report.verdict]).toEqual([0, 'ok']);
    // The list of this stack asks for no edge.
    expect(report.checks.filter(({ status }) => status !== 'pass').map(({ id }) => id)).toEqual(['edge']);
  });

  it('says the same in the backend container, but for what is in the other one', async () => {
    const inside: Iptv = (...argv) => project.container('backend').then((id) => run('docker', ['exec', id, 'iptv', ...argv]));
    const report = await askDoctor(inside);
    expect([report.code, rootsOf(report)]).toEqual([0, []]);
    expect(report.checks.filter(({ status }) => status === 'pass').map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'supervisor',
        'nginx',
        'paths',
        'files',
        'stat',
        'endpoint',
        'mime',
        'm3u8',
        'cors',
        'volume',
        'permissions',
      ]),
    );
  });

  it('permissions: the folder belongs to somebody else and is closed, opened by --fix', { timeout: 10 * minuteMs }, async () => {
    await project.shell('nginx-rtmp', 'chown 12345:12345 /tmp/hls; chmod 755 /tmp/hls');
    const report = await expectRoots(iptv, ['permissions/folder-closed']);
    expect(finding(report, 'permissions/folder-closed').next).toBe(`docker compose -p ${project.name} exec backend chmod 777 /tmp/hls`);
    expect(rootsOf(await askDoctor(iptv, '--fix', '--yes'))).toEqual([]);
    await project.shell('nginx-rtmp', 'chown nobody:nogroup /tmp/hls');
    await isWholeAgain();
  });

  it('nginx: reloaded under its publisher; --fix restarts the container, and the job plays on', { timeout: 10 * minuteMs }, async () => {
    const before = await job();
    await project.shell('nginx-rtmp', 'kill -HUP $(cat /run/iptv/nginx.pid)');
    await expectRoots(iptv, ['nginx/nginx-reloaded']);
    expect(rootsOf(await askDoctor(iptv, '--fix', '--yes'))).toEqual([]);
    expect(await job()).toBe(before);
  });

  it('mime: a wrong type, mended by a restart of the container', { timeout: 10 * minuteMs }, async () => {
    // Without a publisher a reload is harmless, and brings the fault in.
    await iptv('stop', 'news', '--wait');
    const edit = "sed -i 's|application/vnd.apple.mpegurl m3u8|text/plain m3u8|' /run/iptv/nginx.conf";
    await project.shell('nginx-rtmp', `${edit} && kill -HUP $(cat /run/iptv/nginx.pid)`);
    const report = await expectRoots(iptv, ['mime/mime-wrong']);
    expect(finding(report, 'mime/mime-wrong').next).toBe(`docker compose -p ${project.name} exec nginx-rtmp nginx -T`);
    expect(rootsOf(await askDoctor(iptv, '--fix', '--yes'))).toEqual([]);
  });

  it('volume: something else is mounted where the volume should be', { timeout: 8 * minuteMs }, async () => {
    const id = await origin();
    const image = (await docker('inspect', '--format', '{{.Config.Image}}', id)).trim();
    await docker('rm', '-f', id);
    const labels = ['project', 'service'].flatMap((label) => [
      '--label',
      `com.docker.compose.${label}=${label === 'project' ? project.name : 'nginx-rtmp'}`,
    ]);
    const published = ['-p', `${project.port}:8000`, '--network', project.network, '--network-alias', 'nginx-rtmp'];
    await docker(
      'run',
      '-d',
      '--name',
      `${project.name}-nginx-rtmp-1`,
      ...labels,
      ...published,
      '--tmpfs',
      '/run',
      '-e',
      'IPTV_SEGMENT_SECONDS=1',
      image,
    );
    try {
      const report = await expectRoots(iptv, ['volume/volume-missing']);
      expect(finding(report, 'volume/volume-missing').what).toBe('nginx-rtmp has no volume at /tmp/hls');
      expect(finding(report, 'write/not-seen').rootCause).toBe('volume/volume-missing');
    } finally {
      await docker('rm', '-f', `${project.name}-nginx-rtmp-1`);
      expect(await iptv('up')).toMatchObject({ code: 0 });
      expect(await iptv('start', 'news', '--wait')).toMatchObject({ code: 0 });
    }
  });

  it('paths: an RTMP host that the backend does not know', { timeout: 10 * minuteMs }, async () => {
    await expectRoots(iptv, []);
    await list(', rtmpUrl: "rtmp://no-such-host:1935/live"');
    try {
      const report = await expectRoots(iptv, ['paths/rtmp-host-unknown']);
      expect(finding(report, 'paths/rtmp-host-unknown').next).toBe(
        `docker compose -p ${project.name} exec backend getent hosts no-such-host`,
      );
    } finally {
      await list();
    }
  });

  it('nginx: its rtmp module is gone', { timeout: 10 * minuteMs }, async () => {
    await project.shell('nginx-rtmp', 'mv /usr/lib/nginx/modules/ngx_rtmp_module.so /usr/lib/nginx/modules/away');
    try {
      await expectRoots(iptv, ['nginx/rtmp-module-missing']);
    } finally {
      await project.shell('nginx-rtmp', 'mv /usr/lib/nginx/modules/away /usr/lib/nginx/modules/ngx_rtmp_module.so');
    }
  });

  it('docker: the container of nginx is stopped', { timeout: 10 * minuteMs }, async () => {
    await docker('stop', '-t', '2', await origin());
    try {
      const report = await expectRoots(iptv, ['docker/container-stopped']);
      expect(report.code).toBe(1);
    } finally {
      await docker('start', await origin());
    }
    await expectRoots(iptv, []);
  });

  it('tells commands that work as they stand', async () => {
    // `docker compose -p` finds the project by its labels, without any file.
    const listed = await run('docker', ['compose', '-p', project.name, 'exec', '-T', 'nginx-rtmp', 'ls', '-la', '/tmp/hls']);
    expect([listed.code, listed.stdout]).toEqual([0, expect.stringContaining('news.m3u8')]);
  });
});
