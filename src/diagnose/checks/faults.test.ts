// Faults that need a container, another user or another version: what the engine, the kernel and programs say then, through
// the whole check. Those that a test can make for real are under tests/integration and tests/docker.

import { describe, expect, it } from 'vitest';

import { resolveEndpoints } from '../../core/endpoints.ts';
import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import type { RunResult } from '../../core/ports.ts';
import { sourceOf, streamOf } from '../../../tests/helpers/streams.ts';
import type { DoctorContext, SupervisorAnswer } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import { doctorChecks } from '../doctor-checks.ts';
import { parseInspect } from '../facts/containers.ts';
import { shellWords, type Argv, type Place } from '../place.ts';
import { parseNginxDump } from '../../observe/nginx-directives.ts';

const server = {
  hlsDirectory: '/tmp/hls',
  publicUrl: 'http://localhost:8088',
  permissions: 'compat',
  ports: { rtmp: 1935, http: 8000, publicHttp: 8088 },
  segmentSeconds: 2,
  windowSegments: 10,
} as const;

function result(more: Partial<RunResult> = {}): RunResult {
  return { exitCode: 0, stdout: '', stderr: '', timedOut: false, missing: false, ...more };
}

type Answer = Partial<RunResult> | string | undefined;

/** `says` gets the command line; what it does not know succeeds and prints nothing. */
function placeOf(name: string, says: (line: string, input: string | undefined) => Answer = () => undefined): Place {
  const run = async (argv: Argv, options: { input?: string } = {}): Promise<RunResult> => {
    const answer = says(shellWords(argv), options.input);
    return result(typeof answer === 'string' ? { stdout: answer } : answer);
  };
  return {
    name,
    unreachable: undefined,
    run,
    readText: async (path) => (await run(['cat', path])).stdout,
    folder: async () => undefined,
    describe: shellWords,
  };
}

/** `docker inspect`, cut to what is read. */
function inspected(service: string, more: object = {}): object {
  const isOrigin = service === 'nginx-rtmp';
  return {
    Id: isOrigin ? '432f76a193b1ffff' : '1c99bcb29673ffff',
    RestartCount: 0,
    State: { Status: 'running', ExitCode: 0, OOMKilled: false, StartedAt: '2026-01-01T00:00:00Z', Health: { Status: 'healthy', Log: [] } },
    Config: { Image: `iptv-${service}`, User: '', Env: ['IPTV_HLS_DIR=/tmp/hls', 'IPTV_RTMP_PORT=1935', 'IPTV_HTTP_PORT=8000'] },
    Mounts: [{ Type: 'volume', Name: 'iptv_hls_data', Destination: '/tmp/hls', RW: true }],
    NetworkSettings: { Ports: isOrigin ? { '8000/tcp': [{ HostIp: '0.0.0.0', HostPort: '8088' }] } : {} },
    ...more,
  };
}

interface World {
  readonly runtime?: 'docker' | 'local';
  readonly backend?: (line: string, input: string | undefined) => Answer;
  readonly origin?: (line: string, input: string | undefined) => Answer;
  readonly containers?: readonly object[];
  readonly missing?: boolean;
  readonly context?: object;
  readonly facts?: object;
  readonly server?: object;
}

