// What every part needs: a scratch folder, words on stderr, and an end that comes early when the user says so.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createStack, type StackOptions, type TestStack } from '../helpers/stack.ts';

export interface Session {
  readonly quick: boolean;
  readonly directory: string;
  say(text: string): void;
  /** Throws once the user has interrupted; called before anything is started. */
  check(): void;
  sleep(delayMs: number): Promise<void>;
  /** Asks again and again; fails after the limit. */
  until(what: string, holds: () => Promise<boolean>, pace: { readonly everyMs: number; readonly limitMs: number }): Promise<void>;
}

/** Whatever happens in `work`, the scratch folder goes. */
export async function withSession<T>(quick: boolean, signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'iptv-bench-'));
  const sleep = (delayMs: number): Promise<void> =>
    new Promise((done, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        done();
      }, delayMs);
      signal.addEventListener('abort', stop, { once: true });
    });
  const session: Session = {
    quick,
    directory,
    say: (text) => process.stderr.write(`${text}\n`),
    check: () => signal.throwIfAborted(),
    sleep,
    async until(what, holds, pace) {
      const end = performance.now() + pace.limitMs;
      while (!(await holds())) {
        if (performance.now() > end) throw new Error(`not within ${pace.limitMs / 1000} s: ${what}`);
        await sleep(pace.everyMs);
      }
    },
  };
  try {
    return await work(session);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A stack that is up (supervisor, nginx) and that is gone afterwards, whatever happened in between. */
export async function withStack<T>(session: Session, options: StackOptions, work: (stack: TestStack) => Promise<T>): Promise<T> {
  session.check();
  const stack = await createStack(options);
  try {
    await iptv(session, stack, 'up');
    return await work(stack);
  } finally {
    await stack.close();
  }
}

export async function iptv(session: Session, stack: TestStack, ...argv: string[]): Promise<void> {
  session.check();
  const { code, stderr } = await stack.iptv(...argv);
  session.check();
  if (code !== 0) throw new Error(`iptv ${argv.join(' ')} ended with ${code}: ${stderr}`);
}

export interface SourceShape {
  readonly name: string;
  readonly size: string;
  readonly fps: number;
  readonly seconds: number;
  readonly videoBitrate: string;
  readonly audioBitrate: string;
}

/** H.264 and AAC (ADTS) in MPEG-TS with a key frame every 2 s: what most IPTV is, and what copies into both legs. */
export function makeSource(session: Session, shape: SourceShape): string {
  const path = join(session.directory, `${shape.name}.ts`);
  const { size, fps, seconds } = shape;
  const inputs = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'];
  const gop = String(2 * fps);
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-b:v',
    shape.videoBitrate,
    '-g',
    gop,
    '-keyint_min',
    gop,
    '-sc_threshold',
    '0',
  ];
  const audio = ['-c:a', 'aac', '-b:a', shape.audioBitrate];
  session.check();
  const made = spawnSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...inputs, '-t', String(seconds), ...video, ...audio, path], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`ffmpeg could not make the source: ${made.stderr}`);
  return path;
}

/** One entry of streams.yaml. */
export function entry(id: string, source: string): string {
  return `  - id: ${id}\n    source: ${source}`;
}
