// Commands that talk to a supervisor, over a real socket, with scripted answers.

import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startControlServer, type ControlServer } from '../../src/control/server.ts';
import type { OrderRequest } from '../../src/control/protocol.ts';
import { AppError } from '../../src/core/errors.ts';
import { ExitCode } from '../../src/core/exit-codes.ts';
import type { StreamStatus } from '../../src/core/status.ts';
import { documentOf, statusOf } from '../fakes/command-context.ts';
import { build, createHome, ended, goodList, printed, repository, type Home } from '../helpers/cli.ts';

const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
const failure = {
  cause: 'refused',
  message: 'the source answered 403 Forbidden',
  at: '2026-01-01T00:00:00Z',
  evidence: ['HTTP error 403 Forbidden'],
};
const noWait = { env: { CI: '' } };

let home: Home;
let server: ControlServer;
let orders: OrderRequest[];
/** Answers one after another; the last one stays. */
let answers: (readonly StreamStatus[])[];

beforeAll(() => {
  build();
  home = createHome();
  home.write('streams.yaml', goodList);
});

afterAll(() => home.close());

beforeEach(async () => {
  orders = [];
  answers = [[statusOf('news'), statusOf('sport', { state: 'failed', stage: 'none', lastFailure: failure })]];
  server = await startControlServer(join(home.state, 'control.sock'), {
    hello: () => ({
      name: 'iptv',
      protocol: 1,
      version,
      pid: process.pid,
      startedAt: '',
      runtime: 'local',
      configPath: '',
      stateDirectory: home.state,
    }),
    status(ids) {
      const streams = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
      const unknown = ids?.find((id) => !streams.some((stream) => stream.id === id));
      if (unknown !== undefined)
        throw new AppError({
          exitCode: ExitCode.noSuchStream,
          code: 'no-such-stream',
          message: `no stream "${unknown}"`,
          next: 'iptv list',
        });
      return documentOf(streams.filter((stream) => ids === undefined || ids.includes(stream.id)));
    },
    async order(request) {
      orders.push(request);
      return { ids: request.ids ?? ['news'], notes: [] };
    },
    reload: async () => ({ schemaVersion: 1, path: '', changes: [], server: [] }),
    diff: async () => ({ schemaVersion: 1, path: '', changes: [], server: [] }),
    markApplied: () => undefined,
    rollback: () => false,
    shutdown: () => undefined,
    failover: () => Promise.reject(new Error('not asked')),
    force: () => Promise.reject(new Error('not asked')),
    probe: () => Promise.reject(new Error('not asked')),
  });
});

afterEach(async () => {
  await server.close();
  rmSync(join(home.state, 'control.sock'), { force: true });
});

describe('status', () => {
  it.each([
    [['status'], 0],
    [['status', 'news'], 0],
    [['status', 'news', 'sport'], 3],
    [['status', 'film'], 4],
    [['status', 'film', '--json'], 4],
    [['is-healthy'], 3],
    [['is-healthy', 'news'], 0],
  ])('%j ends with %d', async (argv, code) => {
    expect((await home.iptv(...argv)).code).toBe(code);
  });

  it("is the supervisor's document with --json", async () => {
    const { stdout, stderr } = await home.iptv('status', '--json');
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(documentOf(answers[0] ?? []))));
    expect(stderr).toBe('');
  });

  it('is a table on a terminal, and its words stand without colour', async () => {
    const { stdout } = await home.onTerminal(['status']);
    const lines = stripVTControlCharacters(stdout).split('\r\n');
    expect(lines[0]).toMatch(/^ID +STATE +UPTIME +RESTARTS +PRIMARY +BACKUP +BITRATE +URL$/);
    expect(lines[1]).toMatch(/^news +● running +1h 2m +2 +1\.2s +0\.4s +2\.4 Mb\/s +http:\/\/localhost:8088\/live\/news\/index\.m3u8$/);
    expect(lines[2]).toMatch(/^sport +✗ failed /);
    expect(stdout).toContain('403 Forbidden');
  });

  it('loads nothing but what asking takes', async () => {
    const hook = home.write(
      'hook.mjs',
      "import { registerHooks } from 'node:module';\nregisterHooks({ resolve(name, context, next) { const found = next(name, context); process.stderr.write(`${found.url}\\n`); return found; } });\n",
    );
    const { code, stderr } = await ended(home.start(['status', '--json'], { node: ['--import', hook] }));
    expect(code).toBe(0);
    const loaded = [...new Set(stderr.split('\n').filter((url) => url.startsWith('file:')))];
    expect(loaded.some((url) => url.endsWith('/dist/commands/status.js'))).toBe(true);
    expect(loaded.filter((url) => /\/node_modules\/|\/dist\/(?:config|plan|run|platform|diagnose)\//.test(url))).toEqual([]);
    expect(loaded.length).toBeLessThan(25);
    // Importing it as a module costs more than all the rest: its getters load the fetch stack.
    expect(stderr).not.toMatch(/^node:https?$/m);
  });
});