async function find(id: string, world: World): Promise<readonly string[]> {
  const check = doctorChecks.find((one): one is DoctorCheck => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  const { runtime = 'docker', containers = [inspected('backend'), inspected('nginx-rtmp')] } = world;
  const facts = parseInspect(JSON.stringify(containers));
  const config = { path: '/etc/iptv/streams.yaml', secrets: [], server: { ...server, ...world.server }, streams: [] };
  const context = {
    runtime,
    config,
    endpoints: resolveEndpoints(config.server as never, runtime),
    originUrl: 'http://127.0.0.1:8088',
    paths: { directory: '/state', socket: '/state/control.sock', jobs: '/state/jobs', nginx: '/state/nginx' },
    asked: new Set(),
    isRoot: true,
    version: '1.2.0',
    containers: { backend: '1c99bcb29673', origin: world.missing === true ? undefined : '432f76a193b1' },
    places: { backend: placeOf('backend', world.backend), origin: placeOf('nginx-rtmp', world.origin) },
    ports: {
      clock: { now: () => Date.UTC(2026, 0, 2), monotonic: () => 0 },
      process: { pid: 7, run: async () => result({ stdout: '28.0.0' }) },
      net: { portHolder: async () => undefined },
      files: { stat: async () => undefined, readText: async () => undefined },
    },
    actions: {},
    ...world.context,
  } as unknown as DoctorContext;
  const known = {
    containers: async () => ({ backend: facts[0], origin: world.missing === true ? undefined : facts[1] }),
    folders: async () => ({ backend: folder(), origin: folder() }),
    processes: async () => ({ jobs: [], nginx: [], supervisor: { uid: 0, gid: 0, groups: [], umask: 0o022 } }),
    status: async () => undefined,
    nginxDump: async () => ({ state: 'none', why: 'nobody asked' }),
    ...world.facts,
  } as unknown as DoctorFacts;
  const findings = await check.run(context, known);
  return findings
    .filter(({ status }) => status !== 'pass')
    .map(({ status, code, subject }) => [status, code, subject].filter(Boolean).join(' '));
}

function folder(more: object = {}): object {
  return { self: { name: '', type: 'd', mode: 0o777, uid: 65_534, gid: 65_534, inode: 1, device: 1, size: 4096, ...more }, entries: [] };
}

it.each([['docker'], ['ports'], ['volume'], ['disk'], ['permissions'], ['security']])('%s is well where all is well', async (id) => {
  expect(await find(id, {})).toEqual([]);
});

describe('docker', () => {
  it.each<[string, World]>([
    ['container-missing', { missing: true }],
    [
      'container-unhealthy',
      {
        containers: [
          inspected('backend', { State: { Status: 'running', Health: { Status: 'unhealthy', Log: [{ Output: 'no supervisor' }] } } }),
          inspected('nginx-rtmp'),
        ],
      },
    ],
  ])('%s', async (code, world) => {
    expect(await find('docker', world)).toEqual([`fail ${code}`]);
  });
});

it('ports: the container publishes another port than the list says', async () => {
  expect(await find('ports', { server: { ports: { ...server.ports, publicHttp: 9099 } } })).toEqual(['fail port-not-published']);
});

describe('paths', () => {
  it('a container that was started with other values', async () => {
    const old = inspected('nginx-rtmp', { Config: { Env: ['IPTV_HLS_DIR=/srv/hls', 'IPTV_RTMP_PORT=1935'] } });
    expect(await find('paths', { containers: [inspected('backend'), old] })).toEqual(['fail container-differs']);
  });

  it('a supervisor that was started with another folder', async () => {
    const status = async () => ({ supervisor: { hlsDirectory: '/srv/hls', publicUrl: server.publicUrl }, streams: [] });
    expect(await find('paths', { facts: { status } })).toEqual(['warn supervisor-differs']);
  });

  it('an HLS host that nobody knows', async () => {
    const backend = (line: string): Answer => (line.startsWith('getent') ? { exitCode: 2 } : undefined);
    expect(await find('paths', { backend, server: { hlsUrl: 'http://elsewhere.invalid:8000/hls' } })).toEqual(['fail hls-host-unknown']);
  });
});

describe('volume', () => {
  const mounts = (more: object): object => ({
    Mounts: [{ Type: 'volume', Name: 'iptv_hls_data', Destination: '/tmp/hls', RW: true, ...more }],
  });

  it.each<[string, World]>([
    ['volume-differs', { containers: [inspected('backend'), inspected('nginx-rtmp', mounts({ Name: 'other' }))] }],
    ['volume-differs', { facts: { folders: async () => ({ backend: folder(), origin: folder({ inode: 2 }) }) } }],
    ['volume-missing', { containers: [inspected('backend', { Mounts: [] }), inspected('nginx-rtmp')] }],
    ['volume-read-only', { containers: [inspected('backend', mounts({ RW: false })), inspected('nginx-rtmp')] }],
    [
      'volume-read-only',
      {
        origin: (line) => (line.includes('mountinfo') ? '36 35 98:0 /_data /tmp/hls ro,noatime master:1 - ext4 /dev/vda1 rw\n' : undefined),
      },
    ],
  ])('%s', async (code, world) => {
    expect(await find('volume', world)).toEqual([`fail ${code}`]);
  });
});

describe('disk', () => {
  const block = 4096;
  const sized = (hls: number, state: number) => (line: string) =>
    line.startsWith('stat -f') ? `${block} 2560000 ${line.endsWith('/tmp/hls') ? hls : state} 1000 900 ext2/ext3\n` : undefined;
  const streams = [streamOf(sourceOf('http-ts', 'http://tv.example/x.ts'))];

  it('less is free than the streams still need', async () => {
    const config = { path: '/etc/iptv/streams.yaml', secrets: [], server, streams: Array.from({ length: 60 }, () => streams[0]) };
    expect(await find('disk', { backend: sized(20_000, 1_000_000), context: { config } })).toEqual(['warn disk-low']);
  });

  it('the state cannot be written', async () => {
    expect(await find('disk', { backend: sized(1_000_000, 1) })).toEqual(['fail state-disk-full']);
  });
});

describe('permissions', () => {
  const modes = (mode: number, more: object = {}) => ({
    folders: async () => ({ backend: folder({ mode }), origin: folder({ mode }) }),
    ...more,
  });

  it.each<[string, World]>([
    ['warn folder-mode', { facts: modes(0o755) }],
    ['warn folder-open', { facts: modes(0o2777), server: { permissions: 'hardened' } }],
    [
      'fail folder-sticky',
      { facts: modes(0o1777, { processes: async () => ({ nginx: [], supervisor: { uid: 1000, gid: 1000, groups: [], umask: 0o022 } }) }) },
    ],
  ])('%s', async (found, world) => {
    expect(await find('permissions', world)).toEqual([found]);
  });
});

it('files: one container has no HLS folder', async () => {
  const origin = (line: string): Answer => (line.startsWith('ls -ld') ? { exitCode: 2, stderr: 'No such file or directory' } : undefined);
  const facts = { folders: async () => ({ backend: folder(), origin: undefined }), playlists: async () => new Map() };
  expect(await find('files', { origin, facts })).toEqual(['fail folder-missing']);
  expect(await find('files', { facts: { ...facts, folders: async () => ({ backend: folder(), origin: folder() }) } })).toEqual([]);
});

describe('write', () => {
  /** A volume as both sides see it; `mv` ends the writing of one file. */
  function volume() {
    const files = new Map<string, string>();
    return (line: string, input: string | undefined): Answer => {
      const name = /\.iptv-doctor-7-\w+$/.exec(line)?.[0] ?? '';
      if (input !== undefined) files.set(name, input);
      else if (line.startsWith('rm')) files.delete(name);
      else return files.has(name) ? (files.get(name) ?? '') : { exitCode: 1, stderr: 'No such file or directory' };
      return undefined;
    };
  }

  it('is well where both see the same', async () => {
    const shared = volume();
    expect(await find('write', { backend: shared, origin: shared })).toEqual([]);
  });

  it('what one writes, the other does not see', async () => {
    expect(await find('write', { backend: volume(), origin: volume() })).toEqual(['fail not-seen', 'fail not-seen']);
  });

  it('the backend cannot remove what nginx wrote', async () => {
    const shared = volume();
    const backend = (line: string, input: string | undefined): Answer => {
      const answer = shared(line, input);
      return line.includes('&& rm') && typeof answer === 'string'
        ? { exitCode: 1, stdout: answer, stderr: 'rm: Operation not permitted' }
        : answer;
    };
    expect(await find('write', { backend, origin: shared })).toEqual(['fail cannot-remove']);
  });
});

describe('security', () => {
  it('the RTMP port is open to the world', async () => {
    const tree = parseNginxDump(
      'rtmp { server { listen 1935; application live { live on; allow publish 172.18.0.0/16; deny publish all; } } }',
    );
    const published = inspected('nginx-rtmp', { NetworkSettings: { Ports: { '1935/tcp': [{ HostIp: '0.0.0.0', HostPort: '1935' }] } } });
    const nginxDump = async () => ({ state: 'ok', text: '', tree, command: 'nginx -T' });
    expect(await find('security', { containers: [inspected('backend'), published], facts: { nginxDump } })).toEqual([
      'warn rtmp-published',
    ]);
  });
});

describe('supervisor', () => {
  const says = (answer: SupervisorAnswer, more: object = {}): World => ({
    runtime: 'local',
    facts: { supervisor: async () => answer, ...more },
  });
  const refused = (code: string): SupervisorAnswer => ({
    state: 'refused',
    error: new AppError({ exitCode: ExitCode.permission, code, message: 'no' }),
  });
  const running = (version: string): SupervisorAnswer =>
    ({ state: 'answers', document: { supervisor: { pid: 1, version }, streams: [] } }) as unknown as SupervisorAnswer;
  const absent: SupervisorAnswer = { state: 'absent', why: 'nobody listens on its socket' };

  it.each<[readonly string[], World]>([
    [[], says(running('1.2.0'))],
    [['fail supervisor-down'], says(absent)],
    [['fail supervisor-silent'], says({ state: 'silent', why: 'no answer' })],
    [['fail other-version'], says(refused('other-version'))],
    [['fail socket-forbidden'], says(refused('socket-forbidden'))],
    [['warn older-supervisor'], says(running('1.1.0'))],
    [
      ['warn job-unknown sport'],
      says(running('1.2.0'), { processes: async () => ({ jobs: [{ pid: 9, id: 'sport', state: 'S' }], nginx: [] }) }),
    ],
  ])('%j', async (found, world) => {
    expect(await find('supervisor', world)).toEqual(found);
  });

  it('a socket that is left of one that was killed', async () => {
    const stat = async (path: string) => (path === '/state/control.sock' ? {} : undefined);
    const world = { ...says(absent), context: { ports: { files: { stat } } } };
    expect(await find('supervisor', world)).toEqual(['fail supervisor-down', 'warn socket-dead']);
  });
});

it('ffmpeg: a protocol is missing that a stream needs', async () => {
  const set = (...names: string[]): ReadonlySet<string> => new Set(names);
  const ffmpeg = {
    path: '/usr/bin/ffmpeg',
    version: '7.1',
    muxers: set('tee', 'fifo', 'hls', 'flv'),
    demuxers: set('hls', 'rtsp'),
    protocols: set('rtmp', 'http', 'tcp'),
    encoders: set('libx264', 'aac'),
  };
  const facts = { ffmpegVersion: async () => result({ stdout: 'ffmpeg version 7.1' }), ffmpeg: async () => ffmpeg };
  const config = { path: '', secrets: [], server, streams: [streamOf(sourceOf('srt', 'srt://tv.example:9000'))] };
  expect(await find('ffmpeg', { facts, context: { tools: { ffmpeg: '/usr/bin/ffmpeg' }, config } })).toEqual(['warn ffmpeg-lacks-input']);
});
