// Bad input against a real local stack: a clear error, the right exit code, and what runs goes on running.

import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { build, program } from '../helpers/cli.ts';
import { media } from '../helpers/media.ts';
import { createStack, eventually, onlySupervisors, run, type Ran, type TestStack } from '../helpers/stack.ts';

const picture = 'test:?size=320x180';
const nobody = 65_534;

let refusing: Server;
let stack: TestStack;
let streams: string;

beforeAll(async () => {
  build();
  refusing = createHttpServer((_request, response) => response.writeHead(403).end('no')).listen(0, '127.0.0.1');
  await new Promise((done) => refusing.once('listening', done));
  const { port } = refusing.address() as AddressInfo;
  streams = [
    `  - { id: news, source: "${picture}" }`,
    `  - { id: sport, source: "${picture}" }`,
    `  - { id: refused, source: "http://127.0.0.1:${port}/live.ts" }`,
  ].join('\n');
  stack = await createStack({ streams });
});

afterAll(async () => {
  await stack.close();
  refusing.close();
});

describe('plan --probe', () => {
  it('says what is wrong with a source, and hides its password in what ffprobe said', async () => {
    const other = await createStack({ streams: '  - { id: film, source: "http://127.0.0.1:9/live/joe/hunter22/1.ts" }' });
    const ran = await other.iptv('plan', 'film', '--probe');
    await other.close();
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('Connection refused');
    expect(ran.stderr + ran.stdout).not.toMatch(/joe|hunter22/);
  });

  it('plans for the codecs that the source has', async () => {
    const other = await createStack({ streams: `  - { id: film, source: ${await media('h264-ac3.ts')} }` });
    const ran = await other.iptv('plan', 'film', '--probe', '--json');
    await other.close();
    expect(JSON.parse(ran.stdout)).toMatchObject({ video: 'copy', audio: 'transcode' });
  });
});

