// The local runtime: a supervisor process on this host, started on demand, that runs nginx and the jobs.

import { connectControl } from '../control/client.ts';
import { controlProtocol, type ControlClient } from '../control/protocol.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { ExitInfo, Ports } from '../core/ports.ts';
import { keeperMark, type StatePaths } from '../core/state-paths.ts';
import { endKeepers, endLeftovers } from './leftovers.ts';
import type { LogFile, Progress, Stack } from './stack.ts';

const startLimitMs = 30_000;
const originLimitMs = 20_000;
const downLimitMs = 60_000;
const pollMs = 25;
/** While another supervisor holds the lock without a socket: it is coming up, or leaving. */
const lockRetryMs = 250;
/** The keeper exits with this when another supervisor holds the lock. */
const lockHeld = 75;

export interface LocalStackOptions {
  readonly ports: Ports;
  readonly paths: StatePaths;
  readonly version: string;
  /** Absolute path of the list; undefined when none was found. */
  readonly configPath: () => string;
  /** The program and its first arguments that run `iptv` itself. */
  readonly self: readonly [string, ...string[]];
  /** Absolute path of the shell script that starts the supervisor, and starts it again. */
  readonly keeper: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Checks that must pass before a supervisor is started; throws AppError. */
  readonly preflight: (progress: Progress) => Promise<void>;
  /** In the backend container: somebody else starts the supervisor. */
  readonly inside: boolean;
}

