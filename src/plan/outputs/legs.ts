// The output of every job: one tee, a slave per leg, and the reason of each word.

import type { StreamConfig } from '../../core/config.ts';
import type { Endpoints } from '../../core/job-plan.ts';
import { step, type Step } from '../step.ts';
import type { Tracks } from '../tracks.ts';
import { flvLeg } from './flv-leg.ts';
import { hlsLeg } from './hls-leg.ts';
import { teeArgument, type Slave } from './tee.ts';

export function legWords(
  stream: StreamConfig,
  tracks: Tracks,
  endpoints: Endpoints,
  startNumber: number | undefined,
  redact: (text: string) => string,
): Step {
  const hls = hlsLeg(stream.id, stream.output, endpoints, startNumber);
  const slaves = tracks.legs.map((leg) => (leg === 'primary' ? flvLeg(stream.id, tracks, endpoints) : hls));
  // Redacted before it is escaped: a backslash inside a secret would hide it from redaction.
  const shown = slaves.map((slave) => ({ ...slave, target: redact(slave.target) }));
  return step(['-f', 'tee', teeArgument(slaves)], why(shown), ['-f', 'tee', teeArgument(shown)]);
}

function why(slaves: readonly Slave[]): string {
  const opening = slaves.length > 1 ? 'one set of packets, two legs that fail and heal apart' : 'one leg, which heals by itself';
  const lines = slaves.flatMap((slave) => [slave.target, ...slave.options.map((word) => `  ${word.name}: ${word.why}`)]);
  return [opening, ...lines].join('\n');
}
