// Ends a process that nobody needs any more: asks twice, then kills, a step each time it is called after its wait.

import type { Ports } from '../../core/ports.ts';

/** As for jobs (lifecycle.ts): ffmpeg ignores the first TERM while its input stalls. */
const ladder = [
  { signal: 'SIGTERM', waitMs: 2000 },
  { signal: 'SIGTERM', waitMs: 3000 },
  { signal: 'SIGKILL', waitMs: 5000 },
] as const;

/** The function it returns is called again and again until it says true: gone. */
export function stopByLadder(
  { process, clock }: Pick<Ports, 'process' | 'clock'>,
  found: { readonly pid: number; readonly startTime: string },
): () => boolean {
  let step = 0;
  let nextAt = -Infinity;
  return () => {
    const info = process.inspect(found.pid);
    if (info === undefined || info.startTime !== found.startTime || info.state === 'Z') return true;
    const now = clock.monotonic();
    if (now < nextAt) return false;
    const { signal, waitMs } = ladder[Math.min(step, ladder.length - 1)] ?? ladder[2];
    step += 1;
    nextAt = now + waitMs;
    process.signalGroup(found.pid, found.startTime, signal);
    return false;
  };
}
