// Asks a source for its codecs with ffprobe; opens a connection to the provider for as long as that takes.

import type { SourceConfig } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import type { Ports } from '../core/ports.ts';
import { redactText } from '../core/redact.ts';
import { parseProbe } from '../observe/stream-lines.ts';
import { probeArgv } from '../plan/probe.ts';
import { findTools } from '../stack/tools.ts';
import { missingTools } from './preflight.ts';

/** A slow provider needs up to 25 s for its first byte, ffprobe a few more for a picture. */
const probeTimeoutMs = 40_000;

export async function probeSource(
  ports: Ports,
  source: SourceConfig,
  ffmpeg: FfmpegFacts,
  secrets: readonly string[],
): Promise<SourceFacts> {
  const { ffprobe } = await findTools(ports);
  if (ffprobe === undefined) throw missingTools(['ffprobe']);
  const { stdout, stderr, timedOut } = await ports.process.run(ffprobe, probeArgv(source, ffmpeg), { timeoutMs: probeTimeoutMs });
  const facts = parseProbe(stdout);
  if (facts !== undefined) return facts;
  const lines = redactText(stderr, secrets)
    .split('\n')
    .filter((line) => line.trim() !== '');
  throw new AppError({
    exitCode: timedOut ? ExitCode.tryAgain : ExitCode.answerIsBad,
    code: 'probe-failed',
    message: timedOut
      ? `${source.display} told no codecs within ${probeTimeoutMs / 1000} s`
      : `${source.display} has no picture or sound that ffprobe can read`,
    evidence: lines.slice(-3),
    next: 'iptv validate',
  });
}