describe('before anything runs', () => {
  it('a port in use is named with its holder', async () => {
    const holder = createServer().listen(stack.ports.rtmp);
    await new Promise((done) => holder.once('listening', done));
    const ran = await stack.iptv('up');
    await new Promise((done) => holder.close(done));
    expect([ran.code, ran.stdout]).toEqual([69, '']);
    expect(ran.stderr).toMatch(
      new RegExp(`error: port ${stack.ports.rtmp}, which nginx needs for RTMP, is in use by .+ \\(pid ${process.pid}\\)`),
    );
    expect(ran.stderr).toContain(`next: ps -fp ${process.pid}\n`);
  });

  it('ffmpeg is missing', async () => {
    const ran = await hiding('/usr/bin/ffmpeg', ['up']);
    expect(ran).toEqual({ code: 69, stdout: '', stderr: expect.stringContaining('error: ffmpeg was not found\n') as string });
    expect(ran.stderr).toMatch(/\n {3}package: ffmpeg\nnext: iptv setup\n$/);
  });

  it.each([
    [
      'an ffmpeg that ends without a word',
      'ffmpeg',
      '#!/bin/sh\nexit 3\n',
      /ffmpeg does not run\n {3}it ended with code 3 and said nothing\nnext: \S+ffmpeg -version\n$/,
    ],
    [
      'an nginx that ends without a word',
      'nginx',
      '#!/bin/sh\nexit 4\n',
      /nginx does not run\n {3}it ended with code 4 and said nothing\nnext: \S+nginx -V\n$/,
    ],
    [
      'an nginx without the rtmp module',
      'nginx',
      '#!/bin/sh\necho \'nginx: [emerg] unknown directive "rtmp"\' >&2\nexit 1\n',
      /has no rtmp module\n[^]+next: iptv setup\n$/,
    ],
  ])('%s', async (_title, name, script, message) => {
    const path = join(stack.directory, 'bin', name);
    writeFileSync(path, script, { mode: 0o755 });
    const ran = await stack.iptv('up');
    rmSync(path);
    expect([ran.code, ran.stdout]).toEqual([69, '']);
    expect(ran.stderr).toMatch(message);
  });

  it('a file that was named is not there, a folder, or not a list', async () => {
    const { directory } = stack;
    const gone = await stack.iptv('up', '--config', 'gone.yaml');
    expect([gone.code, gone.stderr]).toEqual([
      78,
      expect.stringContaining(`error: there is no file ${directory}/gone.yaml\nnext: ls ${directory}\n`),
    ]);
    expect((await stack.iptv('list', '--config', directory)).stderr).toContain('is a folder, not a file\n');
    writeFileSync(join(directory, 'bad.yaml'), 'version: 1\nstreems: []\nserver: { runtime: dokcer }\n');
    const bad = await stack.iptv('validate', 'bad.yaml');
    expect([bad.code, bad.stdout]).toEqual([78, '']);
    // What is offered names the file that is meant.
    expect(bad.stderr).toMatch(/\nerror: \S+bad\.yaml has \d problems\nnext: iptv validate bad\.yaml\n$/);
  });

  it.runIf(process.getuid?.() === 0)('another user may not read the list or write the HLS folder', async () => {
    const { directory } = stack;
    const home = join(directory, 'nobody');
    mkdirSync(home, { mode: 0o777 });
    chmodSync(home, 0o777);
    const list = readFileSync(join(directory, 'streams.yaml'), 'utf8');
    writeFileSync(join(directory, 'secret.yaml'), list, { mode: 0o600 });
    const unreadable = await asNobody(home, 'list', '--config', 'secret.yaml');
    expect([unreadable.code, unreadable.stdout]).toEqual([77, '']);
    expect(unreadable.stderr).toMatch(/^error: cannot read \S+secret\.yaml: permission denied\n[^]+\nnext: ls -l \S+secret\.yaml\n$/);
    mkdirSync(join(directory, 'closed/hls'), { recursive: true, mode: 0o755 });
    writeFileSync(join(directory, 'closed.yaml'), list.replace(stack.hls, `${directory}/closed/hls`), { mode: 0o644 });
    const unwritable = await asNobody(home, 'up', '--config', 'closed.yaml');
    expect([unwritable.code, unwritable.stdout]).toEqual([77, '']);
    expect(unwritable.stderr).toContain(`error: the HLS folder ${directory}/closed/hls is not writable\n`);
    expect(unwritable.stderr).toContain(`next: sudo chmod 777 ${directory}/closed/hls\n`);
  });
});

