// One stream under supervision, as the supervisor and the status see it.

import type { StreamConfig } from '../core/config.ts';
import type { JobPlan } from '../core/job-plan.ts';
import type { Order, StartStage, StreamStatus } from '../core/status.ts';
import type { Spoilt } from './codec-guard.ts';
import type { JobOutput } from './job-output.ts';
import type { FoundJob } from './job-record.ts';
import type { LegWatch } from './leg-watch.ts';
import type { ManagedProcess } from './managed-process.ts';
import type { Demand } from './on-demand/demand-unit.ts';
import type { SourceKeeper } from './source-keeper.ts';

/** A stream and its job. */
export interface JobUnit {
  readonly id: string;
  readonly stream: () => StreamConfig;
  readonly process: ManagedProcess;
  readonly legs: { readonly primary: LegWatch; readonly backup: LegWatch };
  readonly output: JobOutput;
  readonly plan: () => JobPlan | undefined;
  /** When segments were finished that nobody can decode. */
  readonly spoilt: () => Spoilt | undefined;
  readonly sources: SourceKeeper;
  readonly definition: () => 'current' | 'changed' | 'removed';
  readonly stage: () => StartStage;
  readonly lastFailure: () => StreamStatus['lastFailure'];
  /** A new definition from streams.yaml (undefined: removed); a running job keeps its old one until it is restarted. */
  redefine(stream: StreamConfig | undefined): void;
  /** `resumed`: nobody said it now; it was ordered before, and what is known of the sources holds. */
  /** The command that this definition makes is another one than that of the present job. */
  differs(next: StreamConfig): boolean;
  /** Back to the definition that last delivered, with a restart; false when there is none, or it is the present one. */
  rollback(): boolean;
  order(order: Order, how?: 'resumed'): void;
  restart(): void;
  /** Takes over a job that an earlier supervisor started; the order is asked at the moment it counts. */
  adopt(found: FoundJob, order: () => Order): Promise<void>;
  /** One look at everything that may have changed. */
  tick(): Promise<void>;
}

/** The same with what viewers have to say. */
export interface StreamUnit extends JobUnit {
  readonly demand: Demand;
}
