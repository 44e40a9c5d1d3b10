// Runs planned jobs with the ffmpeg of this machine, or with the one of Debian 13 in a container.

import { execFile, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FfmpegFacts } from '../../src/core/facts.ts';
import { ffmpegQueries, parseFfmpegFacts, type FfmpegAnswer, type FfmpegQueryName } from '../../src/observe/ffmpeg-facts.ts';

export interface FfmpegRunner {
  readonly name: string;
  readonly facts: () => Promise<FfmpegFacts>;
  /** stderr and progress go to files in `directory`, as in service. */
  start(argv: readonly string[], directory: string): RunningJob;
}

export interface RunningJob {
  readonly stderr: () => Promise<string>;
  readonly progress: () => Promise<string>;
  readonly ended: Promise<{ code: number | undefined; signal: string | undefined }>;
  readonly isAlive: () => boolean;
  /** SIGTERM, then SIGKILL after 5 s; milliseconds until it was gone. */
  stop(): Promise<number>;
}

/** Turns a command for ffmpeg into the command that is really started. */
type Wrap = (argv: readonly string[]) => {
  readonly file: string;
  readonly argv: readonly string[];
  readonly kill?: (signal: NodeJS.Signals) => void;
};

export const hostFfmpeg: FfmpegRunner = createRunner('host', (argv) => ({ file: 'ffmpeg', argv }));

const image = 'iptv-test-ffmpeg71';

/** undefined where no Docker engine answers. Builds the image on first use, which takes a minute. */
export function containerFfmpeg(): FfmpegRunner | undefined {
  if (spawnSync('docker', ['version'], { stdio: 'ignore', timeout: 10_000 }).status !== 0) return undefined;
  if (spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' }).status !== 0) {
    const dockerfile =
      'FROM debian:trixie-slim\nRUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*\n';
    const built = spawnSync('docker', ['build', '-q', '-t', image, '-'], {
      input: dockerfile,
      stdio: ['pipe', 'ignore', 'inherit'],
      timeout: 600_000,
    });
    if (built.status !== 0) return undefined;
  }
  let count = 0;
  return createRunner('Debian 13 container', (argv) => {
    count += 1;
    const name = `${image}-${process.pid}-${count}`;
    // What it writes must be removable afterwards.
    const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
    const folders = ['-v', `${tmpdir()}:${tmpdir()}`];
    // The container has no descriptor 3, so the progress file is opened inside.
    const shell = ['sh', '-c', 'if [ -n "$PROGRESS" ]; then exec ffmpeg "$@" 3>>"$PROGRESS"; fi; exec ffmpeg "$@"', 'sh'];
    return {
      file: 'docker',
      argv: [
        'run',
        '--rm',
        '--init',
        '--name',
        name,
        '--user',
        user,
        '--network',
        'host',
        '-e',
        'PROGRESS',
        ...folders,
        image,
        ...shell,
        ...argv,
      ],
      kill: (signal) => void spawnSync('docker', ['kill', '-s', signal, name], { stdio: 'ignore' }),
    };
  });
}

function createRunner(name: string, wrap: Wrap): FfmpegRunner {
  let known: Promise<FfmpegFacts> | undefined;
  return {
    name,
    facts: () => (known ??= askFacts(wrap)),
    start(argv, directory) {
      const command = wrap(argv);
      const paths = { stderr: join(directory, 'job.stderr'), progress: join(directory, 'job.progress') };
      const stderr = openSync(paths.stderr, 'a');
      const progress = openSync(paths.progress, 'a');
      const child = spawn(command.file, [...command.argv], {
        stdio: ['ignore', stderr, stderr, progress],
        env: { ...process.env, PROGRESS: paths.progress, TZ: 'UTC' },
      });
      closeSync(stderr);
      closeSync(progress);
      const ended = new Promise<{ code: number | undefined; signal: string | undefined }>((resolve) => {
        child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
        child.once('error', () => resolve({ code: undefined, signal: undefined }));
      });
      const kill = command.kill ?? ((signal: NodeJS.Signals) => void child.kill(signal));
      const isAlive = (): boolean => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
      return {
        stderr: () => readFile(paths.stderr, 'utf8'),
        progress: () => readFile(paths.progress, 'utf8'),
        ended,
        isAlive,
        async stop() {
          const began = performance.now();
          if (isAlive()) kill('SIGTERM');
          const timer = setTimeout(() => kill('SIGKILL'), 30_000);
          await ended;
          clearTimeout(timer);
          return performance.now() - began;
        },
      };
    },
  };
}

async function askFacts(wrap: Wrap): Promise<FfmpegFacts> {
  const ask = (argv: readonly string[]): Promise<FfmpegAnswer> => {
    const command = wrap(argv);
    return new Promise((resolve) => {
      execFile(command.file, [...command.argv], { maxBuffer: 8 * 1024 * 1024 }, (error, stdout) =>
        resolve({ stdout, succeeded: error === null }),
      );
    });
  };
  const answers = await Promise.all(ffmpegQueries.map(async ({ name, argv }) => [name, await ask(argv)] as const));
  return parseFfmpegFacts('ffmpeg', Object.fromEntries(answers) as Record<FfmpegQueryName, FfmpegAnswer>);
}
