// bin/iptv.js itself: the version at once, the right Node, a build that is missing.

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { build, ended, program, repository } from '../helpers/cli.ts';

const version = (JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string }).version;
const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find(isOld);
let elsewhere = '';

beforeAll(() => {
  build();
  elsewhere = mkdtempSync(join(tmpdir(), 'iptv-launcher-'));
  mkdirSync(join(elsewhere, 'bin'));
  cpSync(program, join(elsewhere, 'bin/iptv.js'));
  cpSync(join(repository, 'package.json'), join(elsewhere, 'package.json'));
});

afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

function isOld(file: string): boolean {
  if (!existsSync(file)) return false;
  const [major = 0, minor = 0] = spawnSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.split('.').map(Number);
  return major < 22 || (major === 22 && minor < 12);
}

function run(node: string, script: string, ...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(node, [script, ...argv], {
    encoding: 'utf8',
    cwd: elsewhere,
    env: { PATH: process.env['PATH'], HOME: elsewhere },
  });
  return { status, stdout, stderr };
}

describe('the launcher', () => {
  it.each(['--version', '-V'])('answers %s without the rest of the program', (flag) => {
    expect(run(process.execPath, join(elsewhere, 'bin/iptv.js'), flag)).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect(run(process.execPath, program, '--json', flag).stdout).toBe(`${version}\n`);
  });

  it('says how to build what is not built', () => {
    expect(run(process.execPath, join(elsewhere, 'bin/iptv.js'), 'list')).toEqual({
      status: 69,
      stdout: '',
      stderr: 'iptv is not built yet: npm run build\n',
    });
  });

  it('is short, and old syntax that Node 12 can read', () => {
    const text = readFileSync(program, 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
    const code = text.replace(/\/\/.*|'[^']*'/g, '');
    expect(code).not.toMatch(/=>|\?\?|\?\.|`|\b(?:const|let|async|await|class)\b|node:/);
  });
});

describe.skipIf(oldNode === undefined)('a Node that is too old', () => {
  const old = oldNode ?? '';

  it('is told in one line', () => {
    const { status, stdout, stderr } = run(old, join(elsewhere, 'bin/iptv.js'), 'list');
    expect([status, stdout]).toEqual([69, '']);
    expect(stderr).toMatch(/^iptv needs Node 22\.12 or newer, this is v\d+\.\d+\.\d+: .+\n$/);
  });

  it('still knows the version', () => {
    expect(run(old, join(elsewhere, 'bin/iptv.js'), '--version').stdout).toBe(`${version}\n`);
  });

  it('inside the checkout gives way to the one that came with it, exit code and all', () => {
    expect(run(old, program, '--help')).toMatchObject({ status: 0, stderr: '' });
    expect(run(old, program, 'wat').status).toBe(2);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('passes %s on', async (signal, code) => {
    const logs = join(elsewhere, 'state/logs');
    mkdirSync(logs, { recursive: true });
    cpSync(program, join(logs, 'backend.log'));
    const child = spawn(old, [program, 'logs', 'backend', '-f'], {
      cwd: elsewhere,
      env: { PATH: process.env['PATH'], HOME: elsewhere, IPTV_RUNTIME: 'local', IPTV_STATE_DIR: join(elsewhere, 'state') },
    });
    const done = ended(child);
    await new Promise((ready) => child.stdout.once('data', ready));
    child.kill(signal);
    expect(await done).toMatchObject({ code, signal: null, stderr: '' });
  });
});
