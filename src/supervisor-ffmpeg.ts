// What the installed ffmpeg can do, asked once; its hardware encoders are tried again before jobs start.

import type { FfmpegFacts } from './core/facts.ts';
import type { Ports } from './core/ports.ts';
import { tryAgain } from './run/encoder-trials.ts';
import { readFfmpegFacts } from './run/ffmpeg-cache.ts';
import { findTools } from './stack/tools.ts';

export interface SupervisorFfmpeg {
  /** undefined until known, and while none is installed. */
  readonly facts: () => FfmpegFacts | undefined;
  /** Before each start of a job; looks for ffmpeg again when it was not found before. */
  ready(): Promise<void>;
}

/** Many jobs that start together need one trial. */
const trialEveryMs = 5000;

export function createSupervisorFfmpeg(ports: Ports, cachePath: string, lost: (message: string) => void): SupervisorFfmpeg {
  let facts: FfmpegFacts | undefined;
  let asking: Promise<void> | undefined;
  let triedAt = -Infinity;

  async function ask(): Promise<void> {
    if (facts !== undefined) {
      const now = await tryAgain(ports.process, facts);
      for (const [name, why] of now.trials ?? [])
        if (why !== '' && facts.trials?.get(name) === '') lost(`encoder ${name} worked and does not any more (${why})`);
      facts = now;
    } else {
      const { ffmpeg: path } = await findTools(ports);
      if (path !== undefined) facts = await readFfmpegFacts(ports, path, cachePath);
    }
    triedAt = ports.clock.monotonic();
  }

  return {
    facts: () => facts,
    async ready() {
      const hasHardware = [...(facts?.trials?.values() ?? [])].includes('');
      if (facts !== undefined && (!hasHardware || ports.clock.monotonic() - triedAt < trialEveryMs)) return;
      asking ??= ask().finally(() => (asking = undefined));
      await asking;
    },
  };
}
