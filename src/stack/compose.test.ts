// The docker stack against a scripted `docker`: what it asks, in which order, and how each failure reads.

import { describe, expect, it } from 'vitest';

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { scene, type Scene, type Script } from '../../tests/docker/scripted-docker.ts';
import { dockerAnswers } from './compose.ts';

async function failureOf(action: Promise<unknown>): Promise<AppError> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AppError) return error;
  throw new Error(`no AppError but ${String(error)}`);
}

const up = (at: Scene): Promise<void> => at.stack.up((text) => void at.said.push(text));

describe('up', () => {
  it('builds, starts and looks at the health of both containers', async () => {
    const at = scene([]);
    await up(at);
    expect(at.asked.filter((line) => /^(?:build|up|inspect)/.test(line))).toEqual([
      'build',
      'up -d --remove-orphans --wait --wait-timeout 120',
      'inspect --format {{json .State}} c0ffee',
      'inspect --format {{json .State}} c0ffee',
    ]);
    expect(at.said).toEqual([
      'building the images (minutes the first time, seconds later)',
      'starting the containers and waiting until they are healthy',
    ]);
    expect(at.env[at.asked.indexOf('build')]).toMatchObject({
      IPTV_CONFIG_DIR: '/srv',
      IPTV_CONFIG_NAME: 'streams.yaml',
      IPTV_PUBLIC_PORT: '8088',
    });
  });

  it('does not mind when Compose fails for a helper, as long as both are healthy', async () => {
    await up(scene([['up', { exitCode: 1, stderr: 'container tv-volume-init-1 exited (0)' }]]));
  });

  it.each<[string, Script, ExitCode, string, string]>([
    [
      'no docker',
      [['version', { exitCode: undefined, missing: true }]],
      ExitCode.unavailable,
      'docker-missing',
      'Docker is not installed: there is no program docker',
    ],
    [
      'no engine',
      [['version', { exitCode: 1, stderr: 'Cannot connect to the Docker daemon' }]],
      ExitCode.unavailable,
      'docker-unavailable',
      'no Docker engine answers',
    ],
    [
      'no right to ask',
      [['version', { exitCode: 1, stderr: 'permission denied while trying to connect' }]],
      ExitCode.permission,
      'docker-forbidden',
      'you may not use the Docker engine of this machine',
    ],
    [
      'no Compose',
      [['compose version', { exitCode: 125, stderr: 'unknown command: compose' }]],
      ExitCode.unavailable,
      'compose-missing',
      'Docker has no Compose plugin',
    ],
    [
      'old Compose',
      [['compose version', '2.23.3']],
      ExitCode.unavailable,
      'compose-too-old',
      'Docker Compose 2.23.3 is too old: 2.24 or later is needed',
    ],
    [
      'a failed build',
      [['build', { exitCode: 17, stderr: 'E: Unable to locate package nginx\n' }]],
      ExitCode.unavailable,
      'build-failed',
      'the images could not be built',
    ],
    [
      'an endless build',
      [['build', { exitCode: undefined, timedOut: true }]],
      ExitCode.unavailable,
      'build-failed',
      'building the images took too long',
    ],
  ])('explains %s', async (_what, script, exitCode, code, message) => {
    const error = await failureOf(up(scene(script)));
    expect([error.exitCode, error.code, error.message]).toEqual([exitCode, code, message]);
    expect(error.next).toBeTruthy();
  });

  it('shows what an unhealthy container says, from its error on', async () => {
    const log = [
      'start worker process [notice] 1',
      'iptv: ready',
      'error: cannot write in /tmp/hls',
      '   df: full',
      'next: free space',
      '',
    ].join('\n');
    const unhealthy = '{"Status":"running","Health":{"Status":"unhealthy","Log":[{"Output":"old\\n"},{"Output":"cannot write\\n"}]}}';
    const error = await failureOf(
      up(
        scene([
          ['inspect', unhealthy],
          ['logs', log],
        ]),
      ),
    );
    expect([error.exitCode, error.message]).toEqual([ExitCode.unavailable, 'the container nginx-rtmp is unhealthy']);
    expect(error.evidence).toEqual(['health check: cannot write', 'error: cannot write in /tmp/hls', '   df: full', 'next: free space']);
    expect(error.next).toBe('docker logs c0ffee');
  });

  it('calls a container that is not healthy yet something to try again', async () => {
    const error = await failureOf(
      up(
        scene([
          ['inspect', '{"Status":"running","Health":{"Status":"starting","Log":null}}'],
          ['logs', 'iptv: hello\n'],
        ]),
      ),
    );
    expect([error.exitCode, error.message]).toEqual([ExitCode.tryAgain, 'the container nginx-rtmp is starting']);
  });

  it('refuses a list that the hardened backend could not read', async () => {
    const error = await failureOf(up(scene([], { permissions: 'hardened', mode: 0o640 })));
    expect([error.exitCode, error.code, error.evidence]).toEqual([
      ExitCode.permission,
      'config-unreadable',
      ['mode 640, uid 1000, gid 1000'],
    ]);
    await up(scene([], { permissions: 'compat', mode: 0o600 }));
  });

  describe('a taken port', () => {
    const holder = { port: 8088, pid: 77, command: 'apache2' };

    it('names the process', async () => {
      const error = await failureOf(up(scene([], { holder })));
      expect([error.exitCode, error.code, error.message]).toEqual([
        ExitCode.unavailable,
        'port-in-use',
        'port 8088 is taken by apache2 (pid 77)',
      ]);
      expect(error.next).toBe('set another server.ports.public in /srv/streams.yaml');
    });

    it('names the container behind the proxy', async () => {
      const error = await failureOf(
        up(scene([['ps --filter publish', 'shop/web shop-web-1\n']], { holder: { port: 8088, pid: 5, command: 'docker-proxy' } })),
      );
      expect(error.message).toBe('port 8088 is taken by the container shop-web-1');
    });

    it('is no matter when it is our own', async () => {
      await up(scene([['ps --filter publish', 'iptv/nginx-rtmp iptv-nginx-rtmp-1\n']], { holder }));
    });

    it('is found by Docker where /proc does not show it', async () => {
      const stderr =
        'Error response from daemon: driver failed programming external connectivity: Bind for 0.0.0.0:8088 failed: port is already allocated';
      const error = await failureOf(
        up(
          scene([
            ['up', { exitCode: 1, stderr }],
            ['inspect', '{"Status":"created"}'],
          ]),
        ),
      );
      expect([error.code, error.evidence]).toEqual(['port-in-use', [stderr]]);
    });
  });
});

