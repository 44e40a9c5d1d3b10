// Setting up a simulated Debian machine: what is run, in which order, and what is left behind.

import { describe, expect, it } from 'vitest';

import type { FilesPort, Ports, ProcessPort, RunResult } from '../core/ports.ts';
import { installPrerequisites } from './setup.ts';
import { findTools } from './tools.ts';

const policy = '/usr/sbin/policy-rc.d';
const debian = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n';
const places: Readonly<Record<string, readonly string[]>> = {
  ffmpeg: ['/usr/bin/ffmpeg', '/usr/bin/ffprobe'],
  nginx: ['/usr/sbin/nginx'],
  'libnginx-mod-rtmp': ['/usr/lib/nginx/modules/ngx_rtmp_module.so'],
};

interface Machine {
  readonly ports: Ports;
  readonly files: Map<string, string>;
  /** Commands that were run, without their options. */
  readonly ran: string[];
  readonly said: string[];
  /** The policy's text while apt-get installed. */
  policyDuringInstall: string | undefined;
}

/** A machine with files and an apt-get that behaves like Debian's. */
function machine(given: {
  files?: Record<string, string>;
  lists?: 'none' | 'stale' | 'fresh';
  sudo?: 'none' | 'asks' | 'free';
  failure?: string;
}): Machine {
  const files = new Map(Object.entries({ '/etc/os-release': debian, ...given.files }));
  let lists = given.lists ?? 'fresh';
  const ran: string[] = [];
  const answer = (exitCode: number | undefined, stderr = '', missing = false): RunResult => ({
    exitCode,
    stdout: '',
    stderr,
    timedOut: false,
    missing,
  });

  function run(command: readonly string[], input: string | undefined): RunResult {
    if (command[0] === 'sudo') {
      if (given.sudo === 'free') return run(command.slice(2), input);
      return given.sudo === 'asks' ? answer(1, 'sudo: a password is required\n') : answer(undefined, '', true);
    }
    if (command[0] === 'env') return run(command.slice(3), input);
    if (command[0] === 'tee') files.set(command[1] ?? '', input ?? '');
    if (command[0] === 'rm') files.delete(command[2] ?? '');
    if (command[0] === 'apt-cache') return answer(lists === 'none' ? 100 : 0);
    return command[0] === 'apt-get' ? apt(command) : answer(0);
  }

  function apt(command: readonly string[]): RunResult {
    if (command[1] === 'update') {
      lists = 'fresh';
      return answer(0);
    }
    made.policyDuringInstall = files.get(policy);
    if (given.failure !== undefined) return answer(100, given.failure);
    if (lists === 'stale') return answer(100, 'E: Failed to fetch http://deb.example/ffmpeg.deb  404  Not Found\n');
    for (const name of command) for (const path of places[name] ?? []) files.set(path, 'binary');
    return answer(0);
  }

  const process = {
    pid: 4242,
    inspect: () => ({ pid: 4242, startTime: '777', state: 'S', parentPid: 1, groupId: 4242 }),
    async run(file: string, argv: readonly string[], options: { input?: string }) {
      const command = [file, ...argv];
      ran.push(command.filter((word, index) => !/^-|=/.test(word) && command[index - 1] !== '-o').join(' '));
      return run(command, options.input);
    },
  } as unknown as ProcessPort;
  const filesPort = {
    readText: async (path: string) => files.get(path),
    stat: async (path: string) =>
      files.has(path)
        ? { inode: 1, size: 1, mtimeMs: 0, mode: files.get(path) === 'data' ? 0o644 : 0o755, uid: 0, gid: 0, isDirectory: false }
        : undefined,
  } as unknown as FilesPort;
  const made: Machine = { ports: { process, files: filesPort } as Ports, files, ran, said: [], policyDuringInstall: undefined };
  return made;
}

const setUp = (one: Machine, more: { isRoot?: boolean; dryRun?: boolean } = {}): Promise<void> =>
  installPrerequisites({ ports: one.ports, isRoot: true, say: (line) => one.said.push(line), ...more });

const everything = Object.fromEntries(
  Object.values(places)
    .flat()
    .map((path) => [path, 'binary']),
);

describe('findTools', () => {
  it('looks at PATH first, then at the system folders, and wants programs to be executable', async () => {
    const { ports } = machine({
      files: {
        ...everything,
        '/opt/bin/ffmpeg': 'binary',
        '/opt/bin/ffprobe': 'data',
        '/usr/lib/nginx/modules/ngx_rtmp_module.so': 'data',
      },
    });
    expect(await findTools(ports, '/opt/bin:/usr/bin')).toEqual({
      ffmpeg: '/opt/bin/ffmpeg',
      ffprobe: '/usr/bin/ffprobe',
      nginx: '/usr/sbin/nginx',
      rtmpModule: '/usr/lib/nginx/modules/ngx_rtmp_module.so',
    });
  });

  it('never takes a program from the working folder', async () => {
    const { ports } = machine({ files: { './ffmpeg': 'binary', '/ffmpeg': 'binary' } });
    expect((await findTools(ports, ':.:bin')).ffmpeg).toBeUndefined();
  });
});