describe('while a channel runs', () => {
  it('two `up` at once: one supervisor, both succeed', async () => {
    const both = await Promise.all([stack.iptv('up'), stack.iptv('up')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const { pid } = (await stack.status()).supervisor;
    await eventually('it is the only one', () => onlySupervisors(stack.state).join() === String(pid));
    expect((await stack.iptv('start', 'news', '--wait')).code).toBe(0);
  });

  it('a source that refuses is told at once, and waiting ends with 75', async () => {
    const child = start('start', 'refused', '--wait', '--timeout', '20s');
    const done = ended(child);
    await eventually('the cause', () => done.stderr().includes('refused: the source answered 403'));
    expect(done.stderr()).not.toContain('error: refused');
    const { code, stderr } = await done.end;
    expect(code).toBe(75);
    expect(stderr).toContain('error: refused is not playable after 20 s\n   refused: the source answered 403');
    expect(stderr).toMatch(/\nnext: iptv logs refused\n$/);
    expect((await stack.iptv('logs', 'refused', '-n', '50')).stdout).toContain('403 Forbidden');
    expect((await stack.iptv('stop', 'refused', '-q')).code).toBe(0);
  });

  it('an unknown id: 4, the nearest one offered, nothing else touched', async () => {
    const { pid } = await stack.stream('news');
    for (const action of ['start', 'stop', 'restart', 'status', 'logs', 'plan']) {
      const ran = await stack.iptv(action, 'nwes');
      expect([action, ran.code, ran.stdout]).toEqual([action, 4, '']);
      expect(ran.stderr).toMatch(/did you mean "news"\?\nnext: iptv \S+/);
    }
    expect((await stack.stream('news')).pid).toBe(pid);
  });

  it('an invalid list stops no channel, can be stopped with, and is told', async () => {
    const { pid } = await stack.stream('news');
    stack.list(`${streams}\n  - { id: film, source: "${picture}", enabeld: true }`);
    for (const argv of [['start', 'sport'], ['restart', 'news'], ['up']]) {
      const ran = await stack.iptv(...argv);
      expect([argv, ran.code, ran.stdout]).toEqual([argv, 78, '']);
      expect(ran.stderr).toContain('did you mean "enabled"?');
    }
    expect((await stack.stream('news')).pid).toBe(pid);
    expect((await stack.iptv('stop', 'sport')).code).toBe(0);
    stack.list(streams);
    expect((await stack.iptv('up')).code).toBe(0);
  });

  it("the user's list is not the supervisor's", async () => {
    const folder = join(stack.directory, 'elsewhere');
    mkdirSync(folder);
    writeFileSync(join(folder, 'streams.yaml'), `version: 1\nstreams:\n  - { id: news, source: "${picture}" }\n`);
    const note = `note: the supervisor uses ${stack.directory}/streams.yaml, not ${folder}/streams.yaml; to change over: iptv down && iptv up\n`;
    expect((await iptvIn(folder, 'start', 'news')).stderr).toContain(note);
    expect((await iptvIn(folder, 'start', 'news', '-q')).stderr).toBe('');
    expect((await iptvIn(folder, 'stop', 'sport')).stderr).not.toContain('note:');
    expect((await stack.iptv('start', 'news')).stderr).not.toContain('note:');
  });

  it('logs of what has none yet, and of what does not exist', async () => {
    expect(await stack.iptv('logs', 'sport')).toEqual({ code: 0, stdout: '', stderr: 'sport has no log yet\n' });
    expect((await stack.iptv('logs', 'backend', '-n', '1')).stdout).not.toBe('');
    expect((await stack.iptv('logs', 'nginx-rtmp')).stdout).toContain("publish: name='news'");
  });

  it('a supervisor that was killed: said with 3, and its socket is in the way of nobody', async () => {
    const { pid } = await stack.stream('news');
    await stack.loseSupervisor();
    expect(await stack.iptv('status')).toEqual({ code: 3, stdout: '', stderr: 'error: the supervisor is not running\nnext: iptv up\n' });
    expect((await stack.iptv('up')).code).toBe(0);
    expect((await stack.stream('news')).pid).toBe(pid);
  });

  it('down, twice', async () => {
    expect((await stack.iptv('down')).code).toBe(0);
    expect(await stack.iptv('down')).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing was running') as string });
  });
});

function environment(): Record<string, string> {
  return {
    PATH: `${join(stack.directory, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: stack.directory,
    IPTV_STATE_DIR: stack.state,
    IPTV_RUNTIME: 'local',
  };
}

/** Without $IPTV_CONFIG, as a user in another folder. */
function iptvIn(folder: string, ...argv: string[]): Promise<Ran> {
  return run(process.execPath, [program, ...argv], environment(), folder);
}

/** In a mount namespace where a program is no program. */
function hiding(path: string, argv: readonly string[]): Promise<Ran> {
  const mount = 'mount --bind /dev/null "$1" && shift && exec "$@"';
  const words = ['-rm', 'sh', '-c', mount, 'sh', path, process.execPath, program, ...argv];
  return run('unshare', words, environment(), stack.directory);
}

function asNobody(home: string, ...argv: string[]): Promise<Ran> {
  const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  const env = { ...environment(), HOME: home, IPTV_STATE_DIR: join(home, 'state') };
  return run('setpriv', [...user, process.execPath, program, ...argv], env, stack.directory);
}

function start(...argv: string[]): ChildProcess {
  return spawn(process.execPath, [program, ...argv], { env: environment(), cwd: stack.directory, stdio: ['ignore', 'ignore', 'pipe'] });
}

function ended(child: ChildProcess): { readonly stderr: () => string; readonly end: Promise<{ code: number | null; stderr: string }> } {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return { stderr: () => stderr, end: new Promise((done) => child.once('close', (code) => done({ code, stderr }))) };
}
