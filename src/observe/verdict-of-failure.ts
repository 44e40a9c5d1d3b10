// Which layer a failed job accuses: the table from causes to verdicts.

import type { VerdictLayer, VerdictName } from '../core/verdict.ts';
import type { FailureWitness, Finding } from './verdict.ts';

type Accused = readonly [name: VerdictName, layer: VerdictLayer];

const sourceDead: Accused = ['source-dead', 'source'];
const silent: Accused = ['source-silent', 'source'];
const hung: Accused = ['job-hung', 'job'];
const failing: Accused = ['job-failing', 'job'];

const accused: Readonly<Record<string, Accused>> = {
  auth: sourceDead,
  'not-found': sourceDead,
  'rate-limited': sourceDead,
  rejected: sourceDead,
  'upstream-5xx': sourceDead,
  dns: sourceDead,
  refused: sourceDead,
  unreachable: sourceDead,
  tls: sourceDead,
  timeout: sourceDead,
  reset: sourceDead,
  ended: sourceDead,
  'not-media': sourceDead,
  'hls-stale': sourceDead,
  blocked: sourceDead,
  'resolve-failed': sourceDead,
  'resolve-refused': sourceDead,
  // Off air for want of a source; the job is not at fault.
  'provider-limit': sourceDead,
  stalled: silent,
  'no-output': hung,
  'job-hung': hung,
  'codec-changed': ['degraded', 'source'],
  'leg-dead': ['rtmp-refused', 'rtmp'],
  output: ['rtmp-refused', 'rtmp'],
  'disk-full': ['volume-full', 'volume'],
  permission: ['volume-denied', 'volume'],
  'permission-denied': ['volume-denied', 'volume'],
  'read-only': ['volume-denied', 'volume'],
};

/** A cause that is not known accuses the job: nothing speaks against the source. */
export function verdictOfFailure(failure: FailureWitness): Finding {
  const { cause, message, evidence, hadDelivered } = failure;
  // A read that timed out in the middle of play is the same silence as a stall, seen by ffmpeg first.
  const [name, layer] = cause === 'timeout' && hadDelivered ? silent : (accused[cause] ?? failing);
  return { name, layer, reason: message, evidence };
}
