// Every preflight check against the real thing, whole and broken.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Config, StreamConfig } from '../../src/core/config.ts';
import { resolveEndpoints } from '../../src/core/endpoints.ts';
import type { CheckResult, Report } from '../../src/diagnose/check.ts';
import type { CheckContext, FoundTools } from '../../src/diagnose/context.ts';
import { preflight, reportError } from '../../src/diagnose/preflight.ts';
import { createPorts } from '../../src/platform/ports.ts';
import { findTools } from '../../src/stack/tools.ts';
import { freePort } from '../helpers/free-port.ts';
import { createNginx, hasNginxRtmp } from '../helpers/nginx.ts';
import { eventually } from '../helpers/wait.ts';

const ports = createPorts();
const tools = await findTools(ports);
const hasTools = hasNginxRtmp && tools.ffmpeg !== undefined && tools.nginx !== undefined;
const isRoot = process.getuid?.() === 0;
let directory = '';
let hls = '';
let rtmp = 0;
let http = 0;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'iptv-preflight-'));
  chmodSync(directory, 0o755);
  hls = join(directory, 'hls');
  mkdirSync(hls);
  chmodSync(hls, 0o777);
  rtmp = await freePort();
  http = await freePort();
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function context(
  more: Partial<CheckContext> = {},
  config: Partial<Config> = {},
  permissions: 'compat' | 'hardened' = 'compat',
): CheckContext {
  const server = {
    runtime: 'local' as const,
    publicUrl: `http://localhost:${http}`,
    hlsDirectory: hls,
    permissions,
    ports: { rtmp, http, publicHttp: http },
    segmentSeconds: 2,
    windowSegments: 10,
  };
  return {
    ports,
    config: { path: join(directory, 'streams.yaml'), server, streams: [], secrets: [], ...config },
    runtime: 'local',
    endpoints: resolveEndpoints(server, 'local'),
    tools,
    isRoot,
    scratchDirectory: join(directory, 'state'),
    ...more,
  };
}

