// The nginx-rtmp image in both permission modes, one after the other on the same volumes: what it serves, who may
// publish, that it fails loudly, and that it heals when it hangs.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../helpers/wait.ts';
import { createProject, docker, root, run, type Permissions, type Project } from './docker.ts';
import { ask, describeHttp } from './http-behaviour.ts';

/** Has ffmpeg; built once from the cache of the backend's own tests. */
const publisherImage = `iptv-test-publisher-${process.pid}`;
const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-f', 'lavfi', '-i', 'sine'];
const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-c:a', 'aac', '-f', 'flv'];
const ffmpeg = ['ffmpeg', '-hide_banner', '-nostdin', '-v', 'error', '-re', ...picture, ...encoder];
const minuteMs = 60_000;

/** Owner, group and mode of the HLS folder, and who the worker is. */
const expected: Readonly<Record<Permissions, { readonly folder: string; readonly worker: string }>> = {
  compat: { folder: 'nobody:nogroup 777', worker: '65534' },
  hardened: { folder: 'iptv-nginx:iptv 2775', worker: '10101' },
};

/** Finds processes by their title; the shell that looks has another one. */
const eachWorker = (command: string): string =>
  `for path in /proc/[0-9]*; do if grep -q '^nginx: worker' $path/cmdline 2>/dev/null; then pid=\${path#/proc/}; ${command}; fi; done`;

