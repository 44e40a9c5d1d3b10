// Decodes single segments on suspicion, a few at a time for the whole house.

import type { FfmpegFacts } from '../core/facts.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { Ports } from '../core/ports.ts';
import { proofCommand, readProof } from '../observe/segment-proof.ts';

/** What is wrong with a segment of the HLS folder, by its name; undefined: nothing, or nobody could say it in time. */
export type SegmentCheck = (name: string) => Promise<string | undefined>;

/** A provider that stumbles does so in all its channels: what is over the limit is shown unchecked. */
const mostAtOnce = 2;
/** A segment that waits for longer would make its leg late, and a player's cushion thin. */
export const longestCheckMs = 1000;

export function createSegmentCheck(options: {
  readonly ports: Pick<Ports, 'process'>;
  readonly endpoints: Pick<Endpoints, 'hlsDirectory'>;
  readonly ffmpeg: () => Pick<FfmpegFacts, 'path'> | undefined;
  readonly timeoutMs?: number;
}): SegmentCheck {
  let running = 0;
  return async (name) => {
    const ffmpeg = options.ffmpeg();
    if (ffmpeg === undefined || running >= mostAtOnce || !/^[\w-]+\.ts$/.test(name)) return undefined;
    running += 1;
    try {
      const { file, argv } = proofCommand(ffmpeg.path, `${options.endpoints.hlsDirectory}/${name}`);
      const ran = await options.ports.process.run(file, argv, { timeoutMs: options.timeoutMs ?? longestCheckMs, inherit: 'bare' });
      return ran.timedOut ? undefined : readProof(ran.stderr);
    } catch {
      return undefined;
    } finally {
      running -= 1;
    }
  };
}
