// bin/iptv.js as a user runs it, in a folder and a home of its own.

import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const repository = resolve(import.meta.dirname, '../..');
export const program = join(repository, 'bin/iptv.js');

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Home {
  readonly directory: string;
  readonly state: string;
  readonly env: Readonly<Record<string, string>>;
  write(name: string, text: string): string;
  iptv(...argv: string[]): Promise<Ran>;
  iptvWith(env: Readonly<Record<string, string>>, ...argv: string[]): Promise<Ran>;
  start(
    argv: readonly string[],
    more?: { readonly env?: Readonly<Record<string, string>>; readonly node?: readonly string[] },
  ): ChildProcessWithoutNullStreams;
  /** Both streams on a terminal of its own; `keys` are typed after they were waited for. */
  onTerminal(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  close(): void;
}

/** Tests run what was compiled from the present sources. */
export function build(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(repository, 'tests/tools/build.ts')], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed\n${stdout}${stderr}`);
}

export function createHome(): Home {
  const directory = mkdtempSync(join(tmpdir(), 'iptv-cli-'));
  const state = join(directory, 'state');
  mkdirSync(join(state, 'logs'), { recursive: true });
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory, IPTV_STATE_DIR: state, IPTV_RUNTIME: 'local', TERM: 'xterm-256color' };

  const home: Home = {
    directory,
    state,
    env,
    write(name, text) {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    },
    iptv: (...argv) => home.iptvWith({}, ...argv),
    iptvWith: (more, ...argv) => ended(home.start(argv, { env: more })),
    start: (argv, more = {}) =>
      spawn(process.execPath, [...(more.node ?? []), program, ...argv], { cwd: directory, env: { ...env, ...more.env } }),
    onTerminal(argv, more = {}) {
      const words = [process.execPath, program, ...argv].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
      return ended(
        spawn('/usr/bin/script', ['--quiet', '--return', '--command', `stty cols 120 rows 30; ${words}`, '/dev/null'], {
          cwd: directory,
          env: { ...env, ...more },
        }),
      );
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
  return home;
}

export function ended(child: ChildProcessWithoutNullStreams): Promise<Ran> {
  return new Promise((done, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
}

/** Resolves with everything printed so far once `text` is in it. */
export function printed(child: ChildProcessWithoutNullStreams, text: string): Promise<string> {
  return new Promise((done, reject) => {
    let seen = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      seen += more;
      if (seen.includes(text)) done(seen);
    });
    child.once('close', () => reject(new Error(`ended without printing ${JSON.stringify(text)}: ${seen}`)));
  });
}

export const goodList = `version: 1
streams:
  - id: news
    name: News
    source: test:?size=320x180
    tags: [hd]
  - id: sport
    source: https://me:hunter2@tv.example.com/live/index.m3u8
    enabled: false
`;
