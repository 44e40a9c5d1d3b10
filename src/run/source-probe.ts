// Looks whether a source sends media, with ffprobe, few at a time; the caller holds the provider's connection.

import type { SourceConfig } from '../core/config.ts';
import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import type { ProcessPort } from '../core/ports.ts';
import { classifyFailure } from '../observe/failure-class.ts';
import { parseProbe } from '../observe/stream-lines.ts';
import { probeArgv } from '../plan/probe.ts';

export type ProbeAnswer =
  | { readonly ok: true; readonly facts: SourceFacts | undefined }
  | { readonly ok: false; readonly cause: string; readonly message: string; readonly evidence: readonly string[] };

export type ProbeSource = (source: SourceConfig) => Promise<ProbeAnswer>;

/** A slow provider needs up to 25 s for its first byte, ffprobe a few more for a picture. */
const probeTimeoutMs = 30_000;
/** ffprobe takes a good part of a core for a second or two; fifty channels on their backups must not take them all. */
const atOnce = 2;

export function createSourceProbe(options: {
  readonly process: Pick<ProcessPort, 'run'>;
  readonly ffmpeg: () => FfmpegFacts | undefined;
  readonly ffprobe: () => Promise<string | undefined>;
  readonly redact: (text: string) => string;
}): ProbeSource {
  let running = 0;
  const queue: (() => void)[] = [];

  async function turn(): Promise<void> {
    if (running >= atOnce) await new Promise<void>((resolve) => queue.push(resolve));
    else running += 1;
  }

  function leave(): void {
    const next = queue.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  return async (source) => {
    // A made-up picture is always there.
    if (source.kind === 'test') return { ok: true, facts: undefined };
    await turn();
    try {
      return await look(source);
    } finally {
      leave();
    }
  };

  async function look(source: SourceConfig): Promise<ProbeAnswer> {
    const [ffmpeg, ffprobe] = [options.ffmpeg(), await options.ffprobe()];
    if (ffmpeg === undefined || ffprobe === undefined) {
      return { ok: false, cause: 'ffprobe-missing', message: 'ffprobe was not found, so the source cannot be looked at', evidence: [] };
    }
    const { stdout, stderr, timedOut, exitCode, signal } = await options.process.run(ffprobe, probeArgv(source, ffmpeg), {
      timeoutMs: probeTimeoutMs,
    });
    const facts = parseProbe(stdout);
    if (facts !== undefined) return { ok: true, facts };
    if (timedOut) return { ok: false, cause: 'timeout', message: `no picture or sound within ${probeTimeoutMs / 1000} s`, evidence: [] };
    const lines = stderr.split('\n').filter((line) => line.trim() !== '');
    const { cause, message, evidence } = classifyFailure(lines.map(options.redact), { code: exitCode, signal });
    return { ok: false, cause: cause === 'ended' || cause === 'unknown' ? 'not-media' : cause, message, evidence };
  }
}