describe('the nginx-rtmp container', () => {
  let project: Project;
  let published = 0;
  const url = (path: string): string => `http://127.0.0.1:${project.port}${path}`;
  const log = async (): Promise<string> => {
    const { stdout, stderr } = await run('docker', ['logs', await project.container('nginx-rtmp')]);
    return stdout + stderr;
  };
  const publish = (seconds: number, name: string, ...where: readonly string[]): ReturnType<typeof run> =>
    run('docker', [
      'run',
      '--rm',
      '--network',
      project.network,
      publisherImage,
      ...ffmpeg.slice(0, -2),
      '-t',
      String(seconds),
      '-f',
      'flv',
      `rtmp://nginx-rtmp:1935/live/${name}`,
      ...where,
    ]);

  beforeAll(async () => {
    project = await createProject('nginx');
    await docker('build', '-q', '-t', publisherImage, '-f', join(root, 'docker/backend/Dockerfile'), root);
  }, 15 * minuteMs);

  afterAll(async () => {
    await project.remove();
    await run('docker', ['rmi', '-f', publisherImage]);
  });

  // The third round proves the way back.
  describe.each<Permissions>(['compat', 'hardened', 'compat'])('%s', (permissions) => {
    beforeAll(async () => {
      await project.compose(permissions, 'up', '-d', '--build', '--wait', 'nginx-rtmp');
    }, 15 * minuteMs);

    it('proves its folder with a test file', async () => {
      expect((await ask(url('/hls/test-nginx.txt'))).text).toMatch(/^written by nginx-rtmp at its start, \d{4}-/);
      expect(await project.shell('nginx-rtmp', "stat -c '%U:%G %a' /tmp/hls")).toBe(`${expected[permissions].folder}\n`);
      expect(await project.shell('nginx-rtmp', eachWorker("awk '/^Uid:/{print $2}' $path/status"))).toBe(
        `${expected[permissions].worker}\n`,
      );
    });

    it.runIf(permissions === 'hardened')('has no rights to lose', async () => {
      const status = await project.shell('nginx-rtmp', 'cat /proc/1/status');
      for (const line of ['CapEff:\t0000000000000000', 'CapBnd:\t0000000000000000', 'NoNewPrivs:\t1', 'Uid:\t10101\t10101\t10101\t10101'])
        expect(status).toContain(line);
      const { code, stderr } = await run('docker', ['exec', await project.container('nginx-rtmp'), 'touch', '/usr/local/x']);
      expect([code, stderr]).toEqual([1, expect.stringContaining('Read-only file system')]);
    });

    it('takes a publisher from its own network and writes what decodes', { timeout: 10 * minuteMs }, async () => {
      // A name of its own: the volume still has the files of the round before.
      const name = `pub${++published}`;
      const publishing = publish(10, name);
      // Both before the probes: a crowded machine may need longer for them than the publisher stays.
      await eventually(
        async () => (await ask(url('/stat'))).text,
        (text) => new RegExp(`<name>${name}</name>[^]*<publishing/>`).test(text),
        { timeoutMs: minuteMs, what: 'a publisher' },
      );
      const listed = await eventually(
        async () => (await ask(url(`/hls/${name}.m3u8`))).text.match(/^pub\d+-\d+\.ts$/gm) ?? [],
        (names) => names.length >= 3,
        { timeoutMs: minuteMs, what: 'three segments' },
      );
      for (const spelling of [listed[1] ?? '', (listed[1] ?? '').replace('-', '_')]) {
        const probe = [
          'ffprobe',
          '-v',
          'error',
          '-count_frames',
          '-show_entries',
          'stream=codec_name',
          '-of',
          'csv=p=0',
          `http://nginx-rtmp:8000/hls/${spelling}`,
        ];
        const { code, stdout, stderr } = await run('docker', ['run', '--rm', '--network', project.network, publisherImage, ...probe]);
        expect([code, stderr]).toEqual([0, '']);
        // A transport stream names its streams twice: in the program, and by themselves.
        expect([...new Set(stdout.trim().split(/\s+/))].sort()).toEqual(['aac', 'h264']);
      }
      expect((await publishing).code).toBe(0);
    });

    it('refuses a publisher from the host, and publishes no RTMP port', { timeout: 10 * minuteMs }, async () => {
      const container = await project.container('nginx-rtmp');
      expect(await docker('port', container)).not.toContain('1935');
      const address = (await docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', container)).trim();
      const { code } = await run('docker', [
        'run',
        '--rm',
        '--network',
        'host',
        publisherImage,
        ...ffmpeg.slice(0, -2),
        '-t',
        '3',
        '-f',
        'flv',
        `rtmp://${address}:1935/live/stranger`,
      ]);
      expect(code).not.toBe(0);
      expect(await log()).toContain('access forbidden by rule');
      expect((await ask(url('/hls/stranger.m3u8'))).status).toBe(404);
      expect((await ask(url('/control/drop/publisher?app=live&name=pub'))).status).toBe(403);
    });

    it('shows its configuration to nginx -T', async () => {
      expect(await project.shell('nginx-rtmp', 'nginx -T 2>/dev/null')).toContain('hls_path "/tmp/hls";');
    });
  });

  describe('over HTTP', () => {
    describeHttp(() => ({
      url: url(''),
      put: async (name, text) =>
        void (await project.shell('nginx-rtmp', `mkdir -p "$(dirname '/tmp/hls/${name}')" && cat >'/tmp/hls/${name}'`, text)),
      link: async (name, target) => void (await project.shell('nginx-rtmp', `ln -sf '${target}' '/tmp/hls/${name}'`)),
    }));
  });

  it('ends quickly although somebody publishes', { timeout: 10 * minuteMs }, async () => {
    const publishing = publish(30, 'long');
    await eventually(
      async () => (await ask(url('/stat'))).text,
      (text) => text.includes('<name>long</name>'),
      { timeoutMs: minuteMs },
    );
    const begun = Date.now();
    // Docker kills after a minute what has not ended by itself.
    await project.compose('compat', 'stop', '-t', '60', 'nginx-rtmp');
    expect(Date.now() - begun).toBeLessThan(40_000);
    await publishing;
  });

  it.each<Permissions>(['compat', 'hardened'])(
    'is started anew when its worker hangs (%s)',
    { timeout: 10 * minuteMs },
    async (permissions) => {
      await project.compose(permissions, 'up', '-d', '--wait', 'nginx-rtmp');
      const container = await project.container('nginx-rtmp');
      const look = async (): Promise<{ readonly restarts: number; readonly health: string | undefined }> => {
        const [restarts, health] = (await docker('inspect', '-f', '{{.RestartCount}} {{.State.Health.Status}}', container))
          .trim()
          .split(' ');
        return { restarts: Number(restarts), health };
      };
      const before = await look();
      await project.shell('nginx-rtmp', eachWorker('kill -STOP $pid'));
      const isNew = ({ restarts, health }: Awaited<ReturnType<typeof look>>): boolean => restarts > before.restarts && health === 'healthy';
      await eventually(look, isNew, { timeoutMs: 4 * minuteMs, every: 1000, what: 'the new nginx' });
      expect((await ask(url('/healthz'))).text).toBe('ok\n');
      expect(await log()).toContain('nginx does not answer three checks in a row; killing it');
    },
  );
});

describe('a start that cannot work', () => {
  const image = `iptv-test-start-${process.pid}`;
  const start = (...argv: readonly string[]): ReturnType<typeof run> => run('docker', ['run', '--rm', ...argv, image]);

  beforeAll(async () => {
    await docker('build', '-q', '-t', image, '-f', join(root, 'docker/nginx/Dockerfile'), join(root, 'docker'));
  }, 15 * minuteMs);

  afterAll(async () => {
    await run('docker', ['rmi', '-f', image]);
  });

  it.each([
    [
      'a read-only folder',
      ['--read-only', '--tmpfs', '/run'],
      'error: cannot open the HLS directory /tmp/hls to everybody',
      'Read-only file system',
    ],
    [
      'a folder of somebody else',
      [
        '--user',
        '10101:10100',
        '--tmpfs',
        '/run:uid=10101',
        '--mount',
        'type=volume,dst=/tmp/hls,volume-nocopy',
        '-e',
        'IPTV_PERMISSIONS=hardened',
      ],
      'error: cannot write in the HLS directory /tmp/hls',
      'Permission denied',
    ],
    [
      'a full disk',
      ['--tmpfs', '/tmp/hls:size=4k,nr_inodes=1'],
      'error: cannot write in the HLS directory /tmp/hls',
      'No space left on device',
    ],
    ['a folder of another name', ['-e', 'IPTV_HLS_DIR=/srv/tv'], 'error: the HLS directory /srv/tv does not end in /hls', ''],
    ['a quote in the folder', ['-e', 'IPTV_HLS_DIR=/srv/"; x/hls'], 'error: the HLS directory is "/srv/"; x/hls"', ''],
    ['a segment time that is none', ['-e', 'IPTV_SEGMENT_SECONDS=2s'], 'error: IPTV_SEGMENT_SECONDS is "2s", which is no number', ''],
    ['a port that is none', ['-e', 'IPTV_HTTP_PORT=80;'], 'error: IPTV_HTTP_PORT is "80;", which is no whole number', ''],
  ])('says what is wrong with %s, and what to do', async (_what, argv, what, evidence) => {
    const { code, stdout } = await start(...argv);
    expect(code).toBe(1);
    expect(stdout).toContain(what);
    expect(stdout).toContain(evidence);
    expect(stdout).toMatch(/^iptv: next: \S/m);
  });

  it('is unhealthy when the disk is full later on', async () => {
    const container = (await docker('run', '-d', '--init', '--tmpfs', '/tmp/hls:size=64k,mode=1777', image)).trim();
    try {
      const check = (): ReturnType<typeof run> => run('docker', ['exec', container, '/usr/local/lib/iptv/healthcheck.sh']);
      await eventually(check, ({ code }) => code === 0, { what: 'health' });
      await run('docker', ['exec', container, 'dd', 'if=/dev/zero', 'of=/tmp/hls/big.ts']);
      const { code, stdout } = await check();
      expect([code, stdout]).toEqual([1, expect.stringContaining('cannot write in /tmp/hls')]);
      await docker('exec', container, 'rm', '/tmp/hls/big.ts');
      expect((await check()).code).toBe(0);
    } finally {
      await docker('rm', '-f', container);
    }
  });
});

describe('the container for networks with other routes', () => {
  const script = readFileSync(join(root, 'docker/nginx/networks.sh'), 'utf8');
  const header = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n';
  const rulesOf = async (routes: string): Promise<string> => {
    const { stdout } = await run(
      'sh',
      ['-ec', `cat >"$0"; ${script}\naccess_rules publish "$(publisher_networks "$0")"; rm "$0"`, `/tmp/iptv-routes-${process.pid}`],
      { input: header + routes },
    );
    return stdout;
  };

  it.each([
    [
      'a bridge',
      'eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n',
      'deny publish 172.17.0.1; allow publish 172.17.0.0/16; ',
    ],
    ['an internal network', 'eth0\t0040A8C0\t00000000\t0001\t0\t0\t0\t00E0FFFF\t0\t0\t0\n', 'allow publish 192.168.64.0/19; '],
    [
      'two networks',
      'eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\neth1\t000114AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n',
      'deny publish 10.0.0.1; allow publish 10.0.0.0/24; allow publish 172.20.1.0/24; ',
    ],
    ['no network', '', ''],
  ])('reads the routing table of %s', async (_what, routes, rules) => {
    expect(await rulesOf(routes)).toBe(`allow publish 127.0.0.1; ${rules}deny publish all;`);
  });
});
