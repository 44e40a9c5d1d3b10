// A whole local stack in a temp folder, driven through bin/iptv.js as a user would.

import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { StatusDocument, StreamStatus } from '../../src/core/status.ts';
import { freePorts } from './free-port.ts';

const repository = resolve(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestStack {
  readonly directory: string;
  readonly hls: string;
  readonly state: string;
  readonly ports: { readonly rtmp: number; readonly http: number };
  readonly url: string;
  readonly iptv: (...argv: string[]) => Promise<Ran>;
  status(): Promise<StatusDocument>;
  stream(id: string): Promise<StreamStatus>;
  /** Writes streams.yaml; `streams` is YAML, one list item or more, indented by two. */
  list(streams: string): void;
  log(name: string): string;
  /** Kills keeper and supervisor, as a machine short of memory may: nobody starts it again. Jobs and nginx go on. */
  loseSupervisor(): Promise<void>;
  /** Pids of living jobs, by their environment marks. */
  jobs(id?: string): readonly number[];
  close(): Promise<void>;
}

export interface StackOptions {
  readonly streams: string;
  /** Lines of the section `server`, indented by two; asked for at each `list`. */
  readonly server?: string | (() => string);
  readonly fakeFfmpeg?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export async function createStack(options: StackOptions): Promise<TestStack> {
  const directory = mkdtempSync(join(tmpdir(), 'iptv-test-'));
  chmodSync(directory, 0o755);
  const [rtmp, http] = await freePorts();
  const hls = join(directory, 'hls');
  const state = join(directory, 'state');
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  if (options.fakeFfmpeg === true) symlinkSync(join(repository, 'tests/fixtures/fake-ffmpeg.mjs'), join(bin, 'ffmpeg'));

  const env: Record<string, string> = {
    PATH: `${bin}:${join(repository, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    HOME: directory,
    IPTV_STATE_DIR: state,
    IPTV_RUNTIME: 'local',
    IPTV_CONFIG: join(directory, 'streams.yaml'),
    ...options.env,
  };

  const list = (streams: string): void => {
    const server = typeof options.server === 'function' ? options.server() : (options.server ?? '');
    const text = [
      'version: 1',
      'server:',
      '  runtime: local',
      `  hlsDirectory: ${hls}`,
      '  ports:',
      `    rtmp: ${rtmp}`,
      `    public: ${http}`,
      ...(server === '' ? [] : [server]),
      'streams:',
      streams,
      '',
    ].join('\n');
    writeFileSync(join(directory, 'streams.yaml'), text);
  };
  list(options.streams);

  const iptv = (...argv: string[]): Promise<Ran> => run(process.execPath, [join(repository, 'bin/iptv.js'), ...argv], env, directory);

  const stack: TestStack = {
    directory,
    hls,
    state,
    ports: { rtmp, http },
    url: `http://127.0.0.1:${http}`,
    iptv,
    async status() {
      const ran = await iptv('status', '--json');
      if (ran.stdout === '') throw new Error(`status failed (${ran.code}): ${ran.stderr}`);
      return JSON.parse(ran.stdout) as StatusDocument;
    },
    async stream(id) {
      const found = (await stack.status()).streams.find((stream) => stream.id === id);
      if (found === undefined) throw new Error(`no stream ${id}`);
      return found;
    },
    list,
    log: (name) => {
      const path = join(state, 'logs', `${name}.log`);
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    },
    async loseSupervisor() {
      for (const pid of keeperPids(state)) kill(pid);
      const lost = supervisorPids(state);
      for (const pid of lost) kill(pid);
      await eventually('keeper and supervisor are gone', () => [...keeperPids(state), ...lost].every((pid) => !isRunning(pid)));
    },
    jobs: (id) => markedPids(state, id),
    async close() {
      await iptv('down').catch(() => undefined);
      for (const pid of [...keeperPids(state), ...supervisorPids(state), ...markedPids(state)]) kill(pid);
      // nginx overwrites its environment with its title, so it is found by its record; the whole group goes.
      const record = join(state, 'jobs/nginx-rtmp.json');
      if (existsSync(record)) kill(-(JSON.parse(readFileSync(record, 'utf8')) as { pid: number }).pid);
      await new Promise((done) => setTimeout(done, 100));
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return stack;
}

export function run(file: string, argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<Ran> {
  return new Promise((done, reject) => {
    const child = spawn(file, argv, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}

/** Waits for an event, not for a time: the limit only keeps a broken test from hanging. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 60_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  let last: Error | undefined;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error instanceof Error ? error : new Error('not an error');
    }
    if (Date.now() > end) throw new Error(`never happened: ${what}${last === undefined ? '' : ` (${last.message})`}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

export function isRunning(pid: number): boolean {
  const stat = readProc(pid, 'stat');
  return stat !== '' && !/\) [ZX] /.test(stat);
}

function markedPids(state: string, id?: string): readonly number[] {
  return pids().filter((pid) => {
    const environ = readProc(pid, 'environ').split('\0');
    return environ.includes(`IPTV_JOB_STATE=${state}`) && isRunning(pid) && (id === undefined || environ.includes(`IPTV_JOB=${id}`));
  });
}

export function supervisorPids(state: string): readonly number[] {
  return pids().filter((pid) => {
    const environ = readProc(pid, 'environ').split('\0');
    const command = readProc(pid, 'cmdline');
    return environ.includes(`IPTV_STATE_DIR=${state}`) && command.includes('\0supervise\0') && !command.includes('keep-supervisor.sh');
  });
}

/** Without flock(1), which has the same words for a moment, or for as long as it waits for the lock. */
export function onlySupervisors(state: string): readonly number[] {
  return supervisorPids(state).filter((pid) => readProc(pid, 'comm') !== 'flock\n');
}

/** The keeper and its short-lived forks. */
export function keeperPids(state: string): readonly number[] {
  return pids().filter((pid) => readProc(pid, 'environ').split('\0').includes(`IPTV_KEEPER_STATE=${state}`) && isRunning(pid));
}

/** Never 0, which kill(2) takes for the whole group of the test itself. */
export function kill(pid: number | null | undefined, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (typeof pid !== 'number' || !Number.isInteger(pid) || Math.abs(pid) <= 1) throw new Error(`no process to kill: pid ${pid}`);
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