describe('installPrerequisites', () => {
  it('runs nothing and says nothing when all is there', async () => {
    const one = machine({ files: everything });
    await setUp(one);
    expect(one.ran).toEqual([]);
    expect(one.said).toEqual([]);
  });

  it('installs only what is missing, and leaves services alone when nginx is not touched', async () => {
    const one = machine({
      files: { '/usr/sbin/nginx': 'binary', '/usr/lib/nginx/modules/ngx_rtmp_module.so': 'binary', '/usr/bin/ffmpeg': 'binary' },
    });
    await setUp(one);
    expect(one.ran).toEqual(['apt-cache show ffmpeg', 'env apt-get install ffmpeg']);
    expect(one.said[0]).toBe('missing: ffprobe');
    expect(one.said.at(-1)).toBe('installed: ffmpeg');
  });

  it('updates the lists first on a bare machine, keeps the service off meanwhile and afterwards, and removes its policy', async () => {
    const one = machine({ lists: 'none' });
    await setUp(one);
    expect(one.ran).toEqual([
      `tee ${policy}`,
      `chmod 755 ${policy}`,
      'apt-cache show ffmpeg nginx libnginx-mod-rtmp',
      'env apt-get update',
      'env apt-get install ffmpeg nginx libnginx-mod-rtmp',
      'systemctl disable nginx.service',
      `rm ${policy}`,
    ]);
    expect(one.policyDuringInstall).toContain('exit 101');
    expect(one.policyDuringInstall).toContain('/proc/4242/stat');
    expect(one.files.has(policy)).toBe(false);
  });

  it('updates stale lists and tries again', async () => {
    const one = machine({ lists: 'stale' });
    await setUp(one);
    expect(one.ran.filter((line) => line.startsWith('env'))).toEqual([
      'env apt-get install ffmpeg nginx libnginx-mod-rtmp',
      'env apt-get update',
      'env apt-get install ffmpeg nginx libnginx-mod-rtmp',
    ]);
  });

  it("does not disable the user's own nginx when only the module is missing", async () => {
    const { '/usr/lib/nginx/modules/ngx_rtmp_module.so': _, ...rest } = everything;
    const one = machine({ files: rest });
    await setUp(one);
    expect(one.ran).not.toContain('systemctl disable nginx.service');
    expect(one.policyDuringInstall).toContain('exit 101');
  });

  it("leaves somebody else's policy in force, and takes over one that it left behind", async () => {
    const theirs = machine({ files: { [policy]: '#!/bin/sh\nexit 101\n' } });
    await setUp(theirs);
    expect(theirs.files.get(policy)).toBe('#!/bin/sh\nexit 101\n');
    expect(theirs.ran.some((line) => line.includes(policy))).toBe(false);
    const left = machine({ files: { [policy]: '#!/bin/sh\n# Made by iptv while it installs packages; removed afterwards.\nexit 0\n' } });
    await setUp(left);
    expect(left.files.has(policy)).toBe(false);
  });

  it.each([
    [
      'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend)',
      75,
      'package-lock-held',
      'run the same command again later',
    ],
    ["E: dpkg was interrupted, you must manually run 'dpkg --configure -a'", 69, 'setup-failed', 'dpkg --configure -a'],
    [
      "E: You don't have enough free space in /var/cache/apt/archives/.",
      69,
      'setup-failed',
      'apt-get install --no-install-recommends ffmpeg nginx libnginx-mod-rtmp',
    ],
  ])('removes its policy and explains when apt-get fails: %s', async (failure, exitCode, code, next) => {
    const one = machine({ failure: `${failure}\n` });
    await expect(setUp(one)).rejects.toMatchObject({ name: 'AppError', exitCode, code, next, evidence: [failure] });
    expect(one.policyDuringInstall).toBeDefined();
    expect(one.files.has(policy)).toBe(false);
  });

  it('uses sudo when it asks for nothing', async () => {
    const one = machine({ sudo: 'free', lists: 'none' });
    await setUp(one, { isRoot: false });
    expect(one.ran).toContain('sudo env apt-get install ffmpeg nginx libnginx-mod-rtmp');
    expect(one.ran).toContain(`sudo rm ${policy}`);
    expect(one.said.some((line) => line.startsWith('running: sudo -n apt-get update'))).toBe(true);
  });

  it.each([
    ['none', ['sudo is not installed'], 'apt-get install --no-install-recommends ffmpeg nginx libnginx-mod-rtmp'],
    ['asks', ['sudo: a password is required'], 'sudo apt-get install --no-install-recommends ffmpeg nginx libnginx-mod-rtmp'],
  ] as const)('stops without rights and names the command (sudo: %s)', async (sudo, evidence, next) => {
    const one = machine({ sudo });
    await expect(setUp(one, { isRoot: false })).rejects.toMatchObject({ exitCode: 77, code: 'no-rights', evidence, next });
    expect(one.ran).toEqual(['sudo true']);
  });

  it('names the packages of other systems and stops', async () => {
    const one = machine({ files: { '/etc/os-release': 'ID=fedora\nPRETTY_NAME="Fedora Linux 43"\n' } });
    await expect(setUp(one)).rejects.toMatchObject({
      exitCode: 69,
      code: 'system-unknown',
      message: expect.stringContaining('Fedora Linux 43'),
    });
    expect(one.ran).toEqual([]);
  });

  it.each(['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'ID=ubuntu\n', "ID='raspbian'\nID_LIKE='debian'\n"])(
    'knows the relatives of Debian: %j',
    async (text) => {
      const one = machine({ files: { '/etc/os-release': text } });
      await setUp(one);
      expect(one.said.at(-1)).toMatch(/^installed/);
    },
  );

  it('only talks in a dry run', async () => {
    const one = machine({ lists: 'none' });
    await setUp(one, { dryRun: true });
    expect(one.ran).toEqual(['apt-cache show ffmpeg nginx libnginx-mod-rtmp']);
    expect(one.said.filter((line) => line.startsWith('would'))).toHaveLength(4);
    expect(one.files.has('/usr/bin/ffmpeg')).toBe(false);
  });
});