describe('status --watch', () => {
  it('ends with 130 on Ctrl-C, quietly', async () => {
    const child = home.start(['status', '--watch']);
    const done = ended(child);
    await printed(child, 'news\trunning');
    child.kill('SIGINT');
    expect(await done).toMatchObject({ code: 130, signal: null, stderr: '' });
  });

  it('appends one document per line with --json', async () => {
    const child = home.start(['status', '--watch', '--json']);
    const done = ended(child);
    await printed(child, '\n{');
    child.kill('SIGTERM');
    const { code, stdout } = await done;
    expect(code).toBe(143);
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ schemaVersion: 1 });
  });
});

describe('start --wait', () => {
  const stages = (['queued', 'opening-source', 'first-segment', 'http'] as const).map((stage) => [
    statusOf('news', { state: 'starting', stage }),
  ]);

  it('returns when a viewer could play it, and says where', async () => {
    answers = [...stages, [statusOf('news')]];
    expect(await home.iptv('start', 'news', '--wait')).toEqual({
      code: 0,
      signal: null,
      stdout: 'news\tplayable\thttp://localhost:8088/live/news/index.m3u8\n',
      stderr: 'starting news\n',
    });
    expect(orders).toEqual([{ action: 'start', ids: ['news'] }]);
  });

  it('waits by itself on a terminal, with a line that moves and gives the cursor back', async () => {
    answers = [...stages, [statusOf('news')]];
    const { code, stdout } = await home.onTerminal(['start', 'news']);
    expect(code).toBe(0);
    expect(stdout).toContain('news: opening source');
    expect(stripVTControlCharacters(stdout)).toContain('✓ news  playable  http://localhost:8088/live/news/index.m3u8');
    expect(stdout.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001B[?25l'));
  });

  it('does not move in CI', async () => {
    answers = [...stages, [statusOf('news')]];
    expect((await home.onTerminal(['start', 'news'], { CI: '1' })).stdout).not.toContain('opening source');
  });

  it('ends with 75 and names the laggard', async () => {
    answers = [[statusOf('news', { state: 'backing-off', stage: 'none', nextRetrySeconds: 9, lastFailure: failure })]];
    const { code, stdout, stderr } = await home.iptv('start', 'news', '--wait', '--timeout', '400ms');
    expect([code, stdout]).toEqual([75, '']);
    expect(stderr).toContain('error: news is not playable after 0.4 s\n   news: the source answered 403 Forbidden; trying again in 9s\n');
    expect(stderr).toMatch(/\n +HTTP error 403 Forbidden\nnext: iptv logs news\n$/);
  });

  it('ends at once with 1 when the stream failed', async () => {
    answers = [[statusOf('news', { state: 'failed', stage: 'none', lastFailure: failure })]];
    const { code, stderr } = await home.iptv('start', 'news', '--wait', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'stream-failed', exitCode: 1 });
  });

  it('ends on Ctrl-C with 130; the order stands', async () => {
    answers = [[statusOf('news', { state: 'starting', stage: 'opening-source' })]];
    const child = home.start(['start', 'news', '--wait'], noWait);
    const done = ended(child);
    await expect.poll(() => orders.length, { timeout: 60_000 }).toBe(1);
    child.kill('SIGINT');
    expect(await done).toMatchObject({ code: 130, stdout: '' });
  });
});

describe('a supervisor that does not answer', () => {
  it('is left alone by a second Ctrl-C', async () => {
    await server.close();
    // The first question is never answered, so the command cannot notice the first Ctrl-C.
    const silent = createServer(() => undefined);
    await new Promise<void>((done) => silent.listen(join(home.state, 'control.sock'), done));
    const child = home.start(['status']);
    const done = ended(child);
    const [connection] = (await once(silent, 'connection')) as [Socket];
    child.kill('SIGINT');
    await new Promise((later) => setTimeout(later, 200));
    expect(child.exitCode).toBeNull();
    const from = performance.now();
    child.kill('SIGINT');
    expect(await done).toMatchObject({ code: 130, stdout: '', stderr: '' });
    expect(performance.now() - from).toBeLessThan(4_000);
    connection.destroy();
    silent.close();
  });
});
