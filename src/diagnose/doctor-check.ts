// A check of `iptv doctor`: what it runs, and what help and docs/doctor.md say about it.

import type { Check } from './check.ts';
import type { DoctorContext } from './context.ts';
import type { DoctorFacts } from './doctor-facts.ts';

export const checkGroups = ['Machine', 'Stack', 'HLS folder', 'Delivery', 'Streams'] as const;
export type CheckGroup = (typeof checkGroups)[number];

export interface DoctorCheck extends Check<DoctorContext, DoctorFacts> {
  readonly group: CheckGroup;
  /** What it looks at, in a sentence or two; for `--list` and docs/doctor.md. */
  readonly about: string;
  /** Every code its findings can have, and what it means; a test compares them with the source. */
  readonly finds: Readonly<Record<string, string>>;
  /** Runs only when it is named: it takes long, or it touches what others pay for. */
  readonly onDemand?: true;
  /** Needs nothing from streams.yaml. */
  readonly worksWithoutList?: true;
}