describe('carry', () => {
  it('runs the words in the backend, with what they need to know about the terminal', async () => {
    const at = scene([], { env: { NO_COLOR: '1', SECRET: 'x' }, code: 4 });
    expect(await at.stack.carry?.(['status', '--json'])).toBe(4);
    expect(at.asked).toEqual(['ps -q --filter label=com.docker.compose.project=iptv --filter label=com.docker.compose.service=backend']);
    expect(at.inherited).toEqual([
      {
        words: [
          'exec',
          '-i',
          '-e',
          'NO_COLOR=1',
          '-e',
          'IPTV_TERMINAL=out:120',
          'c0ffee',
          '/usr/local/lib/iptv/carried.sh',
          'status',
          '--json',
        ],
        stdin: 'held',
      },
    ]);
  });

  it('says that the stack is not up', async () => {
    const error = await failureOf(Promise.resolve(scene([['ps -q', '']]).stack.carry?.(['status'])));
    expect([error.exitCode, error.next]).toEqual([ExitCode.notRunning, 'iptv up']);
  });
});

describe('serviceLog', () => {
  it('asks for the log of a container, also of one that has ended', async () => {
    const at = scene([['ps -q --filter', '']]);
    await at.stack.serviceLog?.('nginx-rtmp', { follow: true, tail: 50, since: '2026-11-22T13:00:00.000Z' });
    expect(at.asked).toEqual([expect.not.stringContaining(' -a '), expect.stringContaining('ps -q -a ')]);
    expect(at.inherited).toEqual([
      { words: ['logs', '--timestamps', '--tail', '50', '--since', '2026-11-22T13:00:00.000Z', '-f', 'c0ffee'], stdin: 'ignore' },
    ]);
  });

  it('has nothing to say about a container that is not there', async () => {
    expect(await scene([['ps -q', '']]).stack.serviceLog?.('nginx-rtmp', { follow: false })).toBeUndefined();
  });
});

describe('down', () => {
  it('leaves the volumes', async () => {
    const at = scene([]);
    expect(await at.stack.down(() => undefined)).toBe(true);
    expect(at.asked.at(-1)).toBe('down --remove-orphans');
  });

  it('has nothing to do when there is no container', async () => {
    expect(await scene([['ps -q', '']]).stack.down(() => undefined)).toBe(false);
  });
});

describe('dockerAnswers', () => {
  it.each<[string, Script, boolean]>([
    ['both answer', [], true],
    ['no engine', [['version', { exitCode: 1 }]], false],
    ['no Compose', [['compose version', { exitCode: 1 }]], false],
  ])('%s', async (_what, script, answer) => {
    expect(await dockerAnswers(scene(script).ports)).toBe(answer);
  });
});
