// Facts that several checks need, each read once and only if somebody asks.

import type { FfmpegFacts } from '../core/facts.ts';
import type { RunResult } from '../core/ports.ts';
import { ffmpegQueries, parseFfmpegFacts, type FfmpegAnswer, type FfmpegQueryName } from '../observe/ffmpeg-facts.ts';
import type { CheckContext } from './context.ts';

export interface Facts {
  /** `ffmpeg -version`; undefined when no ffmpeg was found. */
  readonly ffmpegVersion: () => Promise<RunResult | undefined>;
  /** undefined when ffmpeg does not run. */
  readonly ffmpeg: () => Promise<FfmpegFacts | undefined>;
}

const askTimeoutMs = 15_000;
/** The rest (options, filters) matters for plans only, and takes as long again. */
export const askedOfFfmpeg: ReadonlySet<FfmpegQueryName> = new Set(['version', 'protocols', 'formats', 'encoders']);

export function createFacts(context: CheckContext): Facts {
  const path = context.tools?.ffmpeg;
  return {
    ffmpegVersion: once(async () =>
      path === undefined ? undefined : context.ports.process.run(path, ['-hide_banner', '-version'], { timeoutMs: askTimeoutMs }),
    ),
    ffmpeg: once(async () => (path === undefined ? undefined : (context.readFfmpegFacts?.(path) ?? askFfmpeg(context, path)))),
  };
}

async function askFfmpeg(context: CheckContext, path: string): Promise<FfmpegFacts | undefined> {
  const answers: Partial<Record<FfmpegQueryName, FfmpegAnswer>> = {};
  await Promise.all(
    ffmpegQueries
      .filter(({ name }) => askedOfFfmpeg.has(name))
      .map(async ({ name, argv }) => {
        const result = await context.ports.process.run(path, argv, { timeoutMs: askTimeoutMs });
        answers[name] = { stdout: result.stdout, succeeded: result.exitCode === 0 };
      }),
  );
  return answers.version?.succeeded === true ? parseFfmpegFacts(path, answers) : undefined;
}

export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= read());
}
