// Tries the hardware encoders that an ffmpeg was built with: a short encode each, for being in the list of encoders says nothing.

import type { FfmpegFacts } from '../core/facts.ts';
import { hardwareEncoders, type HardwareEncoder } from '../core/ladder.ts';
import type { ProcessPort } from '../core/ports.ts';
import { hardwareRecipe, trialArgv } from '../plan/ladder/encoders.ts';

const trialTimeoutMs = 15_000;
const longestReason = 160;

/** '' for one that works, otherwise why not; nothing for those that are not built in. */
export async function tryEncoders(
  process: Pick<ProcessPort, 'run'>,
  ffmpegPath: string,
  encoders: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const trials = new Map<HardwareEncoder, string>();
  for (const name of hardwareEncoders) {
    if (!encoders.has(hardwareRecipe(name).codec)) continue;
    const { exitCode, stderr, timedOut } = await process.run(ffmpegPath, trialArgv(name), { timeoutMs: trialTimeoutMs });
    trials.set(name, exitCode === 0 ? '' : timedOut ? `no picture within ${trialTimeoutMs / 1000} s` : reasonIn(stderr));
  }
  return trials;
}

/** The first line says what is missing, the ones after it what follows from that. */
function reasonIn(stderr: string): string {
  const line = stderr.split('\n').find((text) => text.trim() !== '') ?? 'it ended without a word';
  return line
    .replace(/^\[[^\]]*\]\s*/, '')
    .trim()
    .slice(0, longestReason);
}

/** Tries those again that worked: a device may be gone since. The same object when nothing has changed. */
export async function tryAgain(process: Pick<ProcessPort, 'run'>, facts: FfmpegFacts): Promise<FfmpegFacts> {
  const working = [...(facts.trials ?? [])].filter(([, why]) => why === '').map(([name]) => name);
  if (working.length === 0) return facts;
  const codecs = new Set(hardwareEncoders.filter((name) => working.includes(name)).map((name) => hardwareRecipe(name).codec));
  const now = await tryEncoders(process, facts.path, codecs);
  if ([...now.values()].every((why) => why === '')) return facts;
  return { ...facts, trials: new Map([...(facts.trials ?? []), ...now]) };
}
