// Asks ffmpeg what it can do, once for each binary: asking costs half a second, remembering costs a file.

import type { FfmpegFacts } from '../core/facts.ts';
import type { Ports } from '../core/ports.ts';
import { tryEncoders } from './encoder-trials.ts';
import { ffmpegQueries, parseFfmpegFacts, type FfmpegAnswer, type FfmpegQueryName } from '../observe/ffmpeg-facts.ts';

const queryTimeoutMs = 20_000;
const cacheVersion = 3;

/** undefined when the program cannot be run. A new binary (path, size or time differ) is asked again. */
export async function readFfmpegFacts(ports: Ports, ffmpegPath: string, cachePath: string | undefined): Promise<FfmpegFacts | undefined> {
  const stat = await ports.files.stat(ffmpegPath);
  if (stat === undefined) return undefined;
  const key = `${cacheVersion} ${ffmpegPath} ${stat.size} ${stat.mtimeMs}`;
  const cached = cachePath === undefined ? undefined : fromText(await ports.files.readText(cachePath), key);
  if (cached !== undefined) return cached;
  let isWhole = true;
  const answers: Partial<Record<FfmpegQueryName, FfmpegAnswer>> = {};
  await Promise.all(
    ffmpegQueries.map(async ({ name, argv }) => {
      const result = await ports.process.run(ffmpegPath, argv, { timeoutMs: queryTimeoutMs });
      if (result.timedOut || result.exitCode === undefined) isWhole = false;
      answers[name] = { stdout: result.stdout, succeeded: result.exitCode === 0 };
    }),
  );
  if (answers.version?.succeeded !== true) return undefined;
  const known = parseFfmpegFacts(ffmpegPath, answers);
  const facts = { ...known, trials: await tryEncoders(ports.process, ffmpegPath, known.encoders) };
  // Half an answer, from a machine too busy to give a whole one, would be believed until the next ffmpeg.
  if (cachePath !== undefined && isWhole) await ports.files.writeAtomic(cachePath, toText(facts, key), 0o600).catch(() => undefined);
  return facts;
}

function toText(facts: FfmpegFacts, key: string): string {
  const plain = {
    ...facts,
    protocols: [...facts.protocols],
    muxers: [...facts.muxers],
    demuxers: [...facts.demuxers],
    encoders: [...facts.encoders],
    filters: [...facts.filters],
    trials: [...(facts.trials ?? [])],
    options: [...facts.options].map(([name, options]) => [name, [...options]]),
  };
  return `${JSON.stringify({ key, facts: plain })}\n`;
}

function fromText(text: string | undefined, key: string): FfmpegFacts | undefined {
  if (text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as { key: string; facts: Record<string, unknown> };
    if (parsed.key !== key) return undefined;
    const { facts } = parsed;
    const set = (name: string): ReadonlySet<string> => new Set(facts[name] as string[]);
    return {
      path: facts['path'] as string,
      version: facts['version'] as string,
      protocols: set('protocols'),
      muxers: set('muxers'),
      demuxers: set('demuxers'),
      encoders: set('encoders'),
      filters: set('filters'),
      trials: new Map(facts['trials'] as [string, string][]),
      options: new Map((facts['options'] as [string, string[]][]).map(([name, options]) => [name, new Set(options)])),
    };
  } catch {
    return undefined;
  }
}