function result(report: Report, id: string): CheckResult {
  const found = report.checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

function program(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const withTools = (more: Partial<FoundTools>): Partial<CheckContext> => ({ tools: { ...tools, ...more } });

function stream(id: string, url: string, more: Record<string, unknown> = {}): StreamConfig {
  const source = {
    kind: 'file',
    url,
    display: url,
    headers: {},
    reconnect: { enabled: true, maxDelaySeconds: 4, timeoutSeconds: 10 },
    inputOptions: {},
    ...more,
  };
  return { id, enabled: true, sources: [source], output: { video: 'copy', audio: 'copy' } } as unknown as StreamConfig;
}

describe.runIf(hasTools)('preflight', () => {
  it('finds nothing where all is well, and leaves nothing behind', async () => {
    const report = await preflight(context());
    expect(reportError(report)).toBeUndefined();
    expect(report.checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'ffmpeg pass',
      'nginx pass',
      'ports pass',
      'hls-directory pass',
      'config-secrets pass',
    ]);
    expect(readdirSync(hls)).toEqual([]);
    expect(readdirSync(join(directory, 'state'))).toEqual([]);
    expect(statSync(hls).mode & 0o7777).toBe(0o777);
  });

  it('has nothing to look at on the Docker host', async () => {
    const report = await preflight({ ...context(), runtime: 'docker' });
    expect(report.checks.map(({ status }) => status)).toEqual(['skip', 'skip', 'skip', 'skip', 'pass']);
    expect(result(await preflight({ ...context(), runtime: 'docker', inside: true }), 'hls-directory').status).toBe('pass');
  });
});

describe.runIf(hasTools)('ffmpeg', () => {
  it('is missing', async () => {
    expect(reportError(await preflight(context(withTools({ ffmpeg: undefined }))))).toMatchObject({
      code: 'ffmpeg-missing',
      exitCode: 69,
      next: 'iptv setup',
    });
    expect(reportError(await preflight(context(withTools({ ffmpeg: join(directory, 'gone') }))))).toMatchObject({ code: 'ffmpeg-missing' });
  });

  it('does not run', async () => {
    const ffmpeg = program('ffmpeg', 'echo "error while loading shared libraries: libavdevice.so.59" >&2; exit 127');
    expect(reportError(await preflight(context(withTools({ ffmpeg }))))).toMatchObject({
      code: 'ffmpeg-broken',
      evidence: [expect.stringContaining('libavdevice')],
    });
  });

  it('lacks a muxer', async () => {
    const ffmpeg = program('ffmpeg', `${tools.ffmpeg} "$@" | grep -v ' tee '`);
    expect(reportError(await preflight(context(withTools({ ffmpeg }))))).toMatchObject({
      code: 'ffmpeg-incomplete',
      exitCode: 69,
      message: expect.stringMatching(/without tee$/),
    });
  });

  it('lacks what one stream needs: a warning that names it', async () => {
    const ffmpeg = program('ffmpeg', `${tools.ffmpeg} "$@" | grep -vw 'srt\\|libx264'`);
    const streams = [
      stream('far', 'srt://h:9', { kind: 'srt' }),
      { ...stream('near', '/x.ts'), output: { video: 'auto', audio: 'none' } as StreamConfig['output'] },
    ];
    const report = await preflight(context(withTools({ ffmpeg }), { streams }));
    expect(reportError(report)).toBeUndefined();
    expect(result(report, 'ffmpeg').findings.map((finding) => finding.what)).toEqual([
      expect.stringMatching(/without srt, which far/),
      expect.stringMatching(/without libx264, which near/),
    ]);
  });

  it('is of a version that is known to hang', async () => {
    const ffmpeg = program('ffmpeg', `${tools.ffmpeg} "$@" | sed 's/^ffmpeg version [^ ]*/ffmpeg version 7.0.2-static/'`);
    expect(result(await preflight(context(withTools({ ffmpeg }))), 'ffmpeg')).toMatchObject({
      status: 'warn',
      findings: [{ code: 'ffmpeg-version' }],
    });
  });
});

describe.runIf(hasTools)('nginx', () => {
  it('is missing', async () => {
    expect(reportError(await preflight(context(withTools({ nginx: undefined }))))).toMatchObject({ code: 'nginx-missing', exitCode: 69 });
  });

  it('has no rtmp module', async () => {
    expect(reportError(await preflight(context(withTools({ rtmpModule: undefined }))))).toMatchObject({
      code: 'rtmp-module-missing',
      evidence: expect.arrayContaining([expect.stringContaining('unknown directive "rtmp"')]),
      next: 'iptv setup',
    });
  });

  it.each(['not an object file', undefined])('cannot load its rtmp module: %s', async (text) => {
    const rtmpModule = join(directory, 'ngx_rtmp_module.so');
    if (text !== undefined) writeFileSync(rtmpModule, text);
    expect(reportError(await preflight(context(withTools({ rtmpModule }))))).toMatchObject({
      code: 'rtmp-module-broken',
      evidence: expect.arrayContaining([expect.stringContaining('dlopen()')]),
    });
    expect(readdirSync(join(directory, 'state'))).toEqual([]);
  });

  it('does not run', async () => {
    expect(reportError(await preflight(context(withTools({ nginx: '/bin/false' }))))).toMatchObject({ code: 'nginx-broken' });
  });
});

describe.runIf(hasTools)('ports', () => {
  it('names who holds one', async () => {
    const child = spawn(process.execPath, ['-e', `require('node:net').createServer().listen(${rtmp}, () => console.log('up'))`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
      const error = reportError(await preflight(context()));
      expect(error).toMatchObject({
        code: 'port-in-use',
        exitCode: 69,
        message: `port ${rtmp}, which nginx needs for RTMP, is in use by node (pid ${child.pid})`,
        next: `ps -fp ${child.pid}`,
      });
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('may be held by our own nginx, by no other, and a worker that was left behind is recognised', async () => {
    const nginx = await createNginx({ directory: join(directory) });
    [rtmp, http] = [nginx.rtmpPort, nginx.httpPort];
    await nginx.start();
    const master = Number(readFileSync(join(directory, 'nginx.pid'), 'utf8'));
    let worker: number | undefined;
    try {
      expect(result(await preflight(context({ ourNginxPid: master })), 'ports').status).toBe('pass');
      expect(reportError(await preflight(context({ ourNginxPid: 1 })))).toMatchObject({
        code: 'port-in-use',
        message: expect.stringContaining('nginx (pid '),
      });
      process.kill(master, 'SIGKILL');
      await eventually(
        () => existsSync(`/proc/${master}/fd/0`),
        (lives) => !lives,
      );
      const finding = result(await preflight(context({ ourNginxPid: master })), 'ports').findings[0];
      worker = Number(/pid (\d+)/.exec(finding?.what ?? '')?.[1]);
      expect(finding).toMatchObject({ status: 'fail', what: expect.stringContaining('nginx (pid ') });
      if (ports.process.inspect(worker)?.parentPid === 1) expect(finding?.next).toMatch(new RegExp(`kill ${worker}$`));
    } finally {
      if (worker !== undefined) process.kill(worker, 'SIGKILL');
    }
  });
});

describe('HLS folder', () => {
  const check = async (more: Partial<CheckContext> = {}, permissions: 'compat' | 'hardened' = 'compat'): Promise<CheckResult> =>
    result(
      await preflight(
        context({ tools: { ffmpeg: undefined, ffprobe: undefined, nginx: undefined, rtmpModule: undefined }, ...more }, {}, permissions),
      ),
      'hls-directory',
    );

  it('may be made', async () => {
    rmSync(hls, { recursive: true });
    expect(await check()).toMatchObject({ status: 'pass', findings: [{ what: `${hls} can be made` }] });
    expect(existsSync(hls)).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is a file', async () => {
    rmSync(hls, { recursive: true });
    writeFileSync(hls, '');
    expect(await check()).toMatchObject({ status: 'fail', findings: [{ code: 'hls-not-a-folder' }] });
  });

  it('has too narrow a mode, or too wide a one for hardened, or the sticky bit', async () => {
    chmodSync(hls, 0o755);
    expect(await check()).toMatchObject({ status: 'warn', findings: [{ code: 'hls-mode', fixable: true, next: `chmod 777 ${hls}` }] });
    chmodSync(hls, 0o2775);
    expect(await check({}, 'hardened')).toMatchObject({ status: 'pass' });
    chmodSync(hls, 0o2777);
    expect(await check({}, 'hardened')).toMatchObject({ status: 'warn', findings: [{ code: 'hls-mode' }] });
    chmodSync(hls, 0o1777);
    expect(await check({ isRoot: false })).toMatchObject({ status: 'warn', findings: [{ code: 'hls-sticky' }] });
    expect(await check({ isRoot: true })).toMatchObject({ status: 'pass' });
  });

  it('is not writable for us', async () => {
    chmodSync(hls, 0o755);
    const found = await elsewhere(
      isRoot ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : ['env'],
      isRoot ? 0o755 : 0o555,
    );
    if (found === undefined) return;
    expect(found).toMatchObject({
      status: 'fail',
      findings: [
        {
          code: 'hls-not-writable',
          exitCode: 77,
          next: `sudo chmod 777 ${hls}`,
          evidence: expect.arrayContaining([expect.stringContaining(`${hls}: mode`)]),
        },
      ],
    });
  });

  it('cannot be made by us', async () => {
    rmSync(hls, { recursive: true });
    if (!isRoot) chmodSync(directory, 0o555);
    const found = await elsewhere(isRoot ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : ['env']);
    if (!isRoot) chmodSync(directory, 0o755);
    if (found === undefined) return;
    expect(found).toMatchObject({ findings: [{ code: 'hls-not-writable', next: `sudo install -d -m 777 ${hls}` }] });
  });

  it.each([
    [
      'is read-only',
      'mount -t tmpfs -o size=8m,mode=777 none "$1" && mount -o remount,ro "$1"',
      { status: 'fail', findings: [{ code: 'hls-read-only', exitCode: 77 }] },
    ],
    [
      'is full',
      'mount -t tmpfs -o size=8m,mode=777 none "$1" && head -c 8388608 /dev/zero > "$1/filler"',
      { status: 'fail', findings: [{ code: 'hls-full', exitCode: 75 }] },
    ],
    [
      'is nearly full',
      'mount -t tmpfs -o size=64m,mode=777 none "$1" && head -c 65000000 /dev/zero > "$1/filler"',
      { status: 'warn', findings: [{ code: 'hls-nearly-full' }] },
    ],
    [
      'has no inodes left',
      'mount -t tmpfs -o size=8m,mode=777,nr_inodes=20 none "$1" && for n in 1 2 3 4 5 6 7 8 9; do echo > "$1/$n"; done',
      { status: 'fail', findings: [{ code: 'hls-full', what: expect.stringContaining('inodes') }] },
    ],
  ])('%s', async (_title, mount, expected) => {
    const found = await elsewhere(['unshare', '-rm', 'sh', '-c', `{ ${mount}; } || exit 66; shift; exec "$@"`, 'sh', hls]);
    if (found !== undefined) expect(found).toMatchObject(expected);
  });

  /** Runs the check in a child: as another user, or among other mounts. undefined where the machine does not allow that. */
  async function elsewhere(prefix: readonly [string, ...string[]], mode?: number): Promise<CheckResult | undefined> {
    if (mode !== undefined) chmodSync(hls, mode);
    const url = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
    const script = `
      import { hlsDirectoryCheck } from ${url('diagnose/checks/hls-directory.ts')};
      import { runChecks } from ${url('diagnose/runner.ts')};
      import { createPorts } from ${url('platform/ports.ts')};
      const context = JSON.parse(process.argv[1]);
      const report = await runChecks([hlsDirectoryCheck], { ...context, ports: createPorts() });
      console.log(JSON.stringify(report.checks[0]));
    `;
    const { ports: _ports, ...rest } = context({ isRoot: false });
    const [file, ...argv] = prefix;
    const child: ChildProcess = spawn(file, [...argv, process.execPath, '--input-type=module', '-e', script, JSON.stringify(rest)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code === 0) return JSON.parse(stdout) as CheckResult;
    // No user namespaces, or a checkout that other users may not enter.
    if (code === 66 || /unshare|failed to execute|EACCES|Cannot find module/.test(stderr)) {
      console.warn(`skipped: this machine does not allow it (${stderr.trim()})`);
      return undefined;
    }
    throw new Error(stderr);
  }
});

describe('credentials in the list', () => {
  const literal = 'http://joe:s3cret@host/live.ts';

  async function check(mode: number, text: string, streams: readonly StreamConfig[]): Promise<CheckResult> {
    const path = join(directory, 'streams.yaml');
    writeFileSync(path, text);
    chmodSync(path, mode);
    return result(
      await preflight(context({ tools: { ffmpeg: undefined, ffprobe: undefined, nginx: undefined, rtmpModule: undefined } }, { streams })),
      'config-secrets',
    );
  }

  it('are told when everybody can read them, without repeating them', async () => {
    const found = await check(0o644, `source: ${literal}`, [stream('news', literal)]);
    expect(found).toMatchObject({
      status: 'warn',
      findings: [{ code: 'config-readable', next: expect.stringContaining('chmod 640'), evidence: ['mode 644, streams: news'] }],
    });
    expect(JSON.stringify(found)).not.toContain('s3cret');
    expect(
      (await check(0o644, 'Authorization: Bearer abc', [stream('news', 'http://host/x', { headers: { Authorization: 'Bearer abc' } })]))
        .status,
    ).toBe('warn');
  });

  it('are safe in a private file, or behind a reference', async () => {
    expect((await check(0o640, literal, [stream('news', literal)])).status).toBe('pass');
    expect((await check(0o644, 'source: http://joe:${PASS}@host/live.ts', [stream('news', literal)])).status).toBe('pass');
    expect((await check(0o644, 'source: http://host/live.ts', [stream('news', 'http://host/live.ts')])).status).toBe('pass');
  });
});
