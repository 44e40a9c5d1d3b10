// The published package: holds what is needed and nothing else, and works from an empty folder.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
let scratch = '';
let folder = '';
let packed: readonly string[] = [];

/** Without what an outer `npm test` says about itself, which would point the inner npm at the checkout. */
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:npm_(?:package|lifecycle|command|config_local_prefix|execpath)|INIT_CWD|IPTV_)/.test(name),
    ),
  ),
  NO_COLOR: '1',
  npm_config_loglevel: 'error',
};

function run(
  file: string,
  argv: readonly string[],
  cwd: string,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(file, argv, {
    cwd,
    env: { ...env, HOME: scratch, npm_config_userconfig: join(process.env['HOME'] ?? '', '.npmrc'), npm_config_cache: npmCache },
    encoding: 'utf8',
  });
}

const npmCache = spawnSync('npm', ['config', 'get', 'cache'], { cwd: root, encoding: 'utf8' }).stdout.trim();

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'iptv-package-'));
  folder = join(scratch, 'empty');
  mkdirSync(folder);
  // dist/ is built already, by the test runner.
  const result = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], root);
  expect(result.stderr).toBe('');
  const [report] = JSON.parse(result.stdout) as [{ filename: string; files: readonly { path: string }[] }];
  packed = report.files.map((file) => file.path);
  const installed = run(
    'npm',
    ['install', join(scratch, report.filename), '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'],
    folder,
  );
  expect(installed).toMatchObject({ status: 0 });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds only what is needed', () => {
    const wanted =
      /^(?:\.dockerignore$|bin\/|dist\/|docker\/|docs\/(?:streams\.schema\.json|doctor\.md)$|streams\.yaml$|README\.md$|package\.json$|LICENSE$)/;
    expect(packed.filter((path) => !wanted.test(path))).toEqual([]);
    expect(packed.filter((path) => /\.(?:ts|map|tsbuildinfo)$|\.test\.|\.env/.test(path))).toEqual([]);
  });

  it('holds all that is needed', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        'bin/iptv.js',
        'bin/keep-supervisor.sh',
        'dist/main.js',
        '.dockerignore',
        'docs/streams.schema.json',
        'streams.yaml',
        'README.md',
        'package.json',
        'docker/docker-compose.yml',
      ]),
    );
  });
});

describe('installed in an empty folder', () => {
  it('brings no development dependency', () => {
    expect(existsSync(join(folder, 'node_modules/commander'))).toBe(true);
    for (const name of ['vitest', 'typescript', 'node', 'oxlint']) expect(existsSync(join(folder, 'node_modules', name))).toBe(false);
  });

  it('says its version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const result = run('npx', ['iptv', '--version'], folder);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout.trim()).toContain(version);
  });

  it('makes a stream list and finds it valid', () => {
    expect(run('npx', ['iptv', 'init'], folder)).toMatchObject({ status: 0 });
    expect(existsSync(join(folder, 'streams.yaml'))).toBe(true);
    expect(run('npx', ['iptv', 'validate'], folder)).toMatchObject({ status: 0 });
  });
});