export function createLocalStack(options: LocalStackOptions): Stack {
  const { ports, paths } = options;
  const { clock } = ports;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

  async function connect(): Promise<ControlClient | undefined> {
    const client = await connectControl(paths.socket);
    if (client !== undefined && client.hello.protocol !== controlProtocol) throw otherVersion(client);
    return client;
  }

  function otherVersion(client: ControlClient): AppError {
    return new AppError({
      exitCode: ExitCode.tryAgain,
      code: 'other-version',
      message: `the supervisor (pid ${client.hello.pid}) is iptv ${client.hello.version}, this is ${options.version}, and they do not understand each other`,
      next: 'iptv up   # replaces the supervisor; channels play on',
    });
  }

  /** Channels play on while one supervisor takes over from the other. */
  async function replaceOther(progress: Progress): Promise<void> {
    const client = await connectControl(paths.socket);
    if (client === undefined) return;
    const { version, pid, keeper } = client.hello;
    if (version !== options.version) progress(`replacing supervisor ${version} (pid ${pid}) by ${options.version}; channels play on`);
    else if (keeper?.alive === false)
      progress(`nobody would restart supervisor ${pid} (its keeper is gone): replacing it; channels play on`);
    else return;
    await client.shutdown({ jobs: 'keep' });
    await until(async () => (await connectControl(paths.socket)) === undefined, downLimitMs, 'the old supervisor did not leave');
  }

  async function until(done: () => Promise<boolean>, limitMs: number, what: string): Promise<void> {
    const end = clock.monotonic() + limitMs;
    while (!(await done())) {
      if (clock.monotonic() > end) {
        throw new AppError({
          exitCode: ExitCode.tryAgain,
          code: 'timed-out',
          message: `${what} within ${limitMs / 1000} s`,
          next: 'iptv logs backend',
        });
      }
      await wait(pollMs);
    }
  }

  async function start(): Promise<void> {
    const report = `${paths.directory}/start.log`;
    await ports.files.makeDirectory(paths.directory, 0o755);
    await ports.files.truncate(report).catch(() => undefined);
    const [program, ...first] = options.self;
    const env = Object.fromEntries(Object.entries(options.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
    const spawn = () =>
      ports.process.startDaemon({
        file: 'sh',
        argv: [options.keeper, program, ...first, 'supervise', '--json', '--config', options.configPath()],
        env: {
          ...env,
          IPTV_STATE_DIR: paths.directory,
          IPTV_RUNTIME: 'local',
          IPTV_DETACHED: '1',
          [keeperMark]: paths.directory,
          IPTV_WATCHED_LIST: options.configPath(),
          IPTV_KEEPER_SOCKET: paths.socket,
          IPTV_KEEPER_LOG: report,
        },
        cwd: '/',
        stderrPath: report,
      });
    let exit: ExitInfo | undefined;
    const attempt = async (): Promise<void> => {
      exit = undefined;
      const daemon = await spawn();
      daemon.exited.then((info) => (exit = info)).catch(() => undefined);
    };
    await attempt();
    await until(
      async () => {
        if ((await connectControl(paths.socket)) !== undefined) return true;
        if (exit === undefined) return false;
        if (exit.code !== lockHeld) throw await startFailure(report, exit);
        // Two `up` at once: the other one's supervisor is on its way, unless it fails, or an old one is just leaving.
        await wait(lockRetryMs);
        if ((await connectControl(paths.socket)) === undefined) await attempt();
        return false;
      },
      startLimitMs,
      'the supervisor did not come up',
    );
  }

  async function startFailure(report: string, exit: ExitInfo): Promise<AppError> {
    const text = (await ports.files.readText(report)) ?? '';
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const parsed = parseError(lines.at(-1) ?? '');
    return (
      parsed ??
      new AppError({
        exitCode: ExitCode.bug,
        code: 'supervisor-died',
        message: `the supervisor ended at once (${exit.signal ?? `code ${exit.code}`})`,
        evidence: lines.slice(-5),
        next: 'iptv logs backend',
      })
    );
  }

  /** A zombie has ended; in a container without an init nobody ever collects it. */
  function isGone(pid: number): boolean {
    const info = ports.process.inspect(pid);
    return info === undefined || info.state === 'Z';
  }

  async function isLocked(): Promise<boolean> {
    if ((await ports.files.stat(paths.lock)) === undefined) return false;
    const { exitCode } = await ports.process.run('flock', ['-n', '-E', String(lockHeld), paths.lock, 'true'], { timeoutMs: 5000 });
    return exitCode === lockHeld;
  }

  async function ensure(progress: Progress): Promise<ControlClient> {
    const running = await connect();
    if (running !== undefined) return running;
    if (options.inside) {
      throw new AppError({
        exitCode: ExitCode.notRunning,
        code: 'not-running',
        message: 'the supervisor is not up yet in this container',
        next: 'iptv logs backend',
      });
    }
    await options.preflight(progress);
    progress('starting the supervisor');
    await start();
    const client = await connect();
    if (client === undefined)
      throw new AppError({
        exitCode: ExitCode.bug,
        code: 'supervisor-lost',
        message: 'the supervisor vanished',
        next: 'iptv logs backend',
      });
    return client;
  }

  return {
    runtime: options.inside ? 'docker' : 'local',
    connect,
    ensure,
    async up(progress) {
      if (!options.inside) await replaceOther(progress);
      const client = await ensure(progress);
      progress('waiting for nginx');
      await until(
        async () => {
          const { origin } = await client.status([]);
          if (origin.state === 'failed') throw originFailed(origin.lastFailure?.message ?? 'nginx does not start');
          return origin.answers;
        },
        originLimitMs,
        'nginx did not answer',
      );
    },
    async down(progress) {
      let client = await connectControl(paths.socket);
      if (client === undefined && (await isLocked())) {
        progress('waiting for the supervisor that is coming up or leaving');
        await until(
          async () => (client = await connectControl(paths.socket)) !== undefined || !(await isLocked()),
          startLimitMs,
          'the supervisor did not answer',
        );
      }
      if (client === undefined) {
        // Jobs outlive their supervisor, but not `down`.
        progress('no supervisor: looking for what it may have left behind');
        return endLeftovers(ports, paths);
      }
      const { pid, keeper } = client.hello;
      progress('stopping jobs, nginx and the supervisor');
      // One that another `up` at the same time has left would take the lock as soon as it is free.
      await endKeepers(ports, paths, keeper?.pid);
      await client.shutdown({ jobs: 'stop' });
      await until(async () => isGone(pid) && (keeper?.alive !== true || isGone(keeper.pid)), downLimitMs, 'the supervisor did not end');
      return true;
    },
    async logFiles() {
      const names = await ports.files.list(paths.logs);
      return names
        .filter((name) => name.endsWith('.log'))
        .sort()
        .map((name): LogFile => ({ name: name.slice(0, -4), path: `${paths.logs}/${name}` }));
    },
  };
}

function originFailed(message: string): AppError {
  return new AppError({ exitCode: ExitCode.unavailable, code: 'nginx-failed', message, next: 'iptv logs nginx-rtmp' });
}

/** The supervisor's own error, printed as JSON on stderr. */
function parseError(line: string): AppError | undefined {
  try {
    const value = JSON.parse(line) as { error?: Record<string, unknown> } & Record<string, unknown>;
    const body = (value.error ?? value) as {
      code?: string;
      exitCode?: number;
      message?: string;
      next?: string | null;
      evidence?: string[];
    };
    if (body.message === undefined) return undefined;
    return new AppError({
      exitCode: (body.exitCode ?? ExitCode.bug) as ExitCode,
      code: body.code ?? 'supervisor-failed',
      message: body.message,
      evidence: body.evidence ?? [],
      ...(typeof body.next === 'string' ? { next: body.next } : {}),
    });
  } catch {
    return undefined;
  }
}
