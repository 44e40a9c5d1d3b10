// `iptv doctor` against faults of a running stack: folder, files, processes, ports. The channel must not notice the mending.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { askDoctor, expectRoots, faultyNginx, finding, rootsOf, type FaultyNginx } from '../helpers/doctor.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { createStack, eventually, isRunning, keeperPids, kill, supervisorPids, type TestStack } from '../helpers/stack.ts';

const isRoot = process.getuid?.() === 0;
const source = '"test:?size=160x90&fps=10"';
const streams = `  - { id: news, source: ${source} }\n  - { id: sport, source: ${source} }`;

describe.skipIf(!hasNginxRtmp)('doctor and a running stack', { timeout: 480_000 }, () => {
  let stack: TestStack;
  let nginx: FaultyNginx;

  const program = (name: string): string => join(stack.directory, 'bin', name);
  const place = (name: string, text: string): void => {
    writeFileSync(program(name), `#!/bin/sh\n${text}\n`);
    chmodSync(program(name), 0o755);
  };

  beforeAll(async () => {
    stack = await createStack({ streams, server: '  segment: 1s' });
    nginx = faultyNginx(stack);
    expect(await stack.iptv('up')).toMatchObject({ code: 0 });
    expect(await stack.iptv('start', 'news', '--wait')).toMatchObject({ code: 0 });
  });

  /** Both legs move again: until then the supervisor may yet start the job anew, because of the one that does not. */
  async function isWholeAgain(): Promise<void> {
    const heads = async (): Promise<readonly string[]> => {
      const { primary, backup } = (await stack.stream('news')).legs;
      return [primary, backup].map(({ state, mediaSequence, segments }) => `${state} ${mediaSequence} ${segments}`);
    };
    const before = await heads();
    const areNew = (now: readonly string[]): boolean => now.every((head, leg) => head.startsWith('fresh') && head !== before[leg]);
    await eventually('both legs move', async () => areNew(await heads()), 180_000);
  }

  /** Mends, and sees that the job was not touched by it. */
  async function mend(): ReturnType<typeof askDoctor> {
    const before = (await stack.stream('news')).pid;
    const report = await askDoctor(stack.iptv, '--fix', '--yes');
    expect(rootsOf(report)).toEqual([]);
    expect((await stack.stream('news')).pid).toBe(before);
    return report;
  }

  /** Its record may be on its way, and what is thrown in a timer is caught by nobody. */
  const signalNginx = (signal: NodeJS.Signals): void => {
    try {
      kill(-nginx.pid(), signal);
    } catch {
      // The next one.
    }
  };

  afterAll(async () => {
    await stack.close();
  });

  it('prints what people and programs read', async () => {
    // What was started a moment ago may not have everything yet.
    await expectRoots(stack.iptv, []);
    const { stdout, code } = await stack.iptv('doctor');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^pass\tsupervisor\tok\t\tthe supervisor answers/m);
    expect((await stack.iptv('doctor', '-q')).stdout).toBe('');
    expect((await stack.iptv('doctor', 'mime', 'cors', '--json')).stdout).toMatch(/^\{"schemaVersion":1,"verdict":"ok"/);
    expect(await stack.iptv('doctor', 'mine')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "mime"?') as unknown,
    });
  });

  it.skipIf(!isRoot)('permissions: the folder belongs to another user and is closed', async () => {
    const { uid, gid } = statSync(stack.hls);
    chownSync(stack.hls, 12_345, 12_345);
    chmodSync(stack.hls, 0o755);
    const report = await expectRoots(stack.iptv, ['permissions/folder-closed']);
    expect(finding(report, 'write/cannot-write').rootCause).toBe('permissions/folder-closed');
    expect(finding(report, 'permissions/folder-closed').next).toBe(`chmod 777 ${stack.hls}`);
    // The supervisor may restart the job meanwhile, because a leg of it is dead.
    const mended = await askDoctor(stack.iptv, '--fix', '--yes');
    expect([rootsOf(mended), mended.fixes]).toEqual([[], [{ action: `chmod 777 ${stack.hls}`, done: true, error: null }]]);
    chownSync(stack.hls, uid, gid);
    await isWholeAgain();
  });

  it.skipIf(!isRoot)("permissions: a folder above is closed to nginx's worker", async () => {
    chmodSync(stack.directory, 0o700);
    try {
      await expectRoots(stack.iptv, ['permissions/parent-closed']);
    } finally {
      chmodSync(stack.directory, 0o755);
    }
  });

  it.skipIf(!isRoot)('permissions: files that nginx may not read, opened again by --fix', async () => {
    const path = join(stack.hls, 'closed.ts');
    writeFileSync(path, 'x');
    chmodSync(path, 0o600);
    await expectRoots(stack.iptv, ['permissions/files-closed']);
    await mend();
    expect(statSync(path).mode & 0o777).toBe(0o604);
    rmSync(path);
  });

  it('write: the modes are right, and still nobody can write', async ({ skip }) => {
    const immutable = spawnSync('chattr', ['+i', stack.hls]);
    if (immutable.status !== 0) skip('this file system has no immutable flag');
    try {
      await expectRoots(stack.iptv, ['write/cannot-write']);
    } finally {
      spawnSync('chattr', ['-i', stack.hls]);
    }
    await isWholeAgain();
  });

  it('files: old files of nobody, removed by --fix, and nothing else', async () => {
    const old = ['gone.m3u8', 'gone_12.ts', 'gone-7.ts', 'iptv-doctor-1.m3u8'];
    for (const name of old) {
      writeFileSync(join(stack.hls, name), name.endsWith('m3u8') ? '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\ngone_12.ts\n' : 'old');
      utimesSync(join(stack.hls, name), new Date(Date.now() - 7_200_000), new Date(Date.now() - 7_200_000));
    }
    writeFileSync(join(stack.hls, 'young_1.ts'), 'young');
    const report = await expectRoots(stack.iptv, ['files/files-left']);
    expect([report.code, report.verdict]).toEqual([0, 'warning']);
    expect((await stack.iptv('doctor', '--strict', '-q')).code).toBe(1);
    await mend();
    expect(old.filter((name) => existsSync(join(stack.hls, name)))).toEqual([]);
    expect(existsSync(join(stack.hls, 'young_1.ts'))).toBe(true);
    rmSync(join(stack.hls, 'young_1.ts'));
  });

  it('stat: a ghost that publishes a stopped stream, dropped by --fix', async () => {
    const target = `rtmp://127.0.0.1:${stack.ports.rtmp}/live/sport`;
    const input = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=10'];
    const ghost: ChildProcess = spawn(
      'ffmpeg',
      ['-v', 'error', '-nostdin', ...input, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-f', 'flv', target],
      {
        stdio: 'ignore',
      },
    );
    const ended = once(ghost, 'exit');
    try {
      await expectRoots(stack.iptv, ['stat/ghost-publisher']);
      const mended = await mend();
      expect(mended.fixes).toEqual([{ action: 'drop the publisher of sport', done: true, error: null }]);
      await ended;
    } finally {
      ghost.kill('SIGKILL');
    }
  });

  it('paths: an RTMP host that nobody knows', async () => {
    const path = join(stack.directory, 'streams.yaml');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('server:\n', 'server:\n  rtmpUrl: rtmp://no-such-host.invalid:1935/live\n'));
    try {
      const report = await expectRoots(stack.iptv, ['paths/rtmp-host-unknown']);
      expect(finding(report, 'paths/rtmp-host-unknown').what).toContain('no-such-host.invalid');
    } finally {
      writeFileSync(path, text);
    }
  });

  it('ffmpeg: one that does not run, and one that lacks what every job needs', async () => {
    place('ffmpeg', 'exit 3');
    await expectRoots(stack.iptv, ['ffmpeg/ffmpeg-broken']);
    place('ffmpeg', 'case "$*" in *-formats*) /usr/bin/ffmpeg "$@" | grep -v " tee "; exit ;; esac\nexec /usr/bin/ffmpeg "$@"');
    const report = await expectRoots(stack.iptv, ['ffmpeg/ffmpeg-incomplete']);
    expect(finding(report, 'ffmpeg/ffmpeg-incomplete').what).toContain('without tee');
    rmSync(program('ffmpeg'));
  });

  it('nginx: one without its rtmp module', async () => {
    place(
      'nginx',
      'conf= before=\nfor word in "$@"; do [ "$before" != -c ] || conf=$word; before=$word; done\nsed -i /load_module/d "$conf"\nexec /usr/sbin/nginx "$@"',
    );
    await expectRoots(stack.iptv, ['nginx/rtmp-module-missing']);
    rmSync(program('nginx'));
  });

  it('nginx: a version that is known not to work, and one that is too old', async () => {
    const calling = (version: string): void =>
      place('nginx', `[ "$1" != -v ] || { echo "nginx version: nginx/${version} (Ubuntu)" >&2; exit; }\nexec /usr/sbin/nginx "$@"`);
    calling('1.10.0');
    const report = await expectRoots(stack.iptv, ['nginx/nginx-bad']);
    expect([report.code, finding(report, 'nginx/nginx-bad').evidence]).toEqual([1, ['nginx 1.10.0 is installed']]);
    calling('1.14.2');
    await expectRoots(stack.iptv, ['nginx/nginx-old']);
    rmSync(program('nginx'));
  });

  it('supervisor: a second job of a stream, ended by --fix', async () => {
    const second = spawn('sleep', ['600'], {
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, IPTV_JOB: 'news', IPTV_JOB_STATE: stack.state },
    });
    try {
      await expectRoots(stack.iptv, ['supervisor/job-doubled']);
      await mend();
      await eventually('the second job is gone', () => !isRunning(second.pid ?? 0));
    } finally {
      kill(second.pid);
    }
  });

  it('supervisor: jobs without one, adopted again by --fix', async () => {
    const job = (await stack.stream('news')).pid;
    for (const pid of keeperPids(stack.state)) kill(pid);
    for (const pid of supervisorPids(stack.state)) kill(pid);
    const report = await expectRoots(stack.iptv, ['supervisor/jobs-unsupervised']);
    expect(report.code).toBe(1);
    const mended = await askDoctor(stack.iptv, '--fix', '--yes');
    expect(rootsOf(mended)).toEqual([]);
    expect((await stack.stream('news')).pid).toBe(job);
  });

  it('supervisor: one that does not answer, replaced by --fix', async () => {
    const job = (await stack.stream('news')).pid;
    for (const pid of keeperPids(stack.state)) kill(pid);
    for (const pid of supervisorPids(stack.state)) kill(pid, 'SIGSTOP');
    const report = await expectRoots(stack.iptv, ['supervisor/supervisor-silent']);
    expect(finding(report, 'supervisor/supervisor-silent').fixable).toBe(true);
    expect(rootsOf(await askDoctor(stack.iptv, '--fix', '--yes'))).toEqual([]);
    expect((await stack.stream('news')).pid).toBe(job);
  });

  it('nginx: reloaded under its publisher, restarted by --fix', async () => {
    process.kill(nginx.pid(), 'SIGHUP');
    const report = await expectRoots(stack.iptv, ['nginx/nginx-reloaded']);
    expect(finding(report, 'nginx/nginx-reloaded').evidence[0]).toContain('shutting down');
    await mend();
  });

  it('nginx: one that hangs', { timeout: 400_000 }, async () => {
    // The supervisor mends it by itself after some seconds, on a crowded machine before doctor has looked, so each new one hangs too.
    const freezer = setInterval(() => signalNginx('SIGSTOP'), 200);
    try {
      await eventually('it is named', async () => rootsOf(await askDoctor(stack.iptv, 'mime')).join() === 'nginx/nginx-hung', 150_000);
    } finally {
      clearInterval(freezer);
      signalNginx('SIGCONT');
    }
    await eventually('it answers again', async () => (await fetch(`${stack.url}/healthz`)).ok, 120_000);
    await expectRoots(stack.iptv, []);
  });

  it('ports: another program has taken them', async () => {
    // An nginx that cannot start leaves us the time to be first.
    place('nginx', 'exit 1');
    kill(-nginx.pid());
    const holder = await listenAsSoonAsFree(stack.ports.http);
    rmSync(program('nginx'));
    try {
      await expectRoots(stack.iptv, ['ports/port-in-use']);
      // An nginx that is about to give up may hold the other port for a moment.
      await eventually('its holder is named', async () => {
        const { checks } = await askDoctor(stack.iptv, 'ports');
        const said = checks.flatMap(({ findings }) => findings.flatMap(({ code, evidence }) => (code === 'port-in-use' ? evidence : [])));
        return said.some((line) => line.includes(`port ${stack.ports.http}:`) && line.includes(`pid ${process.pid}`));
      });
    } finally {
      await new Promise((done) => holder.close(done));
    }
  });
});

async function listenAsSoonAsFree(port: number): Promise<Server> {
  return eventually(`port ${port} is ours`, async () => {
    const server = createServer((socket) => socket.destroy());
    return new Promise<Server | undefined>((done) => {
      server.once('error', () => done(undefined));
      server.listen(port, '0.0.0.0', () => done(server));
    });
  });
}
